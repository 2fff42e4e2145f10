"""The rows a run reads: training and validation, never test."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from engine.data.messages import Message, dumps, loads
from engine.data.records import Split
from engine.data.split import rows_of
from engine.project.project import Project

Part = Literal["train", "validation"]


@dataclass(frozen=True)
class TrainingRow:
    """One conversation; `row_id` is the 0-based data row of the source."""

    row_id: int
    messages: list[Message]


def load_rows(project: Project, split_id: str, part: Part) -> list[TrainingRow]:
    """Return the rows of one side of a split, in its order. Raises NotFound."""
    frame = rows_of(project, project.records.get(Split, split_id), part)
    return [
        TrainingRow(int(row_id), loads(text)) for row_id, text in zip(frame["row_id"], frame["messages"], strict=True)
    ]


def with_system(messages: list[Message], system_prompt: str) -> list[Message]:
    """Put the instruction first when the conversation has none of its own."""
    if not system_prompt or any(turn["role"] == "system" for turn in messages):
        return messages
    return [{"role": "system", "content": system_prompt}, *messages]


def rows_hash(train: list[TrainingRow], validation: list[TrainingRow]) -> str:
    """Return one hash over both sides, order included: decides whether a resumed run still sees the same data."""
    digest = hashlib.sha256()
    for part, rows in (("train", train), ("validation", validation)):
        digest.update(f"{part} {len(rows)}\n".encode())
        for row in rows:
            digest.update(f"{row.row_id} {dumps(row.messages)}\n".encode())
    return digest.hexdigest()
