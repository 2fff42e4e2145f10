"""What one training job costs: by tokens, by the hour, or on this computer.

Formula 3 of facts/providers.md section 7.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.costs.request_cost import PER
from engine.facts.prices import Catalogue, PriceRow, Route

TARGET_EXAMPLES = 3  # passes a managed job aims at; limits below from openai-cookbook Chat_finetuning_data_prep
MIN_TARGET, MAX_TARGET, MIN_EPOCHS, MAX_EPOCHS = 100, 25_000, 1, 25


def trained_tokens(tokens: float, epochs: float, validation_tokens: float = 0.0, evaluations: float = 0.0) -> float:
    """Return billable tokens: every pass over the training rows, every evaluation over the validation rows."""
    return tokens * epochs + validation_tokens * evaluations


def token_priced(billable: float, price: float, minimum_fee: float = 0.0) -> float:
    """Return USD for `billable` tokens at `price` per 1,000,000."""
    return max(minimum_fee, billable * price / PER)


def hour_priced(hours: float, per_hour: float, cap: float | None = None) -> float:
    """Return USD for `hours` at `per_hour`, up to the provider's cap."""
    cost = hours * per_hour
    return cost if cap is None else min(cost, cap)


def rented_gpu(billable: float, tokens_per_second: float, per_hour: float) -> float:
    """Return USD for a rented GPU that trains `tokens_per_second`."""
    return billable / tokens_per_second / 3600.0 * per_hour


def tokens_of_steps(sequence: int, batch: int, steps: int) -> int:
    """Return the tokens of a job that was stopped after `steps`: full sequences are billed."""
    return sequence * batch * steps


def default_epochs(rows: int) -> int:
    """Return the passes a managed job would choose for `rows` (openai-cookbook, Chat_finetuning_data_prep)."""
    if rows * TARGET_EXAMPLES < MIN_TARGET:
        return min(MAX_EPOCHS, MIN_TARGET // max(rows, 1))
    if rows * TARGET_EXAMPLES > MAX_TARGET:
        return max(MIN_EPOCHS, MAX_TARGET // rows)
    return TARGET_EXAMPLES


@dataclass(frozen=True)
class TrainingCost:
    """USD of one training job on one route: low, mid, high. None means that a price is unknown: ask for `missing`."""

    route: str
    low: float | None
    mid: float | None
    high: float | None
    formula: str
    missing: str = ""
    rows_used: list[dict[str, str | None]] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether there is a number at all."""
        return self.mid is not None


Tokens = tuple[float, float, float]


def route_training_cost(
    route: Route,
    catalogue: Catalogue,
    tokens: Tokens,
    *,
    price: float | None = None,
    tokens_per_second: float | None = None,
    hours: float | None = None,
) -> TrainingCost:
    """Return the cost of training on billable `tokens` (low, mid, high). `price` is the user's own, USD per row unit.

    An unknown price or speed gives a cost of None with the question to ask; it is never counted as 0.
    """
    if route.adapter == "local":
        return TrainingCost(route.id, 0.0, 0.0, 0.0, "0 USD: your own computer, time and electricity")
    row = catalogue.row(route.training_row) if route.training_row else None
    span = (price, price) if price is not None else _span(row)
    used = [{"id": row.id, "checked": row.retrieved}] if row is not None and price is None else []
    if span is None:
        return TrainingCost(route.id, None, None, None, "", f"The price of training on {route.name}", used)
    if row is not None and row.kind == "gpu":
        speed = (tokens_per_second, tokens_per_second) if tokens_per_second else route.tokens_per_second
        if speed is None:
            return TrainingCost(route.id, None, None, None, "", f"Tokens per second on {route.name}", used)
        return _gpu_cost(route, tokens, span, speed, used)
    if row is not None and row.numbers.per_hour is not None:
        if hours is None:
            return TrainingCost(route.id, None, None, None, "", f"Hours of training on {route.name}", used)
        low, high = (hour_priced(hours, end, row.numbers.cap_usd) for end in span)
        return TrainingCost(route.id, low, (low + high) / 2, high, "hours x USD per hour", "", used)
    low, high = token_priced(tokens[0], span[0]), token_priced(tokens[2], span[1])
    mid = token_priced(tokens[1], sum(span) / 2)
    return TrainingCost(route.id, low, mid, high, "billable tokens x USD per 1M tokens", "", used)


def _gpu_cost(
    route: Route,
    tokens: Tokens,
    span: tuple[float, float],
    speed: tuple[float, float],
    used: list[dict[str, str | None]],
) -> TrainingCost:
    low = rented_gpu(tokens[0], speed[1], span[0])
    mid = rented_gpu(tokens[1], sum(speed) / 2, sum(span) / 2)
    high = rented_gpu(tokens[2], speed[0], span[1])
    return TrainingCost(route.id, low, mid, high, "tokens / (tokens per second) / 3600 x USD per hour", "", used)


def _span(row: PriceRow | None) -> tuple[float, float] | None:
    amount = row.amount() if row is not None else None
    if amount is None:
        return None
    return amount if isinstance(amount, tuple) else (amount, amount)
