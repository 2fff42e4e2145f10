"""A test that stays true however often somebody looks: the mixture sequential probability ratio test (mSPRT).

Source: Johari, Pekelis and Walsh 2015 ("Always valid inference"), normal approximation; with unequal arms V =
sA^2/(nA/n) + sB^2/(nB/n), n = the smaller arm. The band is the asymptotic confidence sequence of Waudby-Smith et al.
2021 (form unverified at the source; its coverage was checked by simulation, evaluation.md section 3).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Decision = Literal["continue", "stop_better", "stop_worse"]

TAU = 0.05  # smallest gap worth shipping
BURN_IN = 50  # rows per arm before anything is said
RHO_SQUARED = 1 / 500
ALPHA = 0.05


@dataclass(frozen=True)
class Arm:
    """How many were counted in one arm, and how many of them went well."""

    n: int
    successes: int

    @property
    def rate(self) -> float:
        """Return the share that went well; 0 for an empty arm."""
        return self.successes / self.n if self.n else 0.0


@dataclass(frozen=True)
class Look:
    """What is known after so many rows: gap of B over A, likelihood ratio, always-valid p, band, decision."""

    a: Arm
    b: Arm
    difference: float
    ratio: float
    always_valid_p: float
    low: float
    high: float
    decision: Decision


def variance(a: Arm, b: Arm) -> float:
    """Return V, the variance of one pair of rows, per row of the smaller arm. Raises ValueError on an empty arm."""
    if not a.n or not b.n:
        raise ValueError("both arms need rows")
    smaller = min(a.n, b.n)
    return a.rate * (1 - a.rate) * smaller / a.n + b.rate * (1 - b.rate) * smaller / b.n


def log_ratio(a: Arm, b: Arm, tau: float = TAU) -> float:
    """Return ln of the mixture likelihood ratio; 0 while an arm is empty or nothing has varied yet."""
    if not a.n or not b.n:
        return 0.0
    spread = variance(a, b)
    if spread <= 0:
        return 0.0
    n = min(a.n, b.n)
    gap = b.rate - a.rate
    wide = spread + n * tau**2
    return 0.5 * math.log(spread / wide) + n**2 * tau**2 * gap**2 / (2 * spread * wide)


def band(a: Arm, b: Arm, alpha: float = ALPHA) -> tuple[float, float]:
    """Return limits of the gap (B - A), true at every look with probability 1 - alpha; (-1, 1) without rows."""
    if not a.n or not b.n:
        return -1.0, 1.0
    n = min(a.n, b.n)
    spread = variance(a, b)
    grown = n * RHO_SQUARED + 1
    width = math.sqrt(spread) * math.sqrt(2 * grown / (n**2 * RHO_SQUARED) * math.log(math.sqrt(grown) / alpha))
    gap = b.rate - a.rate
    return (gap - width, gap + width) if spread > 0 else (-1.0, 1.0)


def look(a: Arm, b: Arm, *, before: float = 1.0, tau: float = TAU, alpha: float = ALPHA) -> Look:
    """Return one look at the counts.

    `before` is the always-valid p of the look before; the new one never exceeds it.
    """
    ratio_log = log_ratio(a, b, tau)
    settled = min(a.n, b.n) >= BURN_IN
    p = min(before, 1.0, math.exp(-ratio_log)) if settled else min(before, 1.0)
    low, high = band(a, b, alpha)
    gap = b.rate - a.rate
    decision: Decision = "continue"
    if settled and p <= alpha:
        decision = "stop_better" if gap > 0 else "stop_worse"
    return Look(a, b, gap, math.exp(min(ratio_log, 700.0)), p, low, high, decision)


def follow(events: Iterable[tuple[bool, bool]], *, tau: float = TAU, alpha: float = ALPHA) -> list[Look]:
    """Return a look after every event, in order, until the first decision to stop. An event is (is arm B, success)."""
    a, b = Arm(0, 0), Arm(0, 0)
    looks: list[Look] = []
    p = 1.0
    for is_b, success in events:
        if is_b:
            b = Arm(b.n + 1, b.successes + success)
        else:
            a = Arm(a.n + 1, a.successes + success)
        looks.append(look(a, b, before=p, tau=tau, alpha=alpha))
        p = looks[-1].always_valid_p
        if looks[-1].decision != "continue":
            break
    return looks
