"""How small a gap a test of n rows can show, and how many rows a gap needs (80 % power, 5 % two-sided).

Source: Connor 1987 for paired right/wrong, n = (z_a * sqrt(psi) + z_b * sqrt(psi - d^2))^2 / d^2, where psi is the
share of rows on which the two models disagree and d the gap; the usual normal formula for mean scores. Simulated
power of the exact test at these values is 0.76-0.78, so every number is shown with "about".
"""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.stats import norm

POWER = 0.80
ALPHA = 0.05


def _z() -> tuple[float, float]:
    return float(norm.ppf(1 - ALPHA / 2)), float(norm.ppf(POWER))


def rows_needed(gap: float, disagree: float) -> int:
    """Return how many rows show a gap (0..1) when a share `disagree` (0..1) of rows differ in right/wrong.

    A gap can never exceed the share that disagrees, so a smaller share is raised to the gap. Raises ValueError
    unless gap > 0.
    """
    if gap <= 0:
        raise ValueError("a gap to look for must be above 0")
    alpha, power = _z()
    share = max(disagree, gap)
    return math.ceil((alpha * math.sqrt(share) + power * math.sqrt(share - gap**2)) ** 2 / gap**2)


def smallest_gap(n: int, disagree: float) -> float | None:
    """Return the smallest gap (0..1) that n rows can show; None when even the largest possible gap needs more rows."""
    alpha, power = _z()
    if n <= 0 or disagree <= 0:
        return None

    def missing(gap: float) -> float:
        return (alpha * math.sqrt(disagree) + power * math.sqrt(max(0.0, disagree - gap**2))) ** 2 / gap**2 - n

    return None if missing(disagree) > 0 else float(brentq(missing, 1e-9, disagree))


def rows_needed_mean(gap: float, deviation: float) -> int:
    """Return how many rows show a mean paired gap when single differences have this standard deviation (same unit)."""
    if gap <= 0:
        raise ValueError("a gap to look for must be above 0")
    return max(2, math.ceil((sum(_z()) * deviation / gap) ** 2))


def smallest_gap_mean(n: int, deviation: float) -> float:
    """Return the smallest mean paired gap n rows can show, in the unit of the score. Raises ValueError unless n > 0."""
    if n <= 0:
        raise ValueError("no rows")
    return sum(_z()) * deviation / math.sqrt(n)


def smallest_gap_unpaired(n: int, base_rate: float) -> float | None:
    """Return the smallest rise from `base_rate` that two separate groups of n rows can show; None when none can."""
    alpha, power = _z()

    def missing(gap: float) -> float:
        other = base_rate + gap
        middle = (base_rate + other) / 2
        pooled = alpha * math.sqrt(2 * middle * (1 - middle))
        apart = power * math.sqrt(base_rate * (1 - base_rate) + other * (1 - other))
        return (pooled + apart) ** 2 / gap**2 - n

    largest = 1 - base_rate
    return None if largest <= 0 or missing(largest) > 0 else float(brentq(missing, 1e-6, largest))
