"""Rates, paired counts and small tests: the arithmetic behind every verdict.

Sources: Wilson 1927; Clopper and Pearson 1934; McNemar 1947 (exact form: binomial on the rows that disagree);
Newcombe 1998, Statistics in Medicine 17:2635, method 10; Holm 1979; Cohen 1960. Fractions are 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from engine.data.rates import Interval as Interval
from engine.data.rates import wilson as wilson


@dataclass(frozen=True)
class PairedCounts:
    """Rows by who was right: both, only the tuned model, only the base, neither."""

    both: int
    tuned_only: int
    base_only: int
    neither: int

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return self.both + self.tuned_only + self.base_only + self.neither

    @property
    def discordant(self) -> int:
        """Return the number of rows where exactly one of the two was right."""
        return self.tuned_only + self.base_only


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return a rate with its exact interval (for the compliance report). Raises ValueError as `wilson`."""
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"not a rate: {successes} of {n}")
    band = binomtest(successes, n).proportion_ci(confidence, method="exact")
    return Interval(successes / n, float(band.low), float(band.high))


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided p of wins against losses, ties left out; 1.0 when there are none."""
    n = wins + losses
    return float(binomtest(wins, n).pvalue) if n else 1.0


def mcnemar_exact(tuned_only: int, base_only: int) -> float:
    """Return the two-sided exact p of right/wrong on the same rows: the sign test on rows that disagree."""
    return sign_test(tuned_only, base_only)


def newcombe_paired(counts: PairedCounts) -> Interval:
    """Return the paired difference of two rates (tuned - base) with Newcombe's method 10 interval at 95 %.

    The Wilson limits of both rates are joined through their correlation phi, which is corrected for continuity
    when positive. Raises ValueError without rows.
    """
    n = counts.n
    tuned = wilson(counts.both + counts.tuned_only, n)
    base = wilson(counts.both + counts.base_only, n)
    phi = _phi(counts)
    down_tuned, up_tuned = tuned.value - tuned.low, tuned.high - tuned.value
    down_base, up_base = base.value - base.low, base.high - base.value
    below = math.sqrt(max(0.0, down_tuned**2 - 2 * phi * down_tuned * up_base + up_base**2))
    above = math.sqrt(max(0.0, up_tuned**2 - 2 * phi * up_tuned * down_base + down_base**2))
    difference = (counts.tuned_only - counts.base_only) / n
    return Interval(difference, max(-1.0, difference - below), min(1.0, difference + above))


def _phi(counts: PairedCounts) -> float:
    a, b, c, d = counts.both, counts.tuned_only, counts.base_only, counts.neither
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    cross = float(a * d - b * c)
    if cross > 0:
        cross = max(0.0, cross - counts.n / 2)
    return cross / math.sqrt(margins)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm-adjusted p values in the given order (for a family of secondary metrics; never the primary)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the agreement of two raters beyond chance, -1..1; 1.0 when both always gave one same answer.

    Raises ValueError on empty lists or different lengths.
    """
    if len(first) != len(second) or not first:
        raise ValueError("two raters need the same rows, and at least one")
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    labels = set(first) | set(second)
    chance = sum(list(first).count(label) * list(second).count(label) for label in labels) / n**2
    return 1.0 if chance == 1.0 else (observed - chance) / (1 - chance)
