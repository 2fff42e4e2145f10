"""Training cost per route: known, asked for, or nothing for this computer."""

import pytest

from engine.costs.ownership import evaluation_cost, labelling_cost, replicas_needed, self_hosted_month
from engine.costs.tokens import tokens_from_characters
from engine.costs.training_cost import hour_priced, rented_gpu, route_training_cost, token_priced
from engine.facts.prices import Route, load_prices, load_routes

TOKENS = (0.8e6, 1e6, 1.2e6)


def route(route_id: str) -> Route:
    return next(each for each in load_routes().routes if each.id == route_id)


def test_this_computer_costs_nothing_but_time() -> None:
    cost = route_training_cost(route("local/open-weights"), load_prices(), TOKENS)
    assert (cost.low, cost.mid, cost.high) == (0, 0, 0)
    assert "time and electricity" in cost.formula


def test_unknown_price_is_asked_for_and_never_zero() -> None:
    for route_id in ("bedrock/nova-micro", "vertex/gemini-3.5-flash", "azure/gpt-4.1-mini", "bedrock/nova-2-lite"):
        cost = route_training_cost(route(route_id), load_prices(), TOKENS)
        assert not cost.known
        assert cost.low is None
        assert cost.missing
        assert route_training_cost(route(route_id), load_prices(), TOKENS, price=2.0).mid == pytest.approx(2.0)


def test_token_price_and_range() -> None:
    one = route_training_cost(route("fireworks/<=16B"), load_prices(), TOKENS)
    assert (one.low, one.mid, one.high) == pytest.approx((0.4, 0.5, 0.6))
    span = route_training_cost(route("together/<=16B"), load_prices(), TOKENS)
    assert (span.low, span.high) == pytest.approx((0.8 * 0.48, 1.2 * 1.35))
    assert span.rows_used == [{"id": "together/<=16B/training", "checked": "2026-05-08"}]


def test_rented_gpu_by_speed() -> None:
    cost = route_training_cost(route("rented/a100-80-7b"), load_prices(), TOKENS)
    assert cost.low == pytest.approx(0.8e6 / 3151 / 3600 * 1.39)
    assert cost.high == pytest.approx(1.2e6 / 2341 / 3600 * 3.43)
    asked = route_training_cost(route("rented/h100-7b"), load_prices(), TOKENS)
    assert not asked.known
    assert "Tokens per second" in asked.missing
    told = route_training_cost(route("rented/h100-7b"), load_prices(), TOKENS, tokens_per_second=6000)
    assert told.low is not None
    assert told.low < (told.high or 0)


def test_hour_price_asks_for_hours_and_has_a_cap() -> None:
    azure = route("azure/o4-mini-rft")
    assert "Hours" in route_training_cost(azure, load_prices(), TOKENS).missing
    assert route_training_cost(azure, load_prices(), TOKENS, hours=4).mid == 400
    assert hour_priced(100, 100, 5000) == 5000


def test_every_open_route_gives_a_number_or_a_question() -> None:
    for each in load_routes().routes:
        cost = route_training_cost(each, load_prices(), TOKENS)
        assert cost.known != bool(cost.missing)


def test_labour_and_hosting() -> None:
    assert labelling_cost(100, 3, 40, 0.2) == pytest.approx(240)
    assert evaluation_cost(381, 0.001, 0.0005) == pytest.approx(0.5715)
    assert replicas_needed(10, 4, 0.5) == 5
    assert replicas_needed(0, 4, 0.5) == 0
    assert self_hosted_month(2, 1.0, 5, 50) == 2 * 730 + 250
    assert token_priced(10, 1.0, minimum_fee=4) == 4
    assert rented_gpu(3.6e6, 1000, 2) == pytest.approx(2)


def test_tokens_are_a_range_until_counted() -> None:
    span = tokens_from_characters(4000)
    assert span.as_tuple() == pytest.approx((800, 1000, 1200))
    assert span.times(3).mid == pytest.approx(3000)
