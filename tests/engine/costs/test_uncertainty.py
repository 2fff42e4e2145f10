"""Seeded draws: against the closed form, and repeatable."""

import numpy as np
import pytest

from engine.costs.uncertainty import draw, quantile
from tests.engine.costs.scenarios import simple

VOLUME = {"requests_per_month": [50_000.0, 100_000.0, 200_000.0]}


@pytest.mark.parametrize("shape", ["triangular", "pert"])
def test_quantiles_agree_with_the_draws(shape: str) -> None:
    three = (50.0, 80.0, 200.0)
    values = draw(three, 400_000, np.random.default_rng(1), shape)
    assert values.min() >= 50
    assert values.max() <= 200
    for q in (0.1, 0.5, 0.9):
        assert quantile(three, q, shape) == pytest.approx(float(np.quantile(values, q)), rel=0.01)


def test_probability_against_the_closed_form() -> None:
    """It pays back when 12 * 0.006 * V >= 5,000, so V >= 69,444; triangular: 1 - (V - a)^2 / ((b - a)(c - a))."""
    need = 5000 / 12 / 0.006
    exact = 1 - (need - 50_000) ** 2 / ((200_000 - 50_000) * (100_000 - 50_000))
    decision = simple(uncertainty=VOLUME)
    assert decision.uncertainty.draws == 20_000
    assert decision.uncertainty.probability == pytest.approx(exact, abs=0.01)


def test_same_seed_same_answer() -> None:
    one, two, other = simple(uncertainty=VOLUME), simple(uncertainty=VOLUME), simple(uncertainty=VOLUME, seed=7)
    assert one.uncertainty == two.uncertainty
    assert one.uncertainty.probability != other.uncertainty.probability


def test_tornado_is_sorted_and_ordered() -> None:
    spread = VOLUME | {"one_off.training": [4000, 5000, 6000], "tuned.prompt_tokens": [350, 400, 500]}
    bars = simple(uncertainty=spread).document()["tornado"]
    assert bars[0]["input"] == "requests_per_month"
    assert all(bar["low"] <= bar["high"] for bar in bars)
    widths = [bar["high"] - bar["low"] for bar in bars]
    assert widths == sorted(widths, reverse=True)


def test_shares_stay_shares() -> None:
    today = {"prompt_tokens": 1000, "static_prompt_tokens": 900, "input": 10.0, "cached": 1.0}
    decision = simple(today=today, cache_hit_rate=0.9, uncertainty={"cache_hit_rate": [0.5, 0.9, 3.0]})
    assert decision.uncertainty.net_p95 <= simple(today=today).saving * 12


def test_a_value_outside_its_own_range_is_noted() -> None:
    assert "outside" in simple(uncertainty={"requests_per_month": [1, 2, 3]}).notes[0]
