"""The calculator behind the page: asks for what is unknown, and agrees with the scenario file."""

from datetime import date

import pytest

from engine.costs.decide import decide
from engine.costs.scenario import Scenario
from engine.costs.tokens import TokenRange
from engine.errors import NotFound
from engine.facts.prices import load_prices, load_routes
from engine.providers.case import Case, CaseInputs, rows_used, work_out
from engine.providers.dataset_tokens import dataset_tokens
from engine.providers.records import CostScenario, save_case, saved_case
from tests.pages.dataset import add_dataset

DAY = date(2026, 11, 21)


def case(dataset: TokenRange | None = None, **inputs: object) -> Case:
    return work_out(CaseInputs.model_validate(inputs), load_prices(), load_routes(), dataset, DAY)


def test_the_built_in_example_is_w11() -> None:
    found = case(route="openai/gpt-4.1-mini", upkeep_per_year=0)
    assert found.decision is not None
    monthly = {"today": 104, "today + caching": 44, "gpt-6-luna (not tuned)": 9, "tuned": 56}
    assert found.decision.monthly() == pytest.approx(monthly)
    assert found.decision.horizon_months == 1
    assert found.decision.payback_month is None


@pytest.mark.parametrize("route", [route.id for route in load_routes().routes])
def test_every_route_gives_a_decision_or_names_what_is_missing(route: str) -> None:
    found = case(route=route)
    assert (found.decision is None) == bool(found.missing)
    filled = case(route=route, **dict.fromkeys(found.missing, 1.0))
    assert filled.missing == []
    assert filled.decision is not None


def test_unknown_prices_are_never_zero() -> None:
    assert case(route="bedrock/nova-micro").missing == ["training_price", "tuned_input", "tuned_output"]
    assert case(route="azure/o4-mini-rft").missing == ["training_hours", "tuned_input", "tuned_output"]
    assert case(route="rented/h100-7b").missing == ["tokens_per_second"]


def test_a_rented_machine_is_paid_by_the_hour() -> None:
    found = case(route="rented/a100-80-7b", upkeep_per_year=0, hosting_hours=100)
    assert found.decision is not None
    assert found.decision.monthly()["tuned"] == pytest.approx((1.39 + 3.43) / 2 * 100)
    assert [row.id for row in rows_used(found, load_prices())][-1] == "gpu/a100-80-sxm/range"
    own = case(route="rented/a100-80-7b", upkeep_per_year=0, hosting_hours=100, hosting_per_hour=1.0)
    assert own.decision is not None
    assert own.decision.monthly()["tuned"] == pytest.approx(100)


def test_the_scenario_is_a_valid_scenario_file() -> None:
    found = case(route="openai/gpt-4.1-mini")
    assert found.decision is not None
    again = decide(Scenario.model_validate(found.scenario), load_prices())
    assert again.document() == found.decision.document()


def test_training_tokens_of_the_dataset() -> None:
    found = case(TokenRange(0.8e6, 1e6, 1.2e6), route="openai/gpt-4o-mini", epochs=3)
    assert found.training.mid == pytest.approx(9.0)


def test_unknown_route() -> None:
    with pytest.raises(NotFound):
        case(route="nowhere")


def test_dataset_tokens_and_saving(project) -> None:
    assert dataset_tokens(project) is None
    add_dataset(project, 10)
    found = dataset_tokens(project)
    assert found is not None
    assert (found.rows, found.prompt.mid, found.answer.mid, found.total.mid) == (10, 10, 5, 150)
    inputs = CaseInputs(requests=5)
    for _ in range(2):
        save_case(project, inputs, work_out(inputs, load_prices(), load_routes(), None, DAY), "2026-11-21")
    saved = saved_case(project)
    assert saved is not None
    assert saved.inputs == inputs
    assert len(project.records.list(CostScenario)) == 1
