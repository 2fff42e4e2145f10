"""What a split could not do exactly as asked, one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from engine.data.assign import out_of_order
from engine.data.rules import rules
from engine.data.split_plan import PARTS, SplitPlan

SHOWN_ROWS = 10


def notes_of(table: pd.DataFrame, plan: SplitPlan, labels: Sequence[str]) -> list[str]:
    """Sentences about a split's table (row_id, split, cluster, with dates also `when`). Never names a test row."""
    parts = table["split"].to_numpy(dtype=object)
    notes = [*_time_notes(table, parts), *_size_notes(parts, plan), *_label_notes(parts, plan, labels)]
    return [note for note in notes if note]


def joined_sentence(joined_from: float | None, *, near_checked: bool) -> str:
    """Say which rows were kept together because they are alike."""
    if not near_checked:
        return "Rows that ask exactly the same were kept together; meaning was not compared."
    if joined_from is None:
        return ""
    limits = rules()
    if joined_from >= 1:
        return (
            "Only rows that ask exactly the same were kept together: joining similar ones would have tied more than "
            f"{limits.split.largest_cluster:.0%} of the rows into one group, or there were none."
        )
    start = f"Rows whose questions are alike from {joined_from:.2f} of 1 on were kept together"
    if joined_from <= limits.near.ask_cosine + 0.001:
        return f"{start}."
    return (
        f"{start}, not from {limits.near.ask_cosine:.2f}: chains of similar rows would have tied more than "
        f"{limits.split.largest_cluster:.0%} of the rows into one group."
    )


def _size_notes(parts: np.ndarray, plan: SplitPlan) -> list[str]:
    notes = []
    for part, share in zip(PARTS, plan.ratios, strict=True):
        found = float((parts == part).mean())
        if share > 0 and not found:
            notes.append(f"The {part} part is empty: too few groups of rows to fill it.")
        elif abs(found - share) > rules().split.share_slack and part != "train":
            notes.append(
                f"The {part} part holds {found:.0%} of the rows instead of {share:.0%}, because rows that belong "
                "together stay together."
            )
    return notes


def _label_notes(parts: np.ndarray, plan: SplitPlan, labels: Sequence[str]) -> list[str]:
    counted = Counter(labels)
    if len(counted) < 2 or len(counted) > rules().split.labels_kept:
        return []
    train = {label for label, part in zip(labels, parts, strict=True) if part == "train"}
    unseen = [label for label in counted if label not in train]
    rows = sum(counted[label] for label in unseen)
    notes = [
        f"{_labels(len(unseen))} with {_rows(rows)} {_verb(len(unseen), 'stand')} only outside training: "
        "the model cannot learn them."
    ]
    held = {label for label, part in zip(labels, parts, strict=True) if part == "test"}
    untested = len(counted) - len(held)
    notes += [f"{_labels(untested)} of {len(counted):,} without a test row: too few rows."]
    return [note for note, count in zip(notes, (len(unseen), untested), strict=True) if count]


def _time_notes(table: pd.DataFrame, parts: np.ndarray) -> list[str]:
    if "when" not in table.columns:
        return []
    when = table["when"].to_numpy(dtype="datetime64[s]")
    missing = np.isnat(when)
    undated = table.loc[missing & (parts == "train"), "row_id"].tolist()
    elsewhere = int((missing & (parts != "train")).sum())
    bent = int(out_of_order(parts, when, table["cluster"].to_numpy()).sum())
    ranges = []
    for part in PARTS:
        own = when[(parts == part) & ~np.isnat(when)]
        if len(own):
            ranges.append(f"{part} {_day(own.min())} to {_day(own.max())}")
    notes = [f"Divided by date: {', '.join(ranges)}."]
    if bent:
        notes.append(
            f"{_rows(bent)} {_verb(bent, 'stand')} on another side than their date alone would put "
            "them, because rows that belong together stay together."
        )
    if undated:
        listed = ", ".join(map(str, undated[:SHOWN_ROWS])) + (", ..." if len(undated) > SHOWN_ROWS else "")
        notes.append(
            f"{_rows(len(undated))} without a readable date {_verb(len(undated), 'stay')} in training (rows {listed})."
        )
    if elsewhere:
        notes.append(
            f"{_rows(elsewhere)} without a readable date {_verb(elsewhere, 'stand')} with the rows they belong to."
        )
    return notes


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _labels(count: int) -> str:
    return f"{count:,} {'label' if count == 1 else 'labels'}"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb
