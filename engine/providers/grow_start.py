"""Start a job that lets a model write rows. Pages call this, after the gate when the endpoint is not this computer."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from engine.data.grow.ask import METHODS, AskMethod
from engine.data.grow.rulebook import grow_rules
from engine.data.split import current_split, split_table
from engine.data.versions import load_version, require_version
from engine.errors import Conflict, InputError
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.privacy.consent import Consent, check_consent
from engine.project.project import Project
from engine.providers.endpoint import Endpoint


def seed_rows(project: Project, most: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Rows a model may see: real ones, and only training rows when there is a split; a seeded sample of `most`.

    Raises Conflict when there is none.
    """
    version = require_version(project)
    frame = load_version(project, version.id)
    frame = frame[~frame["synthetic"]]
    split = current_split(project)
    if split is not None:
        table = split_table(project, split)
        held_out = table.loc[table["split"] != "train", "row_id"]
        frame = frame[~frame["row_id"].isin(held_out)]
    if frame.empty:
        raise Conflict("There is no row to start from.", "Bring real rows first.")
    if most is not None and len(frame) > most:
        frame = frame.sample(most, random_state=seed)
    return frame.sort_values("row_id").reset_index(drop=True)


def outgoing(frame: pd.DataFrame) -> list[str]:
    """The texts that would be sent: exactly what the gate scans and the consent names."""
    return [str(text) for text in frame["messages"]]


def start_growing(
    project: Project,
    endpoint: Endpoint,
    method: AskMethod,
    *,
    rows: int,
    per_row: int | None = None,
    seed: int = 0,
    language: str = "German",
    consent: Consent | None = None,
) -> Job:
    """Ask a model for rows in a job. Raises ConsentRequired, InputError, Conflict without rows."""
    limits = grow_rules()
    count = limits.per_row if per_row is None else per_row
    if method not in METHODS or not 1 <= count <= limits.most_per_row or rows < 1:
        raise InputError(
            f"{count} new rows per row are not possible.", f"Choose 1 to {limits.most_per_row}, from at least one row."
        )
    frame = seed_rows(project, rows, seed)
    if not endpoint.is_local:
        check_consent(consent, endpoint.host, outgoing(frame))
    if endpoint.id not in _known(project):
        project.records.save(endpoint)
    settings = {
        "endpoint": endpoint.id,
        "method": method,
        "per_row": count,
        "rows": len(frame),
        "row_ids": [int(row_id) for row_id in frame["row_id"]],
        "dataset_id": require_version(project).id,
        "seed": seed,
        "language": language,
        "consent": consent.id if consent else "",
    }
    title = f"Ask {endpoint.name} for new rows from {len(frame):,}"
    return JobManager(project).start("grow", "engine.providers.worker_grow", settings, title=title)


def _known(project: Project) -> Collection[str]:
    return {endpoint.id for endpoint in project.records.list(Endpoint)}
