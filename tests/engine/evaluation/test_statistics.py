"""Worked numbers of evaluation.md section 3, and statsmodels as an oracle."""

import itertools
import math

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from engine.evaluation import power, resampling, statistics
from engine.evaluation.statistics import PairedCounts


@pytest.mark.parametrize(
    ("k", "n", "low", "high", "exact_low", "exact_high"),
    [
        (81, 263, 0.2553, 0.3662, 0.2527, 0.3676),
        (15, 148, 0.0624, 0.1605, 0.0578, 0.1617),
        (0, 20, 0, 0.1611, 0, 0.1684),
        (1, 29, 0.0061, 0.1718, 0.0009, 0.1776),
    ],
)
def test_rate_intervals(k, n, low, high, exact_low, exact_high):
    band = statistics.wilson(k, n)
    assert (round(band.low, 4), round(band.high, 4)) == (low, high)
    exact = statistics.clopper_pearson(k, n)
    assert (round(exact.low, 4), round(exact.high, 4)) == (exact_low, exact_high)
    assert (band.low, band.high) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)
    assert (exact.low, exact.high) == pytest.approx(proportion_confint(k, n, method="beta"), abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_not_a_rate(k, n):
    with pytest.raises(ValueError):
        statistics.wilson(k, n)


@pytest.mark.parametrize(
    ("wins", "losses", "p"),
    [
        (6, 0, 0.03125),
        (5, 0, 0.0625),
        (9, 0, 0.00390625),
        (15, 5, 0.0413895),
        (30, 20, 0.2026388),
        (300, 200, 8.94e-06),
        (4, 0, 0.125),
        (0, 0, 1.0),
    ],
)
def test_sign_test(wins, losses, p):
    assert statistics.sign_test(wins, losses) == pytest.approx(p, rel=2e-4, abs=1e-7)


@pytest.mark.parametrize(("table", "p"), [((794, 150, 86, 570), 3.7159e-05), ((101, 121, 59, 33), 4.4344e-06)])
def test_exact_mcnemar(table, p):
    a, b, c, d = table
    ours = statistics.mcnemar_exact(b, c)
    assert ours == pytest.approx(p, rel=1e-4)
    assert ours == pytest.approx(mcnemar([[a, b], [c, d]], exact=True).pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("table", "value", "low", "high"),
    [
        ((36, 12, 2, 0), 0.2, 0.0569, 0.3404),
        ((20, 12, 2, 16), 0.2, 0.0562, 0.3292),
        ((794, 150, 86, 570), 0.04, 0.0212, 0.0587),
    ],
)
def test_newcombe_paired(table, value, low, high):
    band = statistics.newcombe_paired(PairedCounts(*table))
    assert (round(band.value, 4), round(band.low, 4), round(band.high, 4)) == (value, low, high)


def test_newcombe_without_disagreement_and_at_the_edge():
    band = statistics.newcombe_paired(PairedCounts(20, 0, 0, 0))
    assert band.value == 0
    assert band.low <= 0 <= band.high
    full = statistics.newcombe_paired(PairedCounts(0, 20, 0, 0))
    assert full.value == 1
    assert full.high == 1
    assert full.low > 0.5


def test_holm():
    given = [0.01, 0.02, 0.03, 0.04, 0.05]
    assert statistics.holm(given) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    shuffled = [0.04, 0.01, 0.5, 0.03]
    assert statistics.holm(shuffled) == pytest.approx(list(multipletests(shuffled, method="holm")[1]))


def test_kappa():
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert statistics.cohen_kappa(first, second) == pytest.approx(0.4)
    with pytest.raises(ValueError):
        statistics.cohen_kappa(["a"], [])


TABLE = {
    20: (None, None, None, 37.3, None, 0.188),  # the facts print 30.0 here, the most a rate of 70 % can rise
    30: (None, None, 26.9, 31.1, 26.5, 0.153),
    50: (None, 17.3, 21.2, 24.5, 21.8, 0.119),
    100: (8.8, 12.4, 15.2, 17.5, 16.3, 0.084),
    200: (6.2, 8.8, 10.8, 12.5, 11.9, 0.059),
    500: (4.0, 5.6, 6.8, 7.9, 7.8, 0.038),
    5000: (1.3, 1.8, 2.2, 2.5, 2.5, 0.012),
}


@pytest.mark.parametrize("n", TABLE)
def test_smallest_visible_gap(n):
    *paired, unpaired, mean = TABLE[n]
    for disagree, expected in zip((0.1, 0.2, 0.3, 0.4), paired, strict=True):
        gap = power.smallest_gap(n, disagree)
        assert (None if gap is None else round(100 * gap, 1)) == expected
    apart = power.smallest_gap_unpaired(n, 0.7)
    assert (None if apart is None else round(100 * apart, 1)) == unpaired
    assert round(power.smallest_gap_mean(n, 0.3), 3) == mean


def test_rows_needed():
    assert 620 <= power.rows_needed(0.05, 0.2) <= 635
    assert power.rows_needed(0.3, 0.1) == power.rows_needed(0.3, 0.3)
    assert power.rows_needed_mean(0.084, 0.3) == pytest.approx(100, abs=2)
    with pytest.raises(ValueError):
        power.rows_needed(0, 0.2)


def test_bootstrap_of_a_mean_agrees_with_theory_in_both_ways_of_drawing():
    rng = np.random.default_rng(3)
    smooth = rng.normal(0.1, 0.3, 400)
    stepped = np.round(smooth, 1)
    for values in (smooth, stepped):
        band = resampling.mean_interval(values)
        half = 1.96 * values.std() / math.sqrt(values.size)
        assert band.value == pytest.approx(values.mean())
        assert band.high - band.value == pytest.approx(half, rel=0.05)
        assert band.value - band.low == pytest.approx(half, rel=0.05)
        assert band == resampling.mean_interval(values)


def test_the_quick_interval_of_many_scores_is_the_bootstraps():
    values = np.random.default_rng(1).beta(2, 1, 2000)
    quick, slow = resampling.score_interval(values), resampling.mean_interval(values)
    width = slow.high - slow.low
    assert quick.low == pytest.approx(slow.low, abs=0.03 * width)
    assert quick.high == pytest.approx(slow.high, abs=0.03 * width)


def test_sign_flips_agree_with_full_enumeration():
    values = np.array([0.3, -0.1, 0.25, 0.4, 0.0, 0.15, -0.05, 0.2])
    live = values[values != 0]
    sums = [abs(np.dot(signs, np.abs(live))) for signs in itertools.product((-1, 1), repeat=live.size)]
    exact = np.mean([total >= abs(live.sum()) - 1e-12 for total in sums])
    assert resampling.sign_flip_p(values) == pytest.approx(exact, abs=0.01)
    assert resampling.sign_flip_p(np.zeros(5)) == 1.0


def test_sign_flips_of_right_and_wrong_agree_with_mcnemar():
    values = np.array([1.0] * 15 + [-1.0] * 5 + [0.0] * 80)
    assert resampling.sign_flip_p(values) == pytest.approx(statistics.mcnemar_exact(15, 5), abs=0.006)
