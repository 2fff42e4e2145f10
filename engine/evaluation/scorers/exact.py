"""Exact and normalised match, contains, and closeness by edits: one answer against one expected text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.text import normalise


def _same_text(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


class Exact:
    """Right when the answer is the expected text, letter by letter; spaces around it do not count."""

    name = "exact"
    title = "Exact match"
    unit: Unit = "right"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return 1 or 0 per pair; an empty answer is unreadable."""
        return [_equal(_same_text(p.expected), _same_text(p.answer)) for p in pairs]


class Normalised:
    """Right when both are the same after case, spaces, punctuation and number format are evened out."""

    name = "normalised"
    title = "Match, ignoring case and punctuation"
    unit: Unit = "right"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return 1 or 0 per pair; an empty answer is unreadable unless the expected one is empty too."""
        return [_equal(normalise(p.expected), normalise(p.answer)) for p in pairs]


def _equal(expected: str, answer: str) -> RowScore:
    if not answer and expected:
        return UNREADABLE
    return RowScore(float(expected == answer))


class Contains:
    """Right when the expected words appear in the answer, one after the other."""

    name = "contains"
    title = "Contains the expected answer"
    unit: Unit = "right"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return 1 or 0 per pair, on whole words; an empty answer is unreadable."""
        return [self._one(normalise(p.expected), normalise(p.answer)) for p in pairs]

    @staticmethod
    def _one(expected: str, answer: str) -> RowScore:
        return RowScore(float(f" {expected} " in f" {answer} ")) if answer else UNREADABLE


class Edit:
    """How much of the text stays when the answer is edited into the expected one (1 = the same)."""

    name = "edit"
    title = "Closeness by edits"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return 1 - insertions and deletions / total length per pair; an empty answer is unreadable."""
        return [
            RowScore(float(Indel.normalized_similarity(_same_text(p.expected), _same_text(p.answer))))
            if p.answer.strip()
            else UNREADABLE
            for p in pairs
        ]
