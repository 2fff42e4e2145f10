"""A share with its uncertainty: the Wilson interval (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest


@dataclass(frozen=True)
class Interval:
    """A best guess with its 95 % limits, in the unit of the value."""

    value: float
    low: float
    high: float


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return a rate with its Wilson interval (for the screen). Raises ValueError unless 0 <= successes <= n, n > 0."""
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"not a rate: {successes} of {n}")
    band = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(band.low), float(band.high))
