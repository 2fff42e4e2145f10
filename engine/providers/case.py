"""The calculator of Providers & ROI: a few inputs, a base, a route and a dataset become a scenario and its decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.costs.decide import Decision, decide
from engine.costs.scenario import Scenario
from engine.costs.tokens import TokenRange
from engine.costs.training_cost import TrainingCost, route_training_cost
from engine.errors import NotFound
from engine.facts.prices import Catalogue, Route, RouteList

Money = float | None


class CaseInputs(BaseModel):
    """What the page asks. The descriptions are its help texts. USD; prices per 1,000,000 tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_row: str = Field(default="openai/gpt-4.1-mini/inference", description="The model you use today")
    other_row: str | None = Field(
        default="openai/gpt-6-luna/inference", description="A cheaper or newer model that would not be tuned"
    )
    route: str = Field(default="openai/gpt-4.1-mini", description="Where the tuned model would be made and run")
    requests: float = Field(default=100_000, ge=0, description="Requests per month")
    prompt_now: float = Field(default=2200, ge=0, description="Tokens sent with one request today, in all")
    static_share: float = Field(
        default=2000 / 2200, ge=0, le=1, description="Share of the prompt that is the same every time"
    )
    prompt_after: float = Field(default=300, ge=0, description="Tokens sent once the model knows the task")
    answer: float = Field(default=100, ge=0, description="Tokens of one answer")
    cache_hits: float = Field(default=1.0, ge=0, le=1, description="How often the cached prompt is found")
    batch_share: float = Field(default=0, ge=0, le=1, description="Share of requests that may wait (half price)")
    rows: float = Field(default=1000, ge=0, description="Examples to train on, when no dataset is in the project")
    epochs: float = Field(default=3, ge=1, le=25, description="Training passes over the examples")
    cycles: float = Field(default=2, ge=1, le=20, description="Training rounds until it is good; plan for 2 or 3")
    work: float = Field(default=5000, ge=0, description="Once: people's time for examples, evaluation, set-up (USD)")
    upkeep_per_year: float = Field(default=2, ge=0, description="How often it is trained again per year")
    upkeep_cost: float = Field(default=200, ge=0, description="USD for training it again once")
    error_now: float = Field(default=0, ge=0, le=1, description="Share of wrong answers today")
    error_tuned: float = Field(default=0, ge=0, le=1, description="Share of wrong answers of the tuned model")
    error_cost: float = Field(default=0, ge=0, description="USD that one wrong answer costs you")
    horizon: int = Field(default=24, ge=1, le=60, description="Months to look ahead")
    training_price: Money = Field(default=None, ge=0, description="Your price of training, in the row's unit")
    tokens_per_second: Money = Field(default=None, gt=0, description="Training speed of the rented machine")
    training_hours: Money = Field(default=None, ge=0, description="Hours one training round takes")
    tuned_input: Money = Field(default=None, ge=0, description="Price per 1M tokens sent to the tuned model")
    tuned_output: Money = Field(default=None, ge=0, description="Price per 1M tokens the tuned model answers")
    hosting_per_hour: Money = Field(default=None, ge=0, description="USD per hour while the tuned model stands ready")
    hosting_hours: float = Field(default=730, ge=0, le=744, description="Hours per month it stands ready")


@dataclass(frozen=True)
class Case:
    """The result: a decision, or the inputs that are still needed (names of CaseInputs) before there can be one."""

    route: Route
    training: TrainingCost
    decision: Decision | None
    scenario: dict[str, Any] | None
    missing: list[str] = field(default_factory=list)


def billable_tokens(inputs: CaseInputs, dataset: TokenRange | None) -> TokenRange:
    """Return the tokens one training round bills: the dataset's, or rows x (prompt after + answer), times passes."""
    if dataset is not None:
        return dataset.times(inputs.epochs)
    typed = inputs.rows * (inputs.prompt_after + inputs.answer)
    return TokenRange(typed * 0.8, typed, typed * 1.2).times(inputs.epochs)


def work_out(
    inputs: CaseInputs, catalogue: Catalogue, routes: RouteList, dataset: TokenRange | None, today: date
) -> Case:
    """Return the case. Raises NotFound for a route or row that does not exist; asks for what is unknown."""
    route = find_route(routes, inputs.route)
    training = route_training_cost(
        route,
        catalogue,
        billable_tokens(inputs, dataset).as_tuple(),
        price=inputs.training_price,
        tokens_per_second=inputs.tokens_per_second,
        hours=inputs.training_hours,
    )
    missing = missing_numbers(inputs, route, training, catalogue)
    if missing:
        return Case(route, training, None, None, missing)
    scenario = scenario_of(inputs, route, training, today)
    return Case(route, training, decide(Scenario.model_validate(scenario), catalogue, today), scenario)


