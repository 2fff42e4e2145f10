"""chrF and BLEU through sacreBLEU (Popovic 2015; Papineni 2002; Post 2018), 0..1 instead of 0..100.

BLEU counts only the orders a text is long enough for (`effective_order`), else identical one-word answers would
score 0. Scripts written without spaces are cut into characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import MissingPackage
from engine.evaluation.resampling import Floats
from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.text import mostly_without_spaces


def _metrics() -> Any:
    try:
        import sacrebleu.metrics as metrics
    except ImportError as error:
        raise MissingPackage("BLEU and chrF need the package sacrebleu.", "pip install sacrebleu") from error
    return metrics


class ChrF:
    """F-score over runs of characters, per row."""

    name = "chrf"
    title = "chrF"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return chrF / 100 per pair; an empty answer is unreadable. Raises MissingPackage."""
        metric = _metrics().CHRF()
        return [
            RowScore(float(metric.sentence_score(p.answer, [p.expected]).score) / 100)
            if p.answer.strip()
            else UNREADABLE
            for p in pairs
        ]


class Bleu:
    """Shared runs of one to four words over all rows, with a penalty for short answers."""

    name = "bleu"
    title = "BLEU"
    unit: Unit = "score"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return sentence BLEU per pair, for sorting rows only; an empty answer is unreadable.

        Raises MissingPackage.
        """
        sums = self.statistics(pairs, [p.expected for p in pairs])
        values = self.aggregate(sums)
        return [
            RowScore(float(value)) if pair.answer.strip() else UNREADABLE
            for pair, value in zip(pairs, values, strict=True)
        ]

    def statistics(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Floats:
        """Return answer length, expected length, four matches and four totals per row, shape (n, 10)."""
        metrics = _metrics()
        metric = metrics.BLEU(effective_order=True, tokenize="char" if mostly_without_spaces(labels) else "13a")
        table = np.zeros((len(pairs), 10))
        for row, pair in enumerate(pairs):
            part = metric.sentence_score(pair.answer, [pair.expected])
            table[row] = [part.sys_len, part.ref_len, *part.counts, *part.totals]
        return table

    def aggregate(self, sums: Floats) -> Floats:
        """Return BLEU / 100 per draw, by sacreBLEU's own formula."""
        compute = _metrics().BLEU.compute_bleu
        return np.array(
            [
                compute(list(row[2:6]), list(row[6:10]), int(row[0]), int(row[1]), effective_order=True).score / 100
                for row in np.rint(sums).astype(np.int64)
            ]
        )
