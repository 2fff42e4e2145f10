"""Small views of the data for the screen: drafts of a mapping, sample cells, empty cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from pydantic import Field

from engine.data.mapping import Mapping, Role
from engine.data.read_result import ReadResult
from engine.errors import NotFound
from engine.project.project import Project
from engine.project.records import Record


class MappingDraft(Record):
    """What the user has chosen so far for a source; its id is the source's."""

    kind: ClassVar[str] = "mapping_draft"

    mapping: Mapping = Field(description="Roles chosen so far")


@dataclass(frozen=True)
class EmptyCells:
    """How many rows have nothing in a needed column, and the line of the first."""

    column: str
    role: Role
    count: int
    line: int


def load_draft(project: Project, source_id: str) -> Mapping | None:
    """Return the mapping chosen so far for a source."""
    try:
        return project.records.get(MappingDraft, source_id).mapping
    except NotFound:
        return None


def save_draft(project: Project, source_id: str, mapping: Mapping) -> None:
    """Keep the mapping chosen so far, so that a refresh loses nothing."""
    project.records.save(MappingDraft(id=source_id, mapping=mapping), replace=True)


def sample_values(frame: pd.DataFrame, column: str, count: int = 2) -> list[str]:
    """The first different non-empty cells of a column."""
    found: list[str] = []
    for cell in frame[column].head(200):
        if cell.strip() and cell not in found:
            found.append(cell)
            if len(found) == count:
                break
    return found


def empty_cells(read: ReadResult, mapping: Mapping) -> list[EmptyCells]:
    """Rows without a question or without an answer, per column; empty list when all are filled."""
    found = []
    roles: tuple[Role, ...] = ("user", "assistant")
    for role in roles:
        columns = mapping.columns(role)
        if not columns:
            continue
        empty = pd.concat([read.frame[name].str.strip() == "" for name in columns], axis=1).all(axis=1)
        if empty.any():
            line = int(read.lines[int(empty.to_numpy().argmax())])
            found.append(EmptyCells(" and ".join(columns), role, int(empty.sum()), line))
    return found
