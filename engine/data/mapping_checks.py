"""What a mapping would run into, told before the rows are made; and the mapping chosen before for the same file."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.guess import Guess
from engine.data.mapping_model import Mapping, Role
from engine.data.page_view import load_draft, save_draft
from engine.data.read_result import ReadResult
from engine.data.records import Source
from engine.data.source_table import SourceTable
from engine.data.weights import read_weight
from engine.project.project import Project


@dataclass(frozen=True)
class CellProblem:
    """Rows whose cell in a column cannot do what the column is for. `looked` rows were looked at."""

    column: str
    role: Role
    count: int
    row: int
    value: str
    looked: int


def cell_problems(read: ReadResult, mapping: Mapping) -> list[CellProblem]:
    """Empty questions, answers and turns, and weights that are none; of a large file its first rows are looked at."""
    if mapping.turns is not None:
        columns = {"user": [mapping.turns.text_column]}
    else:
        columns = {
            "user": [] if mapping.user_template or mapping.cells == "talk" else mapping.columns("user"),
            "assistant": [] if mapping.answer_template else mapping.columns("assistant"),
        }
    found = []
    for role, names in columns.items():
        if names:
            looked = _looked(read, names)
            empty = pd.concat([looked[name].str.strip() == "" for name in names], axis=1).all(axis=1).to_numpy()
            if empty.any():
                count, first = int(empty.sum()), int(empty.argmax())
                found.append(CellProblem(" and ".join(names), role, count, first, "", len(looked)))  # type: ignore[arg-type]
    for name in mapping.columns("weight"):
        cells = _looked(read, [name])[name].tolist()
        bad = [row for row, cell in enumerate(cells) if read_weight(cell) is None]
        if bad:
            found.append(CellProblem(name, "weight", len(bad), bad[0], cells[bad[0]], len(cells)))
    return found


def _looked(read: ReadResult, names: list[str]) -> pd.DataFrame:
    return read.sample(names) if isinstance(read, SourceTable) else read.frame[names]


def first_draft(project: Project, source: Source, guess: Guess) -> Mapping:
    """What was chosen for this source, else for an earlier reading of its first file, else the guess.

    Columns that are new since then are ignored until the user gives them a role.
    """
    draft = load_draft(project, source.id)
    if draft is not None:
        return draft
    first = source.files()[0].sha256
    for older in reversed(project.records.list(Source)):
        if older.id == source.id or older.files()[0].sha256 != first:
            continue
        kept = load_draft(project, older.id)
        if kept is not None and set(kept.roles) | set(kept.used()) <= set(source.columns):
            roles = {name: kept.roles.get(name, "ignore") for name in source.columns}
            draft = kept.model_copy(update={"roles": roles})
            save_draft(project, source.id, draft)
            return draft
    return guess.mapping()
