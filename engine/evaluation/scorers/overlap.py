"""Shared words: token F1 and ROUGE-1, ROUGE-2, ROUGE-L (Lin 2004), for any script, without stemming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.text import words


def f_measure(shared: int, expected: int, answered: int) -> float:
    """Return the harmonic mean of precision and recall from counts; 0 when nothing is shared."""
    return 2 * shared / (expected + answered) if shared else 0.0


class NgramOverlap:
    """F-measure over runs of `size` words, each counted as often as it occurs."""

    unit: Unit = "score"

    def __init__(self, name: str, title: str, size: int) -> None:
        self.name = name
        self.title = title
        self.size = size

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return the F-measure per pair; an answer without any word is unreadable."""
        return [self._one(words(p.expected), words(p.answer)) for p in pairs]

    def _one(self, expected: list[str], answer: list[str]) -> RowScore:
        if not answer:
            return UNREADABLE if expected else RowScore(1.0)
        left, right = self._runs(expected), self._runs(answer)
        return RowScore(f_measure((left & right).total(), left.total(), right.total()))

    def _runs(self, tokens: list[str]) -> Counter[tuple[str, ...]]:
        return Counter(tuple(tokens[i : i + self.size]) for i in range(len(tokens) - self.size + 1))


class RougeL:
    """F-measure over the longest run of words in the same order, gaps allowed."""

    name = "rougeL"
    title = "ROUGE-L"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return ROUGE-L F per pair; an answer without any word is unreadable."""
        return [self._one(words(p.expected), words(p.answer)) for p in pairs]

    @staticmethod
    def _one(expected: list[str], answer: list[str]) -> RowScore:
        if not answer:
            return UNREADABLE if expected else RowScore(1.0)
        shared = LCSseq.similarity(expected, answer)
        return RowScore(f_measure(int(shared), len(expected), len(answer)))
