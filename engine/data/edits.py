"""Single rows changed or left out by a person or a fix: a new version like any cleaning step, one reason per row.

Everything that touches rows outside the recipe's steps goes through here: fixes offered by the check, lanes decided on
screen, reviews by people. Rows made here go through `add_rows`: their ids lie behind the source's rows, so that a
line number never names the wrong row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.data.decisions import Decision
from engine.data.messages import COLUMNS, Message, dumps, loads, prompt_of
from engine.data.records import CleaningStep, DatasetVersion, Source
from engine.data.versions import load_version, require_version, save_version
from engine.errors import DatasetError, InputError, NotFound
from engine.project.project import Project

MANUAL = "manual"  # a setting that tells a recipe: made for these rows, not for the next file's


@dataclass(frozen=True)
class RowEdit:
    """What happens to one row: `messages` or `label` replace what is there; neither means the row is left out.

    `reason` is a short fixed word that is counted, `detail` a sentence for the list of decisions.
    """

    row_id: int
    reason: str
    detail: str
    messages: Sequence[Message] | None = None
    label: str | None = None
    partner: int | None = None
    score: float | None = None

    @property
    def drops(self) -> bool:
        """Whether the row is left out."""
        return self.messages is None and self.label is None


def edit_frame(frame: pd.DataFrame, edits: Sequence[RowEdit], step: str) -> tuple[pd.DataFrame, list[Decision]]:
    """Apply edits to canonical rows; a decision per edited row. Raises NotFound for a row that is not there."""
    place = {int(row_id): number for number, row_id in enumerate(frame["row_id"])}
    texts, labels = frame["messages"].tolist(), frame["label"].tolist()
    gone: set[int] = set()
    decisions = []
    for edit in {edit.row_id: edit for edit in edits}.values():
        if edit.row_id not in place:
            raise NotFound("A row that should change is not there any more.", "Look at the rows again.")
        number = place[edit.row_id]
        snippet = prompt_of(texts[number])
        if edit.drops:
            gone.add(number)
        if edit.messages is not None:
            texts[number] = dumps(edit.messages)
        if edit.label is not None:
            labels[number] = edit.label
        action: Any = "drop" if edit.drops else "change"
        decisions.append(
            Decision(edit.row_id, step, edit.reason, edit.detail, action, edit.partner, edit.score, snippet)
        )
    index = frame.index
    after = frame.assign(
        messages=pd.Series(texts, index=index, dtype="str"), label=pd.Series(labels, index=index, dtype="str")
    )
    kept = [number for number in range(len(frame)) if number not in gone]
    return after.iloc[kept].reset_index(drop=True), sorted(decisions, key=lambda decision: decision.row_id)


def apply_edits(
    project: Project,
    edits: Sequence[RowEdit],
    step: str,
    settings: dict[str, Any] | None = None,
    note: str = "",
    *,
    manual: bool = True,
) -> DatasetVersion:
    """Edit rows of the version in use: a new version named `step`, which undo takes back.

    `manual` False says that a recipe can do the step again by its name.

    Raises Conflict without a dataset, NotFound for an unknown row, DatasetError when no row would be left.
    """
    version = require_version(project)
    frame = load_version(project, version.id)
    after, decisions = edit_frame(frame, edits, step)
    if after.empty:
        raise DatasetError("No row would be left.", "Keep some of the rows.")
    return _saved(project, version, frame, after, decisions, step, settings, note, manual=manual)


def next_row_id(project: Project, version: DatasetVersion, frame: pd.DataFrame) -> int:
    """First free row id: behind every data row of the file and every row there is."""
    try:
        rows = project.records.get(Source, version.source_id)
        behind = rows.rows + rows.rejects
    except NotFound:
        behind = 0
    return max(behind, int(frame["row_id"].max()) + 1 if len(frame) else 0)


def add_rows(
    project: Project, rows: pd.DataFrame, step: str, settings: dict[str, Any] | None = None, note: str = ""
) -> DatasetVersion:
    """Put rows behind those in use: a new version named `step`. Row ids of `rows` are given here.

    `rows` has the canonical columns but for row_id. Raises Conflict without a dataset, InputError for missing columns.
    """
    missing = [name for name in COLUMNS if name != "row_id" and name not in rows.columns]
    if missing or rows.empty:
        raise InputError("There are no rows to add." if rows.empty else f"The rows lack the column {missing[0]!r}.")
    version = require_version(project)
    frame = load_version(project, version.id)
    start = next_row_id(project, version, frame)
    fresh = rows.assign(row_id=range(start, start + len(rows)))[list(COLUMNS)].astype(dict(frame.dtypes))
    after = pd.concat([frame, fresh], ignore_index=True)
    decisions = [
        Decision(int(row_id), step, "added", "The row was added.", "change", snippet=prompt_of(loads(text)))
        for row_id, text in zip(fresh["row_id"], fresh["messages"], strict=True)
    ]
    return _saved(project, version, frame, after, decisions, step, settings, note)


def _saved(
    project: Project,
    version: DatasetVersion,
    before: pd.DataFrame,
    after: pd.DataFrame,
    decisions: list[Decision],
    step: str,
    settings: dict[str, Any] | None,
    note: str,
    *,
    manual: bool = True,
) -> DatasetVersion:
    record = CleaningStep(
        name=step,
        settings={**(settings or {}), **({MANUAL: True} if manual else {})},
        rows_in=len(before),
        rows_out=len(after),
        changed=sum(decision.action == "change" for decision in decisions),
        counts=dict(Counter(decision.reason for decision in decisions)),
        note=note,
    )
    return save_version(project, after, record, version.id, version.source_id, decisions)
