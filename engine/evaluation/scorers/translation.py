"""chrF and BLEU (Popovic 2015; Papineni 2002) as sacreBLEU computes them, 0..1 instead of 0..100, for all rows at once.

BLEU uses sacreBLEU's tokens and counts only the orders a text is long enough for (`effective_order`), else identical
one-word answers would score 0. Scripts written without spaces are cut into characters. Tests compare every value
with sacreBLEU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.errors import MissingPackage
from engine.evaluation.resampling import Floats
from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.ngrams import characters, shared_runs, token_numbers
from engine.evaluation.scorers.text import mostly_without_spaces

CHRF_ORDERS, CHRF_BETA = 6, 2
BLEU_ORDERS = 4


def _rows(pairs: Sequence[Pair], values: Floats) -> list[RowScore]:
    return [
        RowScore(float(value)) if pair.answer.strip() else UNREADABLE for pair, value in zip(pairs, values, strict=True)
    ]


class ChrF:
    """F-score over runs of one to six characters, recall counted twice, per row."""

    name = "chrf"
    title = "chrF"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return chrF / 100 per pair; an empty answer is unreadable."""
        if not pairs:
            return []
        expected, answers = ([characters(text) for text in side] for side in _sides(pairs))
        precision, recall, orders = (np.zeros(len(pairs)) for _ in range(3))
        for _, shared, left, right in shared_runs(expected, answers, CHRF_ORDERS):
            both = (left > 0) & (right > 0)
            precision += both * shared / np.maximum(right, 1)
            recall += both * shared / np.maximum(left, 1)
            orders += both
        precision, recall = precision / np.maximum(orders, 1), recall / np.maximum(orders, 1)
        weighted = CHRF_BETA**2 * precision + recall
        values = (1 + CHRF_BETA**2) * precision * recall / np.where(weighted > 0, weighted, 1.0)
        return _rows(pairs, values)


def _sides(pairs: Sequence[Pair]) -> tuple[list[str], list[str]]:
    return [pair.expected for pair in pairs], [pair.answer for pair in pairs]


class Bleu:
    """Shared runs of one to four words over all rows, with a penalty for short answers."""

    name = "bleu"
    title = "BLEU"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return sentence BLEU per pair, for sorting rows only; an empty answer is unreadable.

        Raises MissingPackage.
        """
        return _rows(pairs, self.aggregate(self.statistics(pairs, [pair.expected for pair in pairs])))

    def statistics(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Floats:
        """Return answer length, expected length, four matches and four totals per row, shape (n, 10)."""
        cut = _tokenizer(characterwise=mostly_without_spaces(labels))
        left, right = _sides(pairs)
        numbers = token_numbers([cut(text.rstrip()).split() for text in (*left, *right)])
        expected, answers = numbers[: len(pairs)], numbers[len(pairs) :]
        table = np.zeros((len(pairs), 10))
        table[:, 0] = [tokens.size for tokens in answers]
        table[:, 1] = [tokens.size for tokens in expected]
        if pairs:
            for order, shared, _, total in shared_runs(expected, answers, BLEU_ORDERS):
                table[:, 1 + order] = shared
                table[:, 5 + order] = total
        return table

    def aggregate(self, sums: Floats) -> Floats:
        """Return BLEU / 100 per draw: exponential smoothing and effective order, as sacreBLEU's defaults here."""
        length, expected = sums[:, 0], sums[:, 1]
        logs, orders = np.zeros(len(sums)), np.zeros(len(sums))
        smooth = np.ones(len(sums))
        for order in range(BLEU_ORDERS):
            right, total = sums[:, 2 + order], sums[:, 6 + order]
            used = total > 0
            smooth = np.where(used & (right == 0), smooth * 2, smooth)
            precision = np.where(right > 0, right, 1 / smooth) / np.maximum(total, 1)
            logs += np.where(used, np.log(precision), 0.0)
            orders += used
        shorter = np.where(length < expected, np.exp(1 - expected / np.maximum(length, 1)), 1.0)
        value = shorter * np.exp(logs / np.maximum(orders, 1))
        return np.where(sums[:, 2:6].sum(axis=1) > 0, value, 0.0)


def _tokenizer(*, characterwise: bool) -> Callable[[str], str]:
    try:
        from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
        from sacrebleu.tokenizers.tokenizer_char import TokenizerChar
    except ImportError as error:
        raise MissingPackage("BLEU needs the package sacrebleu.", "pip install sacrebleu") from error
    kind: Any = TokenizerChar if characterwise else Tokenizer13a
    cut: Callable[[str], str] = kind()
    return cut
