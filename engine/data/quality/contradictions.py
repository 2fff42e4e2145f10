"""Rows that ask the same and answer differently. Source: domain.md 2 (contradictory rows)."""

from __future__ import annotations

from engine.data.exact_duplicates import contradictions as same_question
from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.rules import measures
from engine.data.quality.texts import Texts


def contradictions(texts: Texts) -> Quality:
    """Value: share of rows in a contradiction."""
    found = same_question(texts.prompts, texts.answers)
    rows = [OddRow(texts.row_ids[row], "contradiction", "same question, another answer") for row, _ in found]
    share = len(rows) / len(texts)
    listed = tuple(rows[: measures().sample.listed_rows])
    if not rows:
        return Quality("contradictions", "Contradictions", 0.0, "good", "No question has two different answers.")
    least = "At least " if texts.sampled else ""  # a pair is rarely drawn whole
    verdict = f"{least}{len(rows):,} rows ask the same as another row and answer differently."
    advice = "Decide which answer is right: the model cannot learn both."
    return Quality("contradictions", "Contradictions", share, "look", verdict, advice, {}, listed, len(rows))
