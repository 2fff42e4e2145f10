"""Fill prices that a scenario leaves to the catalogue, and say which rows the numbers came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.costs.scenario import ModelCosts, Scenario
from engine.errors import InputError, NotFound, Where
from engine.facts.prices import Catalogue, PriceRow

PRICE_FIELDS = (("input", "input"), ("cached", "cached_input"), ("output", "output"))
TIER_FIELDS = ("tier_over_input_tokens", "tier_mult_input", "tier_mult_output")


@dataclass(frozen=True)
class RowUsed:
    """Where the prices of one part of a scenario came from."""

    id: str
    checked: str | None
    used_for: str

    def document(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {"id": self.id, "checked": self.checked, "used_for": self.used_for}


@dataclass(frozen=True)
class Filled:
    """A scenario whose prices are all numbers, with their rows and the tuned base's last day."""

    scenario: Scenario
    rows_used: list[RowUsed]
    shutdown_date: date | None


def fill(scenario: Scenario, catalogue: Catalogue) -> Filled:
    """Return the scenario with catalogue prices in place. Raises InputError for an unknown row or an unknown price."""
    used: list[RowUsed] = []
    typed = scenario.as_of.isoformat() if scenario.as_of else None
    ready: dict[str, ModelCosts] = {}
    for path, model in scenario.models():
        row = _row(catalogue, model, path)
        ready[path] = model if row is None else _with_prices(model, row, path)
        own = [field for field, _ in PRICE_FIELDS if field in model.model_fields_set]
        if row is not None:
            used.append(RowUsed(row.id, row.retrieved, path))
        if own or row is None:
            used.append(RowUsed(f"yours/{path}", typed, path))
    alternatives = [ready[path] for path, _ in scenario.models() if path.startswith("alternatives.")]
    filled = scenario.model_copy(
        update={"today": ready["today"], "tuned": ready["tuned"], "alternatives": alternatives}
    )
    tuned_row = _row(catalogue, scenario.tuned, "tuned")
    shutdown = scenario.shutdown_date or (tuned_row.shutdown_date if tuned_row else None)
    return Filled(filled, used, shutdown)


def _row(catalogue: Catalogue, model: ModelCosts, path: str) -> PriceRow | None:
    if model.price_row is None:
        return None
    try:
        return catalogue.row(model.price_row)
    except NotFound as error:
        raise InputError(error.message, error.hint, where=Where(column=f"{path}.price_row")) from error


def _with_prices(model: ModelCosts, row: PriceRow, path: str) -> ModelCosts:
    changes: dict[str, float | None] = {}
    for field, number in PRICE_FIELDS:
        if field in model.model_fields_set:
            continue
        price = getattr(row.numbers, number)
        if price is None and field != "cached":
            raise InputError(
                f"The {field} price of {row.id} is not known.",
                f"Look it up and write it as {path}.{field}.",
                where=Where(column=f"{path}.{field}"),
            )
        changes[field] = price
    for field in TIER_FIELDS:
        value = getattr(row.numbers, field)
        if field not in model.model_fields_set and value is not None:
            changes[field] = value
    return model.model_copy(update=changes)
