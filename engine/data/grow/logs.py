"""Rows from production logs: well rated, checked by a person where that is known, different, and not there already.

Rules: facts "Domain" 2, sources. Every row of the log that is not taken gets one reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.grow.candidate import Candidate
from engine.data.grow.rulebook import grow_rules
from engine.data.mapping import Mapping, apply_mapping
from engine.data.messages import loads
from engine.errors import InputError, MappingError


class LogPlan(BaseModel):
    """How to choose rows of a log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rating: str = Field(default="", description="Column that says how good the answer was")
    good_from: float | None = Field(default=None, description="A numeric rating counts as good from here on")
    verified: str = Field(default="", description="Column that says that a person checked the answer")
    most: int | None = Field(default=None, description="At most so many rows, spread over different questions")


@dataclass(frozen=True)
class LogRow:
    """A row of the log that is not taken."""

    row: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Collected:
    """Candidates in the order of the log, and the rest with a reason each."""

    candidates: list[Candidate]
    left: list[LogRow]


def collect(frame: pd.DataFrame, mapping: Mapping, plan: LogPlan, file: str) -> Collected:
    """Choose rows of a log. Raises MappingError for an unknown column, InputError for a rating nobody reached."""
    for name in (plan.rating, plan.verified):
        if name and name not in frame.columns:
            listed = ", ".join(map(repr, frame.columns))
            raise MappingError(f"There is no column {name!r} in {file}.", f"Its columns are {listed}.")
    rows, decisions = apply_mapping(frame, mapping, file)
    left = [LogRow(decision.row_id, decision.reason, decision.detail) for decision in decisions]
    good = _good(frame, plan, file)
    checked = [str(value).strip().lower() in _YES for value in frame[plan.verified]] if plan.verified else None
    candidates = []
    for row_id, text, label in zip(rows["row_id"], rows["messages"], rows["label"], strict=True):
        row = int(row_id)
        if not good(row):
            left.append(LogRow(row, "rating", f"Rated {str(frame[plan.rating].iloc[row])[:40]!r}."))
        elif checked is not None and not checked[row]:
            left.append(LogRow(row, "not checked", "Nobody checked this answer."))
        else:
            candidates.append(Candidate(loads(text), "logs", label=label, synthetic=False, source=file))
    return Collected(candidates, sorted(left, key=lambda item: item.row))


_YES = frozenset({"1", "true", "yes", "y", "x", "verified", "checked", "ok", "approved"})


def _good(frame: pd.DataFrame, plan: LogPlan, file: str) -> Callable[[int], bool]:
    if not plan.rating:
        return lambda row: True
    values = [str(value).strip() for value in frame[plan.rating]]
    numbers = pd.to_numeric(pd.Series(values), errors="coerce")
    filled = [value for value in values if value]
    if filled and numbers.notna().sum() == len(filled):
        floor = plan.good_from if plan.good_from is not None else default_floor(numbers)
        if floor > float(numbers.max()):
            raise InputError(
                f"No row of {file} is rated {floor:g} or better in the column {plan.rating!r}.",
                f"The best rating is {float(numbers.max()):g}. Choose a lower limit.",
            )
        return lambda row: bool(numbers.iloc[row] >= floor)
    words = set(grow_rules().good_ratings)
    return lambda row: values[row].lower() in words


def default_floor(numbers: pd.Series) -> float:
    """Rating from which a row is good, a share of the scale seen: 1 of 0..1, 4 of 5, 8 of 10."""
    highest = float(numbers.max())
    scale = next((top for top in (1.0, 5.0, 10.0, 100.0) if highest <= top), highest)
    return scale if scale == 1.0 else scale * grow_rules().numeric_share
