"""Score one contestant: a value with its interval, how many answers could not be read, and a score per row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import DatasetError
from engine.evaluation.resampling import Floats, corpus_difference, score_interval
from engine.evaluation.scorers.base import CorpusScorer, Pair, Scorer
from engine.evaluation.scorers.registry import scorer
from engine.evaluation.statistics import Interval, wilson


@dataclass(frozen=True)
class Scored:
    """Scores of one contestant on one metric, 0..1.

    `rows` keeps one value per row, `readable` whether it could be read.
    """

    metric: str
    interval: Interval
    rows: Floats
    readable: tuple[bool, ...]
    notes: dict[str, int]

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return int(self.rows.size)

    @property
    def unreadable(self) -> int:
        """Return how many answers could not be read (they count as 0)."""
        return self.readable.count(False)

    def to_json(self) -> dict[str, object]:
        """Return the contract's `{metric, value, low, high, n}` and what was counted beside it."""
        band = self.interval
        numbers = {"value": band.value, "low": band.low, "high": band.high, "n": self.n}
        return {"metric": self.metric, **numbers, "unreadable": self.unreadable, "notes": self.notes}


def score_answers(metric: str, pairs: Sequence[Pair]) -> Scored:
    """Score answers with the metric of that name.

    Rates get a Wilson interval, scores a bootstrap interval. Raises InputError for an unknown metric or one that
    does not fit, DatasetError without rows.
    """
    if not pairs:
        raise DatasetError("There are no answers to score.", "Choose a part with rows.")
    chosen = scorer(metric)
    scores = chosen.score(pairs)
    rows = np.array([score.value for score in scores], dtype=np.float64)
    return Scored(
        metric=metric,
        interval=_interval(chosen, pairs, rows),
        rows=rows,
        readable=tuple(score.readable for score in scores),
        notes=dict(Counter(score.note for score in scores if score.note)),
    )


def _interval(chosen: Scorer, pairs: Sequence[Pair], rows: Floats) -> Interval:
    if isinstance(chosen, CorpusScorer):
        table = chosen.statistics(pairs, [pair.expected for pair in pairs])
        return corpus_difference(table, table, chosen.aggregate)[0]
    if chosen.unit == "right":
        return wilson(int(rows.sum()), rows.size)
    return score_interval(rows)
