"""Limits of the quality measures and word lists of the language guess, read from assets/rules."""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from engine.facts.yaml_file import asset_path, load_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Group(_Strict):
    source: str
    checked: date


class SampleRules(_Group):
    """Rows measured of a large dataset, and rows listed per measure."""

    measured_rows: int
    seed: int
    listed_rows: int


class LengthRules(_Group):
    """Fences of unusual lengths (interquartile ranges of the natural logarithm)."""

    fence: float
    smallest_range: float
    fewest_rows: int
    long_factor: float
    long_tokens: int


class BalanceRules(_Group):
    """Rows per label; ratio of the most common to the rarest."""

    label_minimum: int
    label_recommended: int
    label_ratio: float


class RepetitionRules(_Group):
    """Repeated word groups inside one answer."""

    group_words: int
    fewest_words: int
    repeated_share: float


class FormRules(_Group):
    """Share from which a form is the usual one."""

    majority: float


class LanguageRules(_Group):
    """When a language is named, and when it is the odd one."""

    minority: float
    fewest_hits: float
    lead: float


class MeaningRules(_Group):
    """Groups of meaning: sample size, tries of the grouping, fences."""

    spread: float
    rows: int
    fewest_rows: int
    most_groups: int
    tries: int
    rounds: int
    clear: float
    neighbours: int
    examples: int
    lone_fence: float
    lone_most: int


class MeasureRules(_Strict):
    """assets/rules/quality.yml."""

    sample: SampleRules
    lengths: LengthRules
    balance: BalanceRules
    repetition: RepetitionRules
    forms: FormRules
    language: LanguageRules
    meaning: MeaningRules


class Languages(_Group):
    """assets/rules/languages.yml: small words (divided by blanks) and scripts (code points, both ends included)."""

    words: dict[str, str]
    scripts: dict[str, tuple[tuple[int, int], ...]]
    cannot: str


@cache
def measures() -> MeasureRules:
    """Return the limits. Raises InputError when the file has unknown or missing fields."""
    return load_yaml(asset_path("rules/quality.yml"), MeasureRules)


@cache
def languages() -> Languages:
    """Return the word lists. Raises InputError when the file has unknown or missing fields."""
    return load_yaml(asset_path("rules/languages.yml"), Languages)
