"""The text of the command line contract for `tuneworth cost`, clause by clause."""

from datetime import date

import pytest

from engine.costs.break_even import whole_months
from tests.engine.costs.scenarios import CACHE, EXAMPLE, LUNA, decided, simple

FIELDS = {
    "scenarios",
    "best_alternative",
    "payback_month",
    "break_even_requests",
    "probability_of_payback",
    "npv",
    "tornado",
    "horizon_months",
    "horizon_reason",
    "rows_used",
}


def test_all_fields_and_names() -> None:
    document = decided(alternatives=[LUNA], batch_share=0.5, **CACHE).document()
    assert set(document) >= FIELDS
    names = [entry["name"] for entry in document["scenarios"]]
    assert names == ["today", "today + caching", "today + batch", "gpt-6-luna", "tuned"]
    assert [entry["one_off"] for entry in document["scenarios"]] == [0, 0, 0, 0, 5000]
    assert document["best_alternative"] == "gpt-6-luna"


def test_what_is_left_out_is_off() -> None:
    assert list(decided().monthly()) == ["today", "tuned"]


@pytest.mark.parametrize(("minimum", "is_there"), [(2000, True), (2001, False)])
def test_below_the_minimum_prefix_nothing_is_cached(minimum: int, is_there: bool) -> None:
    decision = decided(cache_hit_rate=1.0, minimum_cached_prefix=minimum)
    assert ("today + caching" in decision.monthly()) is is_there


def test_no_cached_price_means_no_caching_and_never_free() -> None:
    today = {key: value for key, value in EXAMPLE["today"].items() if key != "cached"}
    decision = decided(today=today, **CACHE)
    assert list(decision.monthly()) == ["today", "tuned"]
    assert decision.notes


def test_half_the_hits() -> None:
    cost = decided(cache_hit_rate=0.5).monthly()["today + caching"]
    assert cost == pytest.approx((1200 * 0.4 + 1000 * 0.1 + 100 * 1.6) / 10)


def test_batch_is_half_price_for_its_share() -> None:
    assert decided(batch_share=0.4).monthly()["today + batch"] == pytest.approx(104 * 0.8)


def test_retries_count_for_every_scenario() -> None:
    for name, cost in decided(retry_rate=0.1).monthly().items():
        assert cost == pytest.approx(decided().monthly()[name] * 1.1)


def test_tuned_includes_hosting_storage_and_retraining() -> None:
    tuned = EXAMPLE["tuned"] | {"hosting_per_hour": 1.7, "hours_per_month": 720, "storage_per_month": 2}
    decision = decided(tuned=tuned, retrain={"per_year": 4, "cost": 300})
    assert decision.monthly()["tuned"] == pytest.approx(56 + 1.7 * 720 + 2 + 100)


def test_one_off_counts_training_once_per_cycle() -> None:
    one_off = {"training": 100, "labelling": 20, "evaluation": 3, "engineering": 4}
    assert decided(one_off=one_off, cycles=3).one_off == 327


def test_errors_saved_are_part_of_the_saving() -> None:
    decision = decided(errors={"rate_today": 0.10, "rate_tuned": 0.04, "cost": 0.5})
    assert decision.saving == pytest.approx(48 + 100_000 * 0.06 * 0.5)


@pytest.mark.parametrize(
    ("end", "months"),
    [
        ("2027-01-14", 1),
        ("2026-12-21", 1),
        ("2026-12-20", 0),
        ("2026-11-01", 0),
        ("2028-11-21", 24),
        ("2030-01-01", 37),
    ],
)
def test_whole_months(end: str, months: int) -> None:
    assert whole_months(date(2026, 11, 21), date.fromisoformat(end)) == months


def test_shutdown_caps_the_horizon() -> None:
    decision = simple(shutdown_date="2027-01-14")
    assert decision.horizon_months == 1
    assert "2027-01-14" in decision.horizon_reason
    assert decision.payback_month is None
    gone = simple(shutdown_date="2026-11-30")
    assert (gone.horizon_months, gone.payback_month, gone.break_even_requests) == (0, None, None)
    assert gone.sentence.startswith("Never: the tuned base model is shut down")


def test_shutdown_comes_from_the_price_row_when_left_out() -> None:
    tuned = {"prompt_tokens": 300, "answer_tokens": 100, "price_row": "openai/ft:gpt-4.1-mini-2025-04-14/ft_inference"}
    today = {key: EXAMPLE["today"][key] for key in ("prompt_tokens", "static_prompt_tokens", "answer_tokens")}
    decision = decided(today=today | {"price_row": "openai/gpt-4.1-mini/inference"}, tuned=tuned, **CACHE)
    assert decision.horizon_months == 1
    assert decision.monthly() == pytest.approx({"today": 104, "today + caching": 44, "tuned": 56})
    rows = [(row["id"], row["checked"]) for row in decision.document()["rows_used"]]
    assert rows == [
        ("openai/gpt-4.1-mini/inference", "2026-11"),
        ("openai/ft:gpt-4.1-mini-2025-04-14/ft_inference", "2026-11"),
    ]


@pytest.mark.parametrize(
    ("one_off", "month"), [(600, 1), (601, 2), (1200, 2), (7200, 12), (7201, None), (0, 1), (599.99, 1)]
)
def test_payback_is_the_first_whole_month(one_off: float, month: int | None) -> None:
    assert simple(one_off={"training": one_off}).payback_month == month


def test_dearer_never_pays_back_even_for_nothing() -> None:
    decision = simple(tuned={"prompt_tokens": 2000, "input": 10.0}, one_off={})
    assert (decision.payback_month, decision.break_even_requests) == (None, None)
    assert decision.sentence.startswith("Never")


def test_break_even_with_hosting_on_both_sides() -> None:
    fixed = {"hosting_per_hour": 1, "hours_per_month": 500}
    decision = simple(tuned={"prompt_tokens": 400, "input": 10.0} | fixed)
    assert decision.break_even_requests == pytest.approx((5000 / 12 + 500) / 0.006)
    rich = simple(today={"prompt_tokens": 1000, "input": 10.0} | fixed, one_off={"training": 1200})
    assert rich.break_even_requests == 0.0


def test_npv_needs_a_rate() -> None:
    assert simple().npv is None
    assert simple(discount_rate=0).npv == pytest.approx(2200)
    assert simple(discount_rate=0.10).npv == pytest.approx(1840.29, abs=0.005)


def test_without_uncertainty_the_probability_is_certain() -> None:
    assert simple().document()["probability_of_payback"] == 1.0
    assert decided().document()["probability_of_payback"] == 0.0
    assert simple().document()["tornado"] == []


def test_price_per_request_then_multiply() -> None:
    luna = {"prompt_tokens": 1000, "answer_tokens": 100, "price_row": "openai/gpt-6-luna/inference"}
    decision = decided(requests_per_month=1000, today=luna, tuned=luna)
    assert decision.monthly()["today"] == pytest.approx(0.150)  # 0.275 if the month were priced as one call
    long = luna | {"prompt_tokens": 300_000}
    dear = decided(requests_per_month=1, today=long, tuned=luna).monthly()["today"]
    assert dear == pytest.approx((300_000 * 0.1 * 2 + 100 * 0.5 * 1.5) / 1e6)
