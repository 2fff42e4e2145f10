"""W1 to W13 of facts/providers.md section 8: known answers, to the cent."""

import pytest

from engine.costs.break_even import Line, break_even_requests, net_present_value, rule_of_thumb
from engine.costs.ownership import running_month, served_price
from engine.costs.request_cost import TokenPrices, request_cost
from engine.costs.training_cost import default_epochs, hour_priced, token_priced, tokens_of_steps, trained_tokens
from tests.engine.costs.scenarios import CACHE, LUNA, decided


def test_w1_supervised_job() -> None:
    assert token_priced(trained_tokens(1e6, 2), 2.0) == pytest.approx(4.00)


def test_w2_reinforcement_job() -> None:
    grader = request_cost(5e6, 4.9e6, TokenPrices(1.1, 4.4))
    assert hour_priced(4, 100) + grader == pytest.approx(427.06)


def test_w3_month_with_hosting() -> None:
    per_request = request_cost(20e6, 40e6, TokenPrices(1.10, 4.40))
    assert running_month(1, per_request, hosting_per_hour=1.70, hours=720) == pytest.approx(1422.00)


@pytest.mark.parametrize(("rows", "epochs"), [(5, 20), (1, 25), (10, 10), (33, 3), (8334, 2), (12_500, 2), (25_000, 1)])
def test_w4_default_epochs(rows: int, epochs: int) -> None:
    assert default_epochs(rows) == epochs


def test_w4_billable_tokens() -> None:
    assert trained_tokens(4306, default_epochs(5)) == 86_120


def test_w5_cancelled_job() -> None:
    done = tokens_of_steps(8192, 8, 1000)
    assert done == 65_536_000
    assert trained_tokens(done, 1, 1e6, 10) == 75_536_000


def test_w6_with_validation() -> None:
    assert token_priced(trained_tokens(5e6, 3, 1e6, 1), 0.46) == pytest.approx(7.36)


def test_w7_small_job() -> None:
    billable = trained_tokens(500 * 200, 3)
    assert billable == 300_000
    assert token_priced(billable, 3.0) == pytest.approx(0.90)


def test_w8_rule_of_thumb_and_why_it_is_optimistic() -> None:
    rule = rule_of_thumb(2000, 200, 100_000, 0.15, 50)
    assert (rule.base_month, rule.tuned_month, rule.saving) == pytest.approx((30.0, 6.0, 24.0))
    assert rule.payback_months == pytest.approx(2.0833, abs=1e-3)
    assert rule.says_worth_it
    today = {"prompt_tokens": 2000, "static_prompt_tokens": 1800, "answer_tokens": 200}
    ours = decided(
        today=today | {"input": 0.15, "cached": 0.075, "output": 0.60},
        tuned={"prompt_tokens": 200, "answer_tokens": 200, "input": 0.30, "output": 1.20},
        alternatives=[today | {"name": "smaller", "input": 0.10, "cached": 0.01, "output": 0.50}],
        one_off={"training": 50},
        **CACHE,
    )
    assert ours.payback_month is None
    assert ours.saving < 0 < rule.saving


@pytest.mark.parametrize(("answer_tokens", "gain", "volume"), [(0, 0.000270, 229_630), (200, 0.00015, 413_333)])
def test_w9_break_even_volume(answer_tokens: int, gain: float, volume: int) -> None:
    base = request_cost(2000, answer_tokens, TokenPrices(0.15, 0.60))
    tuned = request_cost(100, answer_tokens, TokenPrices(0.30, 1.20))
    assert base - tuned == pytest.approx(gain)
    found = break_even_requests(Line(0, float(tuned)), [Line(0, float(base))], 0.0, 62.0)
    assert found == pytest.approx(volume, abs=1)


def test_w10_a_bill() -> None:
    assert token_priced(13.5e6, 3.0) == pytest.approx(40.50)


def test_w11_caching_or_a_smaller_model_wins() -> None:
    plain, cached, luna = decided(), decided(**CACHE), decided(alternatives=[LUNA], **CACHE)
    per_request = {entry["name"]: entry["per_request"] for entry in luna.document()["scenarios"]}
    assert per_request == pytest.approx(
        {"today": 0.00104, "today + caching": 0.00044, "gpt-6-luna": 0.00009, "tuned": 0.00056}
    )
    assert [round(each.saving, 2) for each in (plain, cached, luna)] == [48.0, -12.0, -47.0]
    assert decided(horizon_months=120).payback_month == 105  # 104.17 months: the first whole month is 105
    assert cached.payback_month is luna.payback_month is None
    assert cached.sentence == "Never: caching your prompt already saves more."


@pytest.mark.parametrize(("utilisation", "price"), [(1.0, 0.443), (0.1, 4.433)])
def test_w12_served_by_a_rented_gpu(utilisation: float, price: float) -> None:
    assert served_price(3.99, 2500, utilisation) == pytest.approx(price, abs=5e-4)


@pytest.mark.parametrize(("rate", "value"), [(0.10, 1840.29), (0.0, 2200.0)])
def test_w13_net_present_value(rate: float, value: float) -> None:
    assert net_present_value(600, 5000, 12, rate) == pytest.approx(value, abs=0.005)
