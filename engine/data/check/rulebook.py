"""Titles, reasons and fixes per kind of finding, read from assets/rules/check.yml."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

import assets


class Kind(BaseModel):
    """What is said about one kind of finding; `fixes` in the order in which they are offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    why: str
    fixes: tuple[str, ...]


class CheckRules(BaseModel):
    """The whole file. Shares are 0..1, lengths characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    checked: datetime.date
    loop_share: float
    loop_repeats: int
    loop_characters: int
    odd_format_share: float
    kinds: dict[str, Kind]
    fixes: dict[str, str]

    @model_validator(mode="after")
    def _fixes_have_words(self) -> CheckRules:
        unknown = {fix for kind in self.kinds.values() for fix in kind.fixes} - self.fixes.keys()
        if unknown:
            raise ValueError(f"fixes without words: {sorted(unknown)}")
        return self


@lru_cache(maxsize=1)
def check_rules() -> CheckRules:
    """Return the rules; raises pydantic's ValidationError when the file has unknown or missing fields."""
    path = Path(assets.__file__).parent / "rules" / "check.yml"
    return CheckRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
