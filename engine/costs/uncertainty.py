"""20,000 seeded draws of the uncertain inputs: how likely it pays back, and which inputs matter most.

Formula 9 of facts/providers.md section 7. A three-point input [low, most likely, high] is drawn from a triangular or
a PERT distribution; inputs are independent. The same seed gives the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.costs.break_even import pays_back
from engine.costs.compare import compare
from engine.costs.request_cost import Number
from engine.costs.scenario import Scenario

DRAWS = 20_000
Three = tuple[float, float, float]


@dataclass(frozen=True)
class Bar:
    """One bar of the tornado: net benefit over the horizon (USD) with one input at its p10 and p90."""

    input: str
    low: float
    high: float
    at_p10: float
    at_p90: float
    p10: float
    p90: float


@dataclass(frozen=True)
class Uncertainty:
    """Result of the draws. Net benefit is the saving over the horizon less the one-off cost, USD."""

    probability: float
    net_p5: float
    net_p50: float
    net_p95: float
    draws: int
    tornado: list[Bar]


def draw(three: Three, size: int, random: np.random.Generator, distribution: str) -> NDArray[np.float64]:
    """Return `size` draws of a three-point input."""
    low, mode, high = three
    if high <= low:
        return np.full(size, mode)
    if distribution == "triangular":
        return random.triangular(low, mode, high, size)
    a, b = _pert_shape(three)
    return low + random.beta(a, b, size) * (high - low)


def quantile(three: Three, q: float, distribution: str) -> float:
    """Return the value of a three-point input below which a share `q` of the draws lies."""
    low, mode, high = three
    if high <= low:
        return mode
    if distribution == "pert":
        from scipy.special import betaincinv  # slow to import, and triangular is the default

        return low + float(betaincinv(*_pert_shape(three), q)) * (high - low)
    left = (mode - low) / (high - low)
    if q <= left:
        return low + float(np.sqrt(q * (high - low) * (mode - low)))
    return high - float(np.sqrt((1 - q) * (high - low) * (high - mode)))


def simulate(scenario: Scenario, months: int, draws: int = DRAWS) -> Uncertainty:
    """Return how likely the one-off cost is paid back within `months`. Without uncertain inputs it is 0 or 1."""
    random = np.random.default_rng(scenario.seed)
    changed: dict[str, Number] = {
        path: _within(path, draw(three, draws, random, scenario.distribution))
        for path, three in scenario.uncertainty.items()
    }
    result = compare(scenario, changed)
    paid = pays_back(result.saving, result.one_off, months)
    net = np.atleast_1d(np.asarray(result.saving * months - result.one_off, dtype=float))
    p5, p50, p95 = (float(value) for value in np.percentile(net, [5, 50, 95]))
    return Uncertainty(float(np.mean(paid)), p5, p50, p95, draws if changed else 1, tornado(scenario, months))


def tornado(scenario: Scenario, months: int) -> list[Bar]:
    """Return one bar per uncertain input, widest first; the other inputs stay at their most likely value."""
    modes: dict[str, Number] = {path: three[1] for path, three in scenario.uncertainty.items()}
    bars = []
    for path, three in scenario.uncertainty.items():
        ends = [quantile(three, q, scenario.distribution) for q in (0.1, 0.9)]
        first, second = (_net(scenario, modes | {path: end}, months) for end in ends)
        bars.append(Bar(path, min(first, second), max(first, second), first, second, ends[0], ends[1]))
    return sorted(bars, key=lambda bar: bar.high - bar.low, reverse=True)


def _net(scenario: Scenario, values: dict[str, Number], months: int) -> float:
    result = compare(scenario, values)
    return float(result.saving * months - result.one_off)


def _pert_shape(three: Three) -> tuple[float, float]:
    low, mode, high = three
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


def _within(path: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares cannot exceed 1, whatever was typed."""
    is_share = path in {"cache_hit_rate", "batch_share"} or path.startswith("errors.rate")
    return np.minimum(values, 1.0) if is_share else values
