"""Thresholds and word lists of the cleaning steps, read from assets/rules/cleaning.yml."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

import assets


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date


class NearRules(_Group):
    """Thresholds (cosine or ratio, 0..1) of the near-duplicate search; counts in rows."""

    remove_cosine: float
    ask_cosine: float
    levenshtein: float
    static_candidate: float
    static_remove: float
    static_ask: float
    leak_margin: float
    label_remove_cosine: float
    label_ask_cosine: float
    ask_most: int
    pairs_per_row: int
    looks_per_row: int
    rescore_margin: float
    direct_rows: int
    refuse_rows: int


class AnswerRules(_Group):
    """When an answer is too short, and when answers are labels instead of free text (characters, shares)."""

    shortest_answer: int
    label_median: float
    label_share: float
    label_values: int


class QualityRules(_Group):
    """Limits from which the quality page warns."""

    format_consistency: float
    diversity: float
    fewest_rows: int
    prefix_characters: int
    answer_prefix_characters: int
    repeated_answer: float
    smallest_label: int
    label_ratio: float


class SplitRules(_Group):
    """Split defaults (shares, rows) and the normal quantiles of the smallest visible difference."""

    fewest_rows: int
    ratios: tuple[float, float, float]
    discordance: float
    largest_cluster: float
    rare_share: float
    dated_share: float
    share_slack: float
    target_difference: float
    larger_test: tuple[float, float, float]
    worth_points: float
    fewest_train: int
    labels_kept: int
    z_alpha: float
    z_power: float


class TokenRules(_Group):
    """Characters per token and the spread of the estimate (share)."""

    characters_per_token: float
    spread: float


class ReadingRules(_Group):
    """Limits of the file readers (bytes, rows, lines, characters)."""

    sample_bytes: int
    sample_rows: int
    preamble_lines: int
    newlines_in_cell: int
    chunk_rows: int
    kept_rejects: int
    raw_characters: int
    workbook_bytes: int
    delimiters: tuple[str, ...]
    encodings: tuple[str, ...]


class WordRules(_Group):
    """Word lists of the guards, lower case, English."""

    negation: frozenset[str]
    numbers: dict[str, str]
    not_entities: frozenset[str]
    stop: frozenset[str]
    first_person: frozenset[str]
    second_person: frozenset[str]
    calendar: frozenset[str]
    askers: frozenset[str]
    pivots: frozenset[str]
    fillers: frozenset[str]
    units: dict[str, str]
    opposite_prefixes: tuple[str, ...]
    antonyms: tuple[tuple[str, str], ...]


class CleaningRules(_Group):
    """The whole file."""

    near: NearRules
    answers: AnswerRules
    quality: QualityRules
    split: SplitRules
    tokens: TokenRules
    reading: ReadingRules
    words: WordRules


@lru_cache(maxsize=1)
def rules() -> CleaningRules:
    """Return the rules; raises pydantic's ValidationError when the file has unknown or missing fields."""
    path = Path(assets.__file__).parent / "rules" / "cleaning.yml"
    return CleaningRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
