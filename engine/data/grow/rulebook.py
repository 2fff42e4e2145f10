"""Limits and defaults of growing, read from assets/rules/grow.yml."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

import assets


class GrowRules(BaseModel):
    """Shares are 0..1, counts are rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    checked: datetime.date
    general_share: float
    most_share: float
    per_row: int
    most_per_row: int
    pending_most: int
    slot_fewest_rows: int
    slot_values_most: int
    number_fewest_digits: int
    copy_from: float
    good_ratings: tuple[str, ...]
    verified_words: tuple[str, ...]
    numeric_share: float


@lru_cache(maxsize=1)
def grow_rules() -> GrowRules:
    """Return the rules; raises pydantic's ValidationError when the file has unknown or missing fields."""
    path = Path(assets.__file__).parent / "rules" / "grow.yml"
    return GrowRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
