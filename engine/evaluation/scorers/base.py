"""What a scorer is: per-row scores, or per-row statistics that only mean something over all rows.

Values are 0..1, 1 is best. A row that could not be read (empty answer, broken JSON, a label nobody knows) scores 0
and is counted apart, because "unreadable" and "wrong" need different repairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from engine.evaluation.resampling import Floats

Unit = Literal["right", "score"]


@dataclass(frozen=True)
class Pair:
    """One row: what was expected and what came."""

    expected: str
    answer: str


@dataclass(frozen=True)
class RowScore:
    """Score of one row, 0..1; `note` names a step that helped to read it (counted, never silent)."""

    value: float
    readable: bool = True
    note: str = ""


UNREADABLE = RowScore(0.0, readable=False)


class Scorer(Protocol):
    """Scores each row. `unit` is `right` when rows are 0 or 1 and `score` when anything between."""

    name: str
    title: str
    unit: Unit

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return one score per pair, in order. Raises InputError when the metric does not fit the expected answers."""
        ...


@runtime_checkable
class CorpusScorer(Scorer, Protocol):
    """A metric over all rows at once (BLEU, macro-F1), resampled by its per-row statistics."""

    def statistics(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Floats:
        """Return per-row statistics, shape (n, k); `labels` are the expected answers of the whole comparison."""
        ...

    def aggregate(self, sums: Floats) -> Floats:
        """Turn summed statistics, shape (b, k), into b values, 0..1."""
        ...
