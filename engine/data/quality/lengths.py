"""How long questions and answers are, in characters and estimated tokens, and which rows are far out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.rules import measures
from engine.data.quality.texts import Texts
from engine.data.tokens import tokens_of_text


@dataclass(frozen=True)
class Spread:
    """Middle, 95th percentile (nearest rank) and longest, with the row that is longest."""

    median: float
    p95: int
    longest: int
    row_id: int


def spread_of(values: Sequence[int], row_ids: Sequence[int]) -> Spread:
    """Summarise lengths. Raises ValueError for no values."""
    order = sorted(values)
    rank = max(0, math.ceil(0.95 * len(order)) - 1)  # nearest rank
    longest = max(range(len(values)), key=values.__getitem__)
    return Spread(float(np.median(order)), order[rank], values[longest], row_ids[longest])


def far_out(values: Sequence[int]) -> tuple[int, int]:
    """Lowest and highest usual length: Tukey's far-out fences on log(1 + length). Few values: nothing is unusual."""
    limits = measures().lengths
    if len(values) < limits.fewest_rows:
        return 0, max(values, default=0)
    logs = np.log1p(np.asarray(values, dtype=float))
    low, high = np.quantile(logs, [0.25, 0.75])
    reach = limits.fence * max(high - low, limits.smallest_range)
    return max(0, math.floor(math.expm1(max(low - reach, 0)))), math.ceil(math.expm1(high + reach))


def lengths(texts: Texts) -> Quality:
    """Judge the lengths; tokens are an estimate (characters / 4, within about 20 % for English)."""
    asked, told = [len(text) for text in texts.prompts], [len(text) for text in texts.answers]
    tables = {
        "question characters": asked,
        "answer characters": told,
        "question tokens": [tokens_of_text(text) for text in texts.prompts],
        "answer tokens": [tokens_of_text(text) for text in texts.answers],
        "row tokens": texts.tokens,
    }
    whole = spread_of(texts.tokens, texts.row_ids)
    rows = _unusual(texts, asked, told)
    numbers = {
        "spreads": {name: spread_of(values, texts.row_ids) for name, values in tables.items()},
        "tokens": texts.tokens,
        "question_characters": asked,
        "answer_characters": told,
    }
    verdict = (
        f"Half of the rows have under {whole.median:,.0f} tokens (estimate); the longest has about {whole.longest:,}."
    )
    limits = measures().lengths
    stretched = whole.longest > limits.long_factor * max(whole.median, 1) and whole.longest > limits.long_tokens
    level, advice = (
        ("look", "Look at the longest rows: they cost most and may be left out.") if stretched else ("good", "")
    )
    listed = tuple(rows[: measures().sample.listed_rows])
    return Quality("lengths", "Length", whole.median, level, verdict, advice, numbers, listed, len(rows))  # type: ignore[arg-type]


def _unusual(texts: Texts, asked: Sequence[int], told: Sequence[int]) -> list[OddRow]:
    found = []
    for what, values in (("question", asked), ("answer", told)):
        if what == "answer" and texts.are_labels:
            continue
        low, high = far_out(values)
        usual = f"{low:,} to {high:,} characters are usual here"
        for row_id, value in zip(texts.row_ids, values, strict=True):
            if value > high:
                found.append(OddRow(row_id, f"very long {what}", f"{value:,} characters; {usual}"))
            elif value < low:
                found.append(OddRow(row_id, f"very short {what}", f"{value:,} characters; {usual}"))
    return found
