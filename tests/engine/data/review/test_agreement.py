"""Cohen's kappa against known answers and statsmodels, its words, and the Wilson promise of a sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from engine.data.rates import wilson
from engine.data.review.agreement import agreement, cohen_kappa
from engine.data.review.queue import sample_promise

VERDICTS = st.sampled_from(["keep", "fix", "drop"])


def test_the_textbook_table():
    """Two raters, 20 both yes, 5 and 10 split, 15 both no: 0.4 (Wikipedia, Cohen's kappa)."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    kappa = cohen_kappa(first, second)
    assert kappa.value == pytest.approx(0.4)
    oracle = cohens_kappa(np.array([[20, 5], [10, 15]]))
    assert (kappa.low, kappa.high) == pytest.approx((oracle.kappa_low, oracle.kappa_upp))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=2, max_size=60))
def test_equals_statsmodels_and_sklearn(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa = cohen_kappa(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert kappa is None
        return
    assert kappa.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)
    if first != second:
        names = sorted(set(first) | set(second))
        table = np.array([[sum(p == (a, b) for p in pairs) for b in names] for a in names])
        oracle = cohens_kappa(table)
        if np.isnan(oracle.kappa_low):  # its variance is a hair under 0 there
            return
        assert kappa.low == pytest.approx(max(-1.0, oracle.kappa_low), abs=1e-9)
        assert kappa.high == pytest.approx(min(1.0, oracle.kappa_upp), abs=1e-9)
    assert kappa.low <= kappa.value <= kappa.high <= 1


def test_full_agreement_is_not_certainty():
    few = cohen_kappa(["keep"] * 8 + ["drop"] * 2, ["keep"] * 8 + ["drop"] * 2)
    many = cohen_kappa(["keep"] * 80 + ["drop"] * 20, ["keep"] * 80 + ["drop"] * 20)
    assert few.value == many.value == many.high == 1.0
    assert few.low < many.low < 1.0


def test_words():
    one = agreement(["keep"] * 20, ["keep"] * 20)
    assert one.kappa is None
    assert "same verdict (keep)" in one.words
    assert "cannot be computed" in one.words
    poor = agreement(["keep"] * 95 + ["drop"] * 5, ["drop"] * 3 + ["keep"] * 97)
    assert poor.rate.value > 0.9
    assert "different rules" in poor.words
    assert "a few differences weigh a lot" in poor.words
    good = agreement((["keep"] * 60 + ["drop"] * 40) * 2, (["keep"] * 58 + ["drop"] * 42) * 2)
    assert "They agree very well (kappa 0.96" in good.words
    assert "can stand for both" in good.words
    with pytest.raises(ValueError, match="same rows"):
        cohen_kappa([], [])


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_scipy(counts):
    wrong, n = counts
    ours, oracle = wilson(wrong, n), binomtest(wrong, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_the_promise_of_a_sample_is_the_wilson_interval():
    low, high = proportion_confint(3, 100, method="wilson")
    assert f"between {low:.0%} and {high:.0%}" in sample_promise(100, 5000)
    assert "known exactly" in sample_promise(100, 60)
