"""A share with its uncertainty: the Wilson interval (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


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
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate, share = successes / n, z * z / n
    middle = rate + share / 2
    half = z * math.sqrt(rate * (1 - rate) / n + share / n / 4)
    low = 0.0 if successes == 0 else (middle - half) / (1 + share)
    high = 1.0 if successes == n else (middle + half) / (1 + share)
    return Interval(rate, low, high)
