"""Labels: accuracy and macro-F1. A label nobody expects is an explicit class: it could not be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import InputError
from engine.evaluation.resampling import Floats
from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.text import normalise

MOST_LABELS = 500


def label_of(text: str) -> str:
    """Return a label for comparing: case, spaces and punctuation evened out."""
    return normalise(text)


class Accuracy:
    """Right when the answer is the expected label."""

    name = "accuracy"
    title = "Right labels"
    unit: Unit = "right"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return 1 or 0 per pair; an answer that is none of the expected labels is unreadable."""
        known = {label_of(p.expected) for p in pairs}
        scores = []
        for pair in pairs:
            answer = label_of(pair.answer)
            scores.append(RowScore(float(answer == label_of(pair.expected))) if answer in known else UNREADABLE)
        return scores


class MacroF1(Accuracy):
    """F1 per expected label, averaged so that rare labels count as much as frequent ones."""

    name = "macro_f1"
    title = "Macro F1"

    def statistics(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Floats:
        """Return hits, false alarms and misses per label, shape (n, 3 * labels).

        Raises InputError when there are too many different answers for them to be labels.
        """
        names = sorted({label_of(label) for label in labels})
        if len(names) > MOST_LABELS:
            raise InputError(
                f"The expected answers are {len(names)} different texts, too many to be labels.",
                "Use exact, f1 or rougeL for free text.",
            )
        place = {name: index for index, name in enumerate(names)}
        table = np.zeros((len(pairs), 3, len(names)))
        for row, pair in enumerate(pairs):
            expected, answer = place[label_of(pair.expected)], place.get(label_of(pair.answer))
            if expected == answer:
                table[row, 0, expected] = 1
                continue
            table[row, 2, expected] = 1
            if answer is not None:
                table[row, 1, answer] = 1
        return table.reshape(len(pairs), -1)

    def aggregate(self, sums: Floats) -> Floats:
        """Return the mean F1 over labels that occur in the expected answers of each draw."""
        hits, alarms, misses = np.split(sums, 3, axis=1)
        total = 2 * hits + alarms + misses
        f1 = np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)
        present = hits + misses > 0
        return np.asarray((f1 * present).sum(axis=1) / np.maximum(present.sum(axis=1), 1), dtype=np.float64)
