"""A guess of what a column is for, and the names that give it away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.data.mapping_model import Mapping, Role
from engine.data.turns import Turns

NAMES: dict[Role, tuple[str, ...]] = {
    "system": ("system", "system_prompt", "system_message", "persona"),
    "user": (
        "prompt", "user", "question", "instruction", "query", "text", "input", "request", "message", "utterance",
        "ticket", "body", "sentence", "email", "context", "subject", "title", "description", "content", "document",
        "article", "review", "comment", "source_text", "frage", "anfrage", "pregunta",
    ),
    "assistant": (
        "completion", "assistant", "answer", "output", "response", "reply", "chosen", "target", "expected", "summary",
        "translation", "solution", "resolution", "sql", "antwort", "respuesta", "reponse", "target_text", "gold",
    ),
    "label": (
        "label", "labels", "category", "class", "intent", "queue", "topic", "tag", "sentiment", "type", "kategorie",
        "department", "team", "routing",
    ),
    "rejected": ("rejected",),
    "source": ("source", "origin", "channel", "file", "url"),
    "weight": ("weight", "sample_weight"),
    "group": (
        "group", "group_id", "customer", "customer_id", "client_id", "user_id", "conversation_id", "thread_id",
        "session_id", "document_id", "doc_id", "account_id",
    ),
    "ignore": (
        "id", "row_id", "row", "index", "uuid", "created", "created_at", "updated_at", "date", "time", "timestamp",
        "split", "lang", "language", "rating", "unnamed",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ColumnGuess:
    """One column's role; `confidence` 0..1 is ours, not a probability."""

    column: str
    role: Role
    reason: str
    confidence: float


@dataclass(frozen=True)
class Guess:
    """The shape of the file and a role per column.

    Shapes: chat, sharegpt, preference, prompt_completion, instruction, label_studio, turns, table, unknown.
    """

    shape: str
    columns: list[ColumnGuess]
    cells: Literal["text", "talk"] = "text"
    turns: Turns | None = None

    @property
    def roles(self) -> dict[str, Role]:
        """Role by column name, in file order."""
        return {guess.column: guess.role for guess in self.columns}

    def mapping(self) -> Mapping:
        """The guess as a mapping that can be applied or edited."""
        return Mapping(roles=self.roles, cells=self.cells, turns=self.turns)


def plain_name(name: str) -> str:
    """`customerID` and `Customer Id` as `customer_id`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()).strip("_")


def by_name(name: str) -> ColumnGuess | None:
    """The role a name usually means, or None."""
    plain = plain_name(name)
    for role, names in NAMES.items():
        if plain in names:
            return ColumnGuess(name, role, f"The name {name!r} usually means this.", 0.9)
    return None


def ignored(name: str) -> ColumnGuess:
    """A column that plays no part."""
    return ColumnGuess(name, "ignore", "Not needed to ask or to answer.", 0.5)
