"""Paired resampling: how far a mean (or a corpus metric) moves when the same rows are drawn again.

Sources: Efron and Tibshirani 1993 (percentile bootstrap); Koehn 2004 and sacreBLEU `--paired-bs` (corpus metrics,
n=1000, p = (c + 1) / (B + 1)); evaluation.md section 3 (10,000 resamples, fixed seed).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from engine.evaluation.statistics import Interval

Floats = NDArray[np.float64]

RESAMPLES = 10_000
CORPUS_RESAMPLES = 1_000
SEED = 20_261_121
_MANY_ROWS = 1_000
_CELLS = 4_000_000  # numbers held at once
_FEW = 200  # so many distinct values are drawn as counts: the same distribution, much faster


def mean_interval(values: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """Return the mean of `values` (shape n) with its percentile bootstrap interval at 95 %.

    Raises ValueError when empty.
    """
    if values.size == 0:
        raise ValueError("no rows")
    means = _bootstrap_means(values, resamples, np.random.default_rng(seed))
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def score_interval(values: Floats) -> Interval:
    """Return the mean of one contestant's scores (shape n, 0..1) with its interval at 95 %.

    From 1,000 rows on the normal interval is used: for scores between 0 and 1 it equals the bootstrap's to a
    hundredth of its width. Verdicts do not rest on it; those use `mean_interval` of the differences.
    """
    if values.size < _MANY_ROWS:
        return mean_interval(values)
    mean, half = float(values.mean()), float(norm.ppf(0.975) * values.std(ddof=1) / np.sqrt(values.size))
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


def _bootstrap_means(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    n = values.size
    levels, counts = np.unique(values, return_counts=True)
    if levels.size <= _FEW:
        drawn = rng.multinomial(n, counts / n, size=resamples)
        return np.asarray(drawn @ levels / n, dtype=np.float64)
    means = np.empty(resamples)
    step = max(1, _CELLS // n)
    kind = np.uint16 if n <= np.iinfo(np.uint16).max else np.uint32
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        picks = rng.integers(0, n, size=(size, n), dtype=kind)
        means[start : start + size] = values[picks].mean(axis=1)
    return means


def sign_flip_p(differences: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> float:
    """Return the two-sided p that the mean of paired differences (shape n) is luck: signs are flipped at random.

    Rows without a difference carry no sign and are left out; p = (c + 1) / (B + 1), 1.0 when every row ties.
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if sizes.size == 0:
        return 1.0
    rng = np.random.default_rng(seed)
    observed = abs(float(differences.sum()))
    hits = 0
    step = max(1, _CELLS // sizes.size)
    for start in range(0, resamples, step):
        rounds = min(step, resamples - start)
        heads = rng.binomial(counts, 0.5, size=(rounds, sizes.size))
        sums = (2 * heads - counts) @ sizes
        hits += int(np.count_nonzero(np.abs(sums) >= observed * (1 - 1e-12)))
    return (hits + 1) / (resamples + 1)


def corpus_difference(
    base: Floats,
    tuned: Floats,
    aggregate: Callable[[Floats], Floats],
    *,
    resamples: int = CORPUS_RESAMPLES,
    seed: int = SEED,
) -> tuple[Interval, Interval, Interval, float]:
    """Return base, tuned and their paired difference with intervals, and p, for a metric that needs all rows at once.

    `base` and `tuned` hold per-row statistics, shape (n, k); `aggregate` turns sums of shape (b, k) into b values.
    Rows are drawn together, so the comparison stays paired. Raises ValueError when the shapes differ or there are no
    rows.
    """
    if base.shape != tuned.shape or base.shape[0] == 0:
        raise ValueError("base and tuned need the same rows, and at least one")
    n = base.shape[0]
    rng = np.random.default_rng(seed)
    base_values, tuned_values = np.empty(resamples), np.empty(resamples)
    step = max(1, _CELLS // n)
    for start in range(0, resamples, step):
        draws = rng.integers(0, n, size=(min(step, resamples - start), n))
        weights = np.array([np.bincount(draw, minlength=n) for draw in draws], dtype=np.float64)
        stop = start + weights.shape[0]
        base_values[start:stop] = aggregate(weights @ base)
        tuned_values[start:stop] = aggregate(weights @ tuned)
    whole_base = float(aggregate(base.sum(axis=0, keepdims=True))[0])
    whole_tuned = float(aggregate(tuned.sum(axis=0, keepdims=True))[0])
    drawn = tuned_values - base_values
    gap = whole_tuned - whole_base
    extreme = int(np.count_nonzero(np.abs(drawn - drawn.mean()) >= abs(gap)))
    return (
        _percentile(whole_base, base_values),
        _percentile(whole_tuned, tuned_values),
        _percentile(gap, drawn),
        (extreme + 1) / (resamples + 1),
    )


def _percentile(value: float, drawn: Floats) -> Interval:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(value, float(low), float(high))
