"""State by date, age, and the two commands."""

from argparse import Namespace
from datetime import date

import pytest

from engine.commands.providers import run_check, run_list
from engine.errors import InputError
from engine.facts.prices import load_prices, load_routes
from engine.providers.catalogue import age_badge, age_days, availability_today, row_today, state_sentence

DAY = date(2026, 11, 21)


def at(day: str, row_id: str = "openai/ft:gpt-4.1-mini-2025-04-14/ft_inference") -> str:
    return availability_today(load_prices().row(row_id), date.fromisoformat(day))


def test_new_jobs_until_is_the_first_day_without_new_jobs() -> None:
    assert at("2026-11-21") == "existing_customers"
    assert at("2027-01-05") == "existing_customers"
    assert at("2027-01-06") == "closed"


def test_shutdown_closes_on_its_day() -> None:
    assert at("2027-01-13", "openai/gpt-4.1-mini/inference") == "open"
    assert at("2027-01-14", "openai/gpt-4.1-mini/inference") == "closed"


@pytest.mark.parametrize(
    ("retrieved", "age", "badge"),
    [
        ("2026-11-21", 0, "fresh"),
        ("2026-11", 20, "fresh"),
        ("2026-10-22", 30, "fresh"),
        ("2026-10-21", 31, "ageing"),
        ("2026-08-23", 90, "ageing"),
        ("2026-08-22", 91, "stale"),
        ("2024", 1055, "stale"),
        (None, None, "stale"),
    ],
)
def test_age(retrieved: str | None, age: int | None, badge: str) -> None:
    assert age_days(retrieved, DAY) == age
    assert age_badge(age) == badge


def test_closed_routes_are_shown_with_their_date() -> None:
    states = {route.id: state_sentence(route, DAY) for route in load_routes().routes}
    assert states["bedrock/claude-3-haiku"] == "Closed since 2026-09-10"
    assert states["openai/gpt-4.1-mini"] == "Existing customers only; closes on 2027-01-06 (46 days)"
    assert states["local/open-weights"] == "Open"
    assert states["vertex/gemini-3.5-flash"] == "Open; base model ends on 2027-05-19"


def test_list_has_the_contract_fields_for_every_row() -> None:
    document = run_list(Namespace(as_of="2026-11-21", provider=None)).document
    assert len(document["rows"]) == len(load_prices().rows)
    for row in document["rows"]:
        assert {"id", "availability_today", "shutdown_date", "checked", "age_days", "source"} <= set(row)


def test_check_says_no_while_rows_are_stale() -> None:
    outcome = run_check(Namespace(as_of="2026-11-21", provider=None))
    assert outcome.exit_code == 1
    assert not outcome.document["ok"]
    assert "openai/gpt-4.1-mini/training" in outcome.document["unverified"]
    assert "bedrock/nova-micro/training" in outcome.document["unknown"]
    assert "vertex/gemini-2.5-pro/training" not in outcome.document["stale"]
    fresh = run_check(Namespace(as_of="2026-11-21", provider="anthropic"))
    assert (fresh.exit_code, fresh.document["ok"]) == (0, True)


def test_free_hosting_is_a_price_and_null_is_not() -> None:
    prices = load_prices()
    assert row_today(prices.row("azure/fine-tuned-developer/hosting"), DAY).price_known
    assert not row_today(prices.row("gpu/l4"), DAY).price_known


@pytest.mark.parametrize("options", [{"as_of": "yesterday", "provider": None}, {"as_of": None, "provider": "acme"}])
def test_bad_options(options: dict) -> None:
    with pytest.raises(InputError):
        run_list(Namespace(**options))
