"""Rows from production logs: well rated, checked by a person where that is known, and different from one another.

Rules: facts "Domain" 2, sources. Every row of the log that is not taken gets one reason. Whether a row is there already
is decided afterwards by `novel`.
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

SCALES = (1.0, 5.0, 10.0, 100.0)  # top of the usual rating scales


class LogPlan(BaseModel):
    """How to choose rows of a log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rating: str = Field(default="", description="Column that says how good the answer was")
    good_from: float | None = Field(default=None, description="A numeric rating counts as good from here on")
    verified: str = Field(default="", description="Column that says that a person checked the answer")
    most: int | None = Field(default=None, ge=1, description="At most so many rows, spread over different questions")


@dataclass(frozen=True)
class LogRow:
    """A row of the log that is not taken; `row` is its 0-based data row."""

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
    good, checked = _good(frame, plan, file), _checked(frame, plan)
    candidates = []
    for row_id, text, label in zip(rows["row_id"], rows["messages"], rows["label"], strict=True):
        row = int(row_id)
        if not good(row):
            left.append(LogRow(row, "rating", _rated(frame[plan.rating].iloc[row])))
        elif not checked(row):
            left.append(LogRow(row, "not checked", "Nobody checked this answer."))
        else:
            candidates.append(Candidate(loads(text), "logs", label, None, False, file, {"log_row": row}))
    return Collected(candidates, sorted(left, key=lambda item: item.row))


def _rated(value: object) -> str:
    text = str(value).strip()
    return f"Rated {text[:40]!r}." if text else "Nobody rated this answer."


def _checked(frame: pd.DataFrame, plan: LogPlan) -> Callable[[int], bool]:
    if not plan.verified:
        return lambda row: True
    yes = set(grow_rules().verified_words)
    return lambda row: str(frame[plan.verified].iloc[row]).strip().casefold() in yes


def _good(frame: pd.DataFrame, plan: LogPlan, file: str) -> Callable[[int], bool]:
    if not plan.rating:
        return lambda row: True
    values = [str(value).strip().casefold() for value in frame[plan.rating]]
    numbers = pd.to_numeric(pd.Series(values), errors="coerce")
    filled = [value for value in values if value]
    if filled and int(numbers.notna().sum()) == len(filled):
        floor = plan.good_from if plan.good_from is not None else default_floor(numbers)
        if floor > float(numbers.max()):
            raise InputError(
                f"No row of {file} is rated {floor:g} or better in the column {plan.rating!r}.",
                f"The best rating is {float(numbers.max()):g}. Choose a lower limit.",
            )
        return lambda row: bool(numbers.iloc[row] >= floor)
    words = set(grow_rules().good_ratings)
    return lambda row: values[row] in words


def default_floor(numbers: pd.Series) -> float:
    """Rating from which a row is good, a share of the scale seen: 1 of 0..1, 4 of 5, 8 of 10, 80 of 100."""
    highest = float(numbers.max())
    scale = next((top for top in SCALES if highest <= top), highest)
    return scale if scale == 1.0 else scale * grow_rules().numeric_share
