"""What a route costs per month and once, beyond tokens: hosting, self-hosting, labour, evaluation, retraining.

Formulas 2, 4, 5 and 6 of facts/providers.md section 7. USD, a month is 730 hours unless hours are given.
"""

from __future__ import annotations

import math

from engine.costs.request_cost import PER, Number

HOURS_PER_MONTH = 730.0


def running_month(
    requests: Number,
    cost_per_request: Number,
    *,
    retry_rate: Number = 0.0,
    hosting_per_hour: Number = 0.0,
    hours: Number = 0.0,
    storage: Number = 0.0,
) -> Number:
    """Return USD per month: V * (1 + retries) * c + hosting + storage."""
    return requests * (1.0 + retry_rate) * cost_per_request + hosting_per_hour * hours + storage


def retraining_month(per_year: Number, cost: Number) -> Number:
    """Return USD per month of `per_year` retrainings of `cost` each, spread over the year."""
    return per_year * cost / 12.0


def one_off_cost(training: Number, cycles: Number, *others: Number) -> Number:
    """Return USD before the first request: training counts once per cycle, the rest once."""
    total = training * cycles
    for other in others:
        total = total + other
    return total


def labelling_cost(rows: float, minutes_per_row: float, rate_per_hour: float, review_share: float = 0.0) -> float:
    """Return USD of a person's time for writing and reviewing rows."""
    return rows * minutes_per_row / 60.0 * rate_per_hour * (1.0 + review_share)


def evaluation_cost(rows: float, cost_base: float, cost_tuned: float, repeats: float = 1.0) -> float:
    """Return USD for answering the test rows with both models, `repeats` times."""
    return rows * (cost_base + cost_tuned) * repeats


def replicas_needed(peak_rps: float, rps_per_gpu: float, target_utilisation: float) -> int:
    """Return the number of GPUs that carry the peak; requests per second, utilisation above 0 up to 1."""
    return math.ceil(peak_rps / (rps_per_gpu * target_utilisation)) if peak_rps > 0 else 0


def self_hosted_month(replicas: float, per_gpu_hour: float, ops_hours: float = 0.0, ops_rate: float = 0.0) -> float:
    """Return USD per month for GPUs that run all month, plus the hours a person spends on them."""
    return replicas * per_gpu_hour * HOURS_PER_MONTH + ops_hours * ops_rate


def served_price(per_gpu_hour: float, tokens_per_second: float, utilisation: float) -> float:
    """Return USD per 1,000,000 tokens served by a rented GPU. Utilisation is never assumed: idle hours are paid."""
    return per_gpu_hour / (tokens_per_second * 3600.0 * utilisation) * PER
