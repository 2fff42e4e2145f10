"""Start a job that lets a model write rows. Pages call this, after the gate when the endpoint is not this computer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.grow.ask import AskMethod, room_for, sent_text
from engine.data.grow.rulebook import grow_rules
from engine.data.grow.seeds import seed_rows
from engine.data.grow.start import KIND, refuse_second
from engine.data.messages import loads
from engine.data.tokens import CAVEAT, estimate_tokens
from engine.data.versions import require_version
from engine.errors import InputError, NotFound
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.privacy.consent import Consent, check_consent
from engine.project.project import Project
from engine.providers.endpoint import Endpoint

EXAMPLES = 4  # real rows shown to the model per request for new ones
INSTRUCTIONS = 600  # characters of our own instructions per request, about


@dataclass(frozen=True)
class TokenBill:
    """What a run will send and get back, in tokens; low is without any answer near its limit, high is the limit."""

    requests: int
    sent: tuple[int, int]
    answered: tuple[int, int]
    caveat: str = CAVEAT


def outgoing(frame: pd.DataFrame, method: AskMethod) -> list[str]:
    """The texts that would be sent, one per row: exactly what the gate scans and the consent names."""
    return [sent_text(loads(text), method) for text in frame["messages"]]


def bill_of(frame: pd.DataFrame, method: AskMethod, per_row: int) -> TokenBill:
    """Tokens of a run, estimated from characters. Back-translation asks twice, new rows show several examples."""
    texts = outgoing(frame, method)
    characters = sum(map(len, texts))
    asks = {"paraphrase": 1, "back_translation": 2, "seed": 1}[method]
    shown = min(EXAMPLES, len(texts)) if method == "seed" else asks
    rows = 1 if method == "back_translation" else per_row
    requests = len(frame) * asks
    sent = estimate_tokens(characters * shown + INSTRUCTIONS * requests, 2 * requests)
    back = estimate_tokens(characters * asks * rows)
    room = asks * sum(room_for(loads(text), rows) for text in frame["messages"])
    return TokenBill(requests, (sent.low, sent.high), (back.low // 2, room))


class Wish(BaseModel):
    """What is wanted of a model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: AskMethod = Field(description="Other wordings, there and back through a language, or new rows")
    rows: int = Field(description="Start from at most so many rows")
    per_row: int = Field(default_factory=lambda: grow_rules().per_row, description="New rows from each of them")
    seed: int = Field(default=0, description="Decides which rows are chosen")
    through: str = Field(default="German", description="Language a back-translation passes")
    language: str = Field(default="English", description="Language of the rows")
    encoder: Literal["minilm", "static", "none"] = Field(default="minilm", description="How meaning is compared")


def settings_for(project: Project, endpoint: Endpoint, wish: Wish, consent: Consent | None = None) -> dict[str, Any]:
    """Settings of the job. Raises ConsentRequired, InputError for impossible numbers, Conflict without rows."""
    most = grow_rules().most_per_row
    if not 1 <= wish.per_row <= most or wish.rows < 1:
        raise InputError(
            f"{wish.per_row} new rows from each of {wish.rows} rows are not possible.",
            f"Choose 1 to {most}, from at least one row.",
        )
    frame = seed_rows(project, wish.rows, wish.seed)
    if not endpoint.is_local:
        check_consent(consent, endpoint.host, outgoing(frame, wish.method))
    return {
        **wish.model_dump(),
        "endpoint": endpoint.id,
        "rows": len(frame),
        "row_ids": [int(row_id) for row_id in frame["row_id"]],
        "dataset_id": require_version(project).id,
        "consent": consent.id if consent else "",
    }


def start_growing(project: Project, endpoint: Endpoint, wish: Wish, consent: Consent | None = None) -> Job:
    """Ask a model for rows in a job. Raises as `settings_for`, and Conflict while another such job runs."""
    settings = settings_for(project, endpoint, wish, consent)
    refuse_second(project)
    save_endpoint(project, endpoint)
    title = f"Ask {endpoint.name} for new rows from {settings['rows']:,}"
    return JobManager(project).start(KIND, "engine.providers.worker_grow", settings, title=title)


def save_endpoint(project: Project, endpoint: Endpoint) -> None:
    """Keep an endpoint once."""
    try:
        project.records.get(Endpoint, endpoint.id)
    except NotFound:
        project.records.save(endpoint)