def find_route(routes: RouteList, route_id: str) -> Route:
    """Return one route. Raises NotFound."""
    for route in routes.routes:
        if route.id == route_id:
            return route
    raise NotFound(f"There is no route {route_id!r}.", "List them with: tuneworth providers list")


def missing_numbers(inputs: CaseInputs, route: Route, training: TrainingCost, catalogue: Catalogue) -> list[str]:
    """Return the inputs a person has to fill in, since no dated source gives them."""
    missing = []
    if not training.known:
        by_hours = training.missing.startswith("Hours")
        by_speed = training.missing.startswith("Tokens")
        missing.append("training_hours" if by_hours else "tokens_per_second" if by_speed else "training_price")
    if route.tuned_row is None and route.adapter != "local":
        if inputs.tuned_input is None:
            missing.append("tuned_input")
        if inputs.tuned_output is None:
            missing.append("tuned_output")
    if needs_hosting(route, catalogue) and inputs.hosting_per_hour is None:
        missing.append("hosting_per_hour")
    return missing


def needs_hosting(route: Route, catalogue: Catalogue) -> bool:
    """Whether a tuned model of this route is billed by the hour."""
    training_row = catalogue.row(route.training_row) if route.training_row else None
    return route.hosting_row is not None or (training_row is not None and training_row.kind == "gpu")


def scenario_of(inputs: CaseInputs, route: Route, training: TrainingCost, today: date) -> dict[str, Any]:
    """Return the scenario in the form of the scenario file, so that `tuneworth cost` gives the same answer."""
    prompt = {"prompt_tokens": inputs.prompt_now, "static_prompt_tokens": inputs.prompt_now * inputs.static_share}
    prompt["answer_tokens"] = inputs.answer
    tuned: dict[str, Any] = {"prompt_tokens": inputs.prompt_after, "answer_tokens": inputs.answer}
    if route.tuned_row is not None:
        tuned["price_row"] = route.tuned_row
    else:
        tuned |= {"input": inputs.tuned_input or 0.0, "output": inputs.tuned_output or 0.0}
    if inputs.hosting_per_hour is not None:
        tuned |= {"hosting_per_hour": inputs.hosting_per_hour, "hours_per_month": inputs.hosting_hours}
    scenario: dict[str, Any] = {
        "requests_per_month": inputs.requests,
        "today": prompt | {"price_row": inputs.base_row},
        "tuned": tuned,
        "cache_hit_rate": inputs.cache_hits,
        "minimum_cached_prefix": 1024,
        "batch_share": inputs.batch_share,
        "one_off": {"training": training.mid or 0.0, "engineering": inputs.work},
        "cycles": inputs.cycles,
        "retrain": {"per_year": inputs.upkeep_per_year, "cost": inputs.upkeep_cost},
        "errors": {"rate_today": inputs.error_now, "rate_tuned": inputs.error_tuned, "cost": inputs.error_cost},
        "horizon_months": inputs.horizon,
        "shutdown_date": route.shutdown_date.isoformat() if route.shutdown_date else None,
        "as_of": today.isoformat(),
        "uncertainty": _spread(inputs, training),
    }
    if inputs.other_row is not None and inputs.other_row != inputs.base_row:
        name = inputs.other_row.split("/")[1]
        scenario["alternatives"] = [prompt | {"name": f"{name}, untuned", "price_row": inputs.other_row}]
    return scenario


def _spread(inputs: CaseInputs, training: TrainingCost) -> dict[str, list[float]]:
    """Return the three-point inputs: volume from half to double, lengths 20 % around, training as its range."""
    spread = {"requests_per_month": [inputs.requests * 0.5, inputs.requests, inputs.requests * 2]}
    for path, value in (("tuned.prompt_tokens", inputs.prompt_after), ("tuned.answer_tokens", inputs.answer)):
        spread[path] = [value * 0.8, value, value * 1.2]
    spread["one_off.engineering"] = [inputs.work * 0.5, inputs.work, inputs.work * 2]
    if training.low is not None and training.mid is not None and training.high is not None:
        spread["one_off.training"] = sorted([training.low, training.mid, training.high])
    return spread
