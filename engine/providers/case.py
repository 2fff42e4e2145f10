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
from engine.facts.prices import Catalogue, PriceRow, Route, RouteList

Money = float | None


class CaseInputs(BaseModel):
    """What the page asks. The descriptions are its help texts. USD; prices per 1,000,000 tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_row: str = Field(default="openai/gpt-4.1-mini/inference", description="The model you use today")
    other_row: str | None = Field(
        default="openai/gpt-6-luna/inference", description="A cheaper or newer model that would not be tuned"
    )
    route: str = Field(default="local/open-weights", description="Where the tuned model would be made and run")
    requests: float = Field(default=100_000, ge=0, description="Requests per month")
    instructions_now: float = Field(
        default=2000, ge=0, description="Tokens of today's prompt that are the same every time: instructions, examples"
    )
    text: float = Field(default=200, ge=0, description="Tokens that differ each time: the ticket, the question")
    instructions_after: float = Field(default=100, ge=0, description="Instructions still needed after training")
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
    """Return the tokens one training round bills: those of the dataset, or of typed rows, times the passes."""
    if dataset is not None:
        return dataset.times(inputs.epochs)
    typed = inputs.rows * (inputs.text + inputs.instructions_after + inputs.answer)
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
    scenario = scenario_of(inputs, route, training, catalogue, today)
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
    if route.tuned_row is None and route.tokens_billed:
        missing += [name for name in ("tuned_input", "tuned_output") if getattr(inputs, name) is None]
    row = hosting_row(route, catalogue)
    if row is not None and inputs.hosting_per_hour is None and row.amount() is None:
        missing.append("hosting_per_hour")
    return missing


def hosting_row(route: Route, catalogue: Catalogue) -> PriceRow | None:
    """Return the row that prices an hour of the tuned model on this route, or None when hours are not billed."""
    if route.hosting_row is not None:
        return catalogue.row(route.hosting_row)
    row = catalogue.row(route.training_row) if route.training_row else None
    return row if row is not None and row.kind == "gpu" else None


def hosting_price(inputs: CaseInputs, route: Route, catalogue: Catalogue) -> float | None:
    """Return USD per hour: the user's own, else the row's (the middle of a range), else None."""
    row = hosting_row(route, catalogue)
    if inputs.hosting_per_hour is not None and (row is not None or route.adapter == "local"):
        return inputs.hosting_per_hour
    amount = row.amount() if row is not None else None
    return sum(amount) / 2 if isinstance(amount, tuple) else amount


def tuned_prices(inputs: CaseInputs, route: Route, catalogue: Catalogue) -> dict[str, Any]:
    """Return what the tuned model in use is billed by: a price row or typed prices, hours, storage."""
    prices: dict[str, Any] = {}
    if route.tuned_row is not None:
        prices["price_row"] = route.tuned_row
    elif route.tokens_billed:
        prices |= {"input": inputs.tuned_input, "output": inputs.tuned_output}
    hourly = hosting_price(inputs, route, catalogue)
    if hourly is not None:
        prices |= {"hosting_per_hour": hourly, "hours_per_month": inputs.hosting_hours}
    storage = catalogue.row(route.storage_row).numbers.per_month if route.storage_row else None
    return prices if storage is None else prices | {"storage_per_month": storage}


def rows_used(case: Case, catalogue: Catalogue) -> list[PriceRow]:
    """Return every catalogue row behind a case, once."""
    names = [row["id"] for row in case.training.rows_used]
    names += [row.id for row in case.decision.rows_used] if case.decision else []
    hourly = hosting_row(case.route, catalogue)
    names += [name for name in (hourly.id if hourly else None, case.route.storage_row) if name]
    return [row for row in catalogue.rows if row.id in names]


def scenario_of(
    inputs: CaseInputs, route: Route, training: TrainingCost, catalogue: Catalogue, today: date
) -> dict[str, Any]:
    """Return the scenario in the form of the scenario file, so that `tuneworth cost` gives the same answer."""
    prompt = {
        "prompt_tokens": inputs.instructions_now + inputs.text,
        "static_prompt_tokens": inputs.instructions_now,
        "answer_tokens": inputs.answer,
    }
    tuned: dict[str, Any] = {
        "prompt_tokens": inputs.instructions_after + inputs.text,
        "answer_tokens": inputs.answer,
        **tuned_prices(inputs, route, catalogue),
    }
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
        name = catalogue.row(inputs.other_row).model
        scenario["alternatives"] = [prompt | {"name": f"{name} (not tuned)", "price_row": inputs.other_row}]
    return scenario


def _spread(inputs: CaseInputs, training: TrainingCost) -> dict[str, list[float]]:
    """Return the three-point inputs: volume from half to double, lengths 20 % around, training as its range."""
    spread = {"requests_per_month": [inputs.requests * 0.5, inputs.requests, inputs.requests * 2]}
    after = inputs.instructions_after + inputs.text
    for path, value in (("tuned.prompt_tokens", after), ("tuned.answer_tokens", inputs.answer)):
        spread[path] = [value * 0.8, value, value * 1.2]
    spread["one_off.engineering"] = [inputs.work * 0.5, inputs.work, inputs.work * 2]
    if training.low is not None and training.mid is not None and training.high is not None:
        spread["one_off.training"] = sorted([training.low, training.mid, training.high])
    return spread
