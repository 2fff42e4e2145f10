"""Reasons, limits and words of the review and of preference pairs, read from assets/rules/review.yml."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

import assets


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date


class QueueRules(_Group):
    """Sizes in rows, times in seconds."""

    sample: int
    fewest: int
    largest: int
    most_flagged: int
    break_seconds: float
    seconds_per_row: float


class ShareRules(_Group):
    """Shares (0..1) of wrong rows."""

    calm: float
    stop: float


class Band(BaseModel):
    """A word from a value on."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    start: float = Field(alias="from")
    word: str


class KappaRules(_Group):
    """What an agreement beyond chance (-1..1) is called."""

    bands: tuple[Band, ...]
    trust: float
    rework: float


class PairRules(_Group):
    """Limits of preference pairs (counts, shares, points), and words of ratings (lower case, English)."""

    fewest: int
    length_bias: float
    minimum_gap: float
    mostly: float
    rating_names: tuple[str, ...]
    up: frozenset[str]
    down: frozenset[str]


class Reason(BaseModel):
    """One entry of the fixed list of reasons."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    meaning: str
    advice: str


class ReviewRules(_Group):
    """The whole file."""

    queue: QueueRules
    share: ShareRules
    kappa: KappaRules
    pairs: PairRules
    reasons: dict[str, Reason]


@lru_cache(maxsize=1)
def review_rules() -> ReviewRules:
    """Return the rules; raises pydantic's ValidationError when the file has unknown or missing fields."""
    path = Path(assets.__file__).parent / "rules" / "review.yml"
    return ReviewRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
