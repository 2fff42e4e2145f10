"""Is the tuned model better? A paired comparison on the same rows, with one of four verdicts.

Right/wrong metrics: exact McNemar and Newcombe's paired interval. Scores per row: paired bootstrap and sign flips.
Metrics over all rows: paired bootstrap over rows. Guards and limits: `assets/rules/evaluation.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.evaluation.answers import Answer, matched
from engine.evaluation.power import rows_needed, rows_needed_mean, smallest_gap, smallest_gap_mean
from engine.evaluation.resampling import corpus_difference, mean_interval, sign_flip_p
from engine.evaluation.scorers.base import CorpusScorer, Pair, Unit
from engine.evaluation.scorers.registry import scorer
from engine.evaluation.scoring import Scored, score_answers
from engine.evaluation.statistics import Interval, PairedCounts, mcnemar_exact, newcombe_paired
from engine.evaluation.thresholds import evaluation_rules
from engine.evaluation.words import Findings, Names, Verdict, sentence


@dataclass(frozen=True)
class Comparison:
    """Result of a paired comparison. Values, gaps and margin are 0..1; `difference` is tuned - base."""

    metric: str
    title: str
    unit: Unit
    base: Scored
    tuned: Scored
    difference: Interval
    p: float
    better_rows: int
    worse_rows: int
    margin: float
    verdict: Verdict
    anecdote: bool
    visible_gap: float | None
    rows_needed: int | None
    sentence: str

    @property
    def n(self) -> int:
        """Return the number of rows compared."""
        return self.base.n

    @property
    def discordant(self) -> int:
        """Return on how many rows the two scored differently."""
        return self.better_rows + self.worse_rows

    def to_json(self) -> dict[str, Any]:
        """Return the document of `tuneworth compare --json`."""
        return {
            "metric": self.metric,
            "n": self.n,
            "base": self.base.to_json(),
            "tuned": self.tuned.to_json(),
            "difference": {**asdict(self.difference), "p": self.p},
            "discordant": self.discordant,
            "better_rows": self.better_rows,
            "worse_rows": self.worse_rows,
            "margin": self.margin,
            "verdict": self.verdict,
            "anecdote": self.anecdote,
            "sentence": self.sentence,
            "visible_gap": self.visible_gap,
            "rows_needed": self.rows_needed,
        }


def compare(
    base_rows: Sequence[Answer],
    tuned_rows: Sequence[Answer],
    metric: str = "exact",
    margin: float = 0.0,
    names: Names | None = None,
) -> Comparison:
    """Compare two contestants row by row (matched by id).

    `margin` is the gain from which a change is worth it, 0..1. Raises InputError when ids do not match, the margin
    is outside 0..1, or the metric is unknown or does not fit.
    """
    if not 0 <= margin < 1:
        raise InputError(f"The margin {margin} is not between 0 and 1.", "0.05 means 5 points of 100.")
    pairs = matched(base_rows, tuned_rows)
    base_pairs = [Pair(base.expected, base.answer) for base, _ in pairs]
    tuned_pairs = [Pair(tuned.expected, tuned.answer) for _, tuned in pairs]
    chosen = scorer(metric)
    base, tuned = score_answers(metric, base_pairs), score_answers(metric, tuned_pairs)
    better = int(np.count_nonzero(tuned.rows > base.rows))
    worse = int(np.count_nonzero(tuned.rows < base.rows))
    if isinstance(chosen, CorpusScorer):
        labels = [pair.expected for pair in base_pairs]
        before, after = chosen.statistics(base_pairs, labels), chosen.statistics(tuned_pairs, labels)
        _, _, gap, p = corpus_difference(before, after, chosen.aggregate)
        unit: Unit = "score"
    else:
        gap, p = _gap(chosen.unit, base, tuned)
        unit = chosen.unit
    return _judge(chosen.title, unit, base, tuned, gap, p, (better, worse), margin, names or Names())


def _gap(unit: Unit, base: Scored, tuned: Scored) -> tuple[Interval, float]:
    """Return the difference with its interval, and p, by the test that fits the unit."""
    differences = tuned.rows - base.rows
    if unit == "score":
        return mean_interval(differences), sign_flip_p(differences)
    right_base, right_tuned = base.rows > 0, tuned.rows > 0
    counts = PairedCounts(
        both=int(np.count_nonzero(right_base & right_tuned)),
        tuned_only=int(np.count_nonzero(right_tuned & ~right_base)),
        base_only=int(np.count_nonzero(right_base & ~right_tuned)),
        neither=int(np.count_nonzero(~right_base & ~right_tuned)),
    )
    return newcombe_paired(counts), mcnemar_exact(counts.tuned_only, counts.base_only)


def verdict_of(gap: Interval, p: float, discordant: int, margin: float) -> Verdict:
    """Return the verdict for a gap (0..1): interval and test must agree, and enough rows must disagree."""
    rules = evaluation_rules().verdict
    if discordant < rules.fewest_disagreeing_rows or p > rules.significance:
        return "cannot_tell"
    if gap.low > 0:
        return "better" if gap.low > margin else "better_small"
    return "worse" if gap.high < 0 else "cannot_tell"


def _judge(
    title: str,
    unit: Unit,
    base: Scored,
    tuned: Scored,
    gap: Interval,
    p: float,
    moved: tuple[int, int],
    margin: float,
    names: Names,
) -> Comparison:
    rules = evaluation_rules().verdict
    verdict = verdict_of(gap, p, sum(moved), margin)
    most = max(float(base.rows.mean()), float(tuned.rows.mean()))
    target = max(margin or rules.gap_worth_seeing, abs(gap.value))
    visible, needed = _outlook(unit, tuned.rows - base.rows, target)
    findings = Findings(
        verdict=verdict,
        unit=unit,
        title=title,
        n=base.n,
        gap=gap,
        discordant=sum(moved),
        margin=margin,
        anecdote=base.n < rules.anecdote_below_rows,
        visible_gap=visible,
        target=target,
        rows_needed=needed if verdict == "cannot_tell" and needed > base.n else None,
        most_right=most,
        hopeless=verdict == "cannot_tell" and most < rules.hopeless_below,
    )
    return Comparison(
        metric=base.metric,
        title=title,
        unit=unit,
        base=base,
        tuned=tuned,
        difference=gap,
        p=p,
        better_rows=moved[0],
        worse_rows=moved[1],
        margin=margin,
        verdict=verdict,
        anecdote=findings.anecdote,
        visible_gap=visible,
        rows_needed=findings.rows_needed,
        sentence=sentence(findings, names),
    )


def _outlook(unit: Unit, differences: Any, target: float) -> tuple[float | None, int]:
    """Return the smallest visible gap at this size and the rows that the target gap needs."""
    n = int(differences.size)
    if unit == "right":
        share = float(np.count_nonzero(differences)) / n
        return smallest_gap(n, share), rows_needed(target, max(share, 1 / n))
    deviation = float(differences.std(ddof=1)) if n > 1 else 0.0
    return (smallest_gap_mean(n, deviation) or None), rows_needed_mean(target, deviation)
