"""Properties of facts/providers.md section 7."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.costs.break_even import net_present_value, payback_month
from engine.costs.request_cost import TokenPrices, request_cost
from tests.engine.costs.scenarios import CACHE, EXAMPLE, LUNA, decided, simple

tokens = st.integers(0, 200_000)
price = st.floats(0, 100, allow_nan=False)
few = settings(max_examples=40, deadline=None)


@given(tokens, tokens, tokens, price, price)
def test_cost_grows_with_tokens(one: int, other: int, answer: int, dear: float, cheap: float) -> None:
    low, high = sorted([one, other])
    prices = TokenPrices(dear, cheap)
    assert request_cost(low, answer, prices) <= request_cost(high, answer, prices)
    assert request_cost(answer, low, prices) <= request_cost(answer, high, prices)


@few
@given(st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_cost_grows_with_volume(one: int, other: int) -> None:
    low, high = sorted([one, other])
    less, more = (decided(requests_per_month=volume, **CACHE).monthly() for volume in (low, high))
    assert all(less[name] <= more[name] for name in less)


@few
@given(st.integers(1, 1_000_000), st.integers(0, 5000), st.integers(0, 3000), price, price)
def test_equal_prices_and_prompts_save_nothing(
    volume: int, prompt: int, answer: int, dear: float, cheap: float
) -> None:
    same = {"prompt_tokens": prompt, "answer_tokens": answer, "input": dear, "output": cheap}
    decision = decided(requests_per_month=volume, today=same, tuned=same)
    assert decision.saving == 0
    assert decision.payback_month is None


@few
@given(st.integers(100, 900), st.floats(0, 5000), st.floats(10, 50_000), st.integers(1, 48))
def test_break_even_volume_put_back_pays_at_the_horizon(
    prompt: int, hosting: float, one_off: float, months: int
) -> None:
    tuned = {"prompt_tokens": prompt, "input": 10.0, "hosting_per_hour": hosting, "hours_per_month": 1}
    settings_ = {"tuned": tuned, "one_off": {"training": one_off}, "horizon_months": months}
    volume = simple(**settings_).break_even_requests
    assume(volume is not None)
    again = simple(**settings_, requests_per_month=volume)
    assert again.payback_month == months
    assert again.saving * months == pytest.approx(one_off, rel=1e-6, abs=1e-6)


@given(st.floats(-1000, 1000), st.floats(0, 10_000), st.integers(0, 60))
def test_npv_at_rate_zero_is_the_sum(saving: float, one_off: float, months: int) -> None:
    assert net_present_value(saving, one_off, months, 0.0) == pytest.approx(saving * months - one_off, abs=1e-6)


@given(st.floats(-1000, 1000), st.floats(0, 100_000), st.integers(0, 120))
def test_payback_is_never_negative_or_beyond_the_horizon(saving: float, one_off: float, months: int) -> None:
    month = payback_month(saving, one_off, months)
    assert month is None or 1 <= month <= months
    if month is not None:
        assert month * saving >= one_off * (1 - 1e-6)
        assert month == 1 or (month - 1) * saving < one_off


@few
@given(st.integers(1, 400_000), st.floats(0, 20_000))
def test_no_spread_equals_the_deterministic_answer(volume: int, one_off: float) -> None:
    points = {"requests_per_month": [volume] * 3, "today.input": [0.4] * 3, "one_off.training": [one_off] * 3}
    changes = {"requests_per_month": volume, "one_off": {"training": one_off}}
    decision = decided(uncertainty=points, alternatives=[LUNA], **changes)
    expected = 1.0 if decision.payback_month is not None else 0.0
    assert decision.uncertainty.probability == expected
    net = decision.saving * decision.horizon_months - decision.one_off
    assert decision.uncertainty.net_p5 == pytest.approx(net)
    assert decision.uncertainty.net_p95 == pytest.approx(net)
    assert all(bar.low == bar.high == pytest.approx(net) for bar in decision.uncertainty.tornado)


@given(price, tokens)
def test_per_thousand_and_per_million_round_trip(dear: float, count: int) -> None:
    assert request_cost(count, 0, TokenPrices(dear / 1000 * 1000, 0)) == pytest.approx(count / 1000 * (dear / 1000))


@few
@given(st.integers(0, 2000))
def test_adding_an_alternative_never_helps_tuned(static: int) -> None:
    today = EXAMPLE["today"] | {"static_prompt_tokens": static}
    assert decided(today=today, alternatives=[LUNA]).saving <= decided(today=today).saving
