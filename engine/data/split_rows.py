"""Divide the rows of a frame by a plan: whole clusters on one side, and what had to bend for that, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd

from engine.data.assign import assign, assign_by_time
from engine.data.clusters import close_questions, cluster_rows, questions
from engine.data.dates import date_column
from engine.data.detectable import minimum_detectable_difference
from engine.data.encoders import Report, silent
from engine.data.leakage import LeakReport, find_leaks
from engine.data.near_pairs import Load
from engine.data.rules import rules
from engine.data.split_notes import notes_of
from engine.data.split_plan import PARTS, SplitPlan, check_ratios
from engine.errors import DatasetError, InputError

Cells: TypeAlias = Callable[[str, np.ndarray], list[str]]  # (column, row ids) -> cells


@dataclass(frozen=True)
class SplitResult:
    """`table` has row_id, split, cluster in row order, and `when` for a split by time.

    `joined_from` is the score that joined similar rows; `labels` counts rows per label and part.
    """

    table: pd.DataFrame
    leaks: LeakReport
    joined_from: float
    stratified: bool
    grouped: bool
    notes: list[str] = field(default_factory=list)
    labels: dict[str, list[int]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Rows per part."""
        found = self.table["split"].value_counts()
        return {part: int(found.get(part, 0)) for part in PARTS}

    @property
    def detectable(self) -> float | None:
        """Smallest difference the test part can show (0..1)."""
        return minimum_detectable_difference(self.counts["test"])


def split_frame(
    frame: pd.DataFrame,
    plan: SplitPlan | None = None,
    *,
    cells: Cells | None = None,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
) -> SplitResult:
    """Divide rows. With `load` similar rows stay together too; without it only equal questions and groups.

    `cells` gives cells of columns the plan names. Raises DatasetError under 10 rows or when a test is impossible,
    InputError for impossible ratios, an unknown column or dates that can be read two ways.
    """
    plan = plan or SplitPlan()
    check_ratios(plan.ratios)
    check_enough(len(frame))
    ids = frame["row_id"].to_numpy()
    when = moments_of(plan, _cells(cells, plan.time, ids)) if plan.time else None
    if plan.group is not None:
        frame = with_groups(frame, _cells(cells, plan.group, ids) if plan.group else [""] * len(frame))
    labels = _cells(cells, plan.label, ids) if plan.label else frame["label"].tolist()
    prompts = questions(frame)
    close = close_questions(prompts, load, encoder, report)
    clusters, joined = cluster_rows(frame, close)
    balanced = plan.stratify and when is None and len(set(labels)) > 1
    made = only_train(frame)
    if when is None:
        parts = assign(clusters, labels if balanced else [""] * len(frame), plan.ratios, plan.seed, made)
    else:
        parts = assign_by_time(clusters, when, plan.ratios, plan.seed, made)
    grouped = bool(frame["meta"].str.contains('"group"', regex=False).any())
    if plan.ratios[2] > 0 and not (parts == "test").any():
        raise _no_test(clusters, grouped)
    columns = {"row_id": ids, "split": parts, "cluster": clusters}
    table = pd.DataFrame(columns if when is None else {**columns, "when": when}).astype({"split": "str"})
    leaks = find_leaks(parts, prompts, close, near_checked=load is not None)
    notes = notes_of(table, plan, labels)
    return SplitResult(table, leaks, joined, balanced, grouped, notes, label_counts(labels, parts))


def only_train(frame: pd.DataFrame) -> list[bool]:
    """Rows that are only ever learned from: made ones, and general ones (`train_only` in `meta`)."""
    return [
        bool(made) or ('"train_only"' in meta and json.loads(meta).get("train_only") is True)
        for made, meta in zip(frame["synthetic"], frame["meta"], strict=True)
    ]


def with_groups(frame: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """The frame with another group per row in `meta`; '' takes the group away."""
    metas = []
    for meta, group in zip(frame["meta"], groups, strict=True):
        body = json.loads(meta) if meta not in ("", "{}") else {}
        body.pop("group", None)
        if group.strip():
            body["group"] = group.strip()
        metas.append(json.dumps(body, ensure_ascii=False) if body else "{}")
    return frame.assign(meta=pd.Series(metas, index=frame.index, dtype="str"))


def moments_of(plan: SplitPlan, values: list[str]) -> np.ndarray:
    """Dates (datetime64[s], NaT = none) of the plan's time column.

    Raises InputError when day and month cannot be told apart, DatasetError when too few rows have a date.
    """
    dates = date_column(values)
    name = repr(plan.time)
    if plan.day_first is None and dates.order == "open":
        example, row = dates.example
        raise InputError(
            f"{example!r} in column {name} (row {row}) can be read with the day or with the month first.",
            "Say which comes first: day_first true or false in the recipe, --day-first or --month-first as a command.",
        )
    if plan.day_first is None and dates.order == "mixed":
        day, month = dates.contradiction()
        raise InputError(
            f"Column {name} has dates written both ways: {values[day]!r} (row {day}) and {values[month]!r} "
            f"(row {month}).",
            "Correct them in the file, or say which way is right; the others then count as rows without a date.",
        )
    when = dates.moments(day_first=plan.day_first)
    known = int((~np.isnat(when)).sum())
    if known < rules().split.dated_share * len(values):
        odd = next((cell for cell in values if cell.strip() and np.isnat(when[values.index(cell)])), "")
        seen = f" For example {odd[:40]!r} is not a date." if odd else ""
        raise DatasetError(
            f"Only {known:,} of {len(values):,} rows have a date in column {name}.{seen}",
            "Choose another column, or divide the rows by chance.",
        )
    if known and when[~np.isnat(when)].min() == when[~np.isnat(when)].max():
        raise DatasetError(
            f"All dates in column {name} are the same, so there are no newest rows.",
            "Choose another column, or divide the rows by chance.",
        )
    return when


def label_counts(labels: list[str], parts: np.ndarray) -> dict[str, list[int]]:
    """Rows per label in train, validation and test, most frequent label first; empty when there are no labels."""
    most = Counter(labels)
    if len(most) < 2 or len(most) > rules().split.labels_kept:
        return {}
    counted = Counter(zip(labels, parts.tolist(), strict=True))
    return {label: [counted[label, part] for part in PARTS] for label, _ in most.most_common()}


def _cells(cells: Cells | None, column: str | None, ids: np.ndarray) -> list[str]:
    if cells is None or column is None:
        raise InputError(f"The column {column!r} cannot be looked up for these rows.", "Split the rows of a file.")
    return cells(column, ids)


def check_enough(rows: int) -> None:
    """Raise DatasetError when so few rows cannot be divided."""
    fewest = rules().split.fewest_rows
    if rows < fewest:
        raise DatasetError(
            f"{rows} rows are too few to divide: at least {fewest} are needed.",
            "Add rows; for a result you can trust, 100 or more.",
        )


def _no_test(clusters: np.ndarray, grouped: bool) -> DatasetError:
    if len(np.unique(clusters)) > 1:
        return DatasetError(
            "Only rows that must stay in training are left, so none can be the test.",
            "Rows made by a model only ever train: add real rows.",
        )
    if grouped:
        return DatasetError(
            f"All {len(clusters):,} rows belong to one group, so there is no way to divide them.",
            "Choose another column to keep together, or none.",
        )
    return DatasetError(
        f"All {len(clusters):,} rows ask the same question, so there is no way to divide them.",
        "Leave out exact copies, and check which column is the question.",
    )
