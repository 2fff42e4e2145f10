"""A test that stays true however often somebody looks: the mixture sequential probability ratio test (mSPRT).

Source: Johari, Pekelis and Walsh 2015 ("Always valid inference"), normal approximation; with unequal arms V =
sA^2/(nA/n) + sB^2/(nB/n), n = the smaller arm. The band is the asymptotic confidence sequence of Waudby-Smith et al.
2021 (form unverified at the source; its coverage was checked by simulation, evaluation.md section 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.resampling import Floats

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


@dataclass(frozen=True)
class Path:
    """Every look of a test, one per event (arrays of shape n).

    `stopped_at` is the 0-based event of the first decision.
    """

    difference: Floats
    always_valid_p: Floats
    low: Floats
    high: Floats
    decision: Decision
    stopped_at: int | None


def follow(is_b: NDArray[np.bool_], success: NDArray[np.bool_], *, tau: float = TAU, alpha: float = ALPHA) -> Path:
    """Look after every event, in order.

    The first decision stands, whatever comes later. Raises ValueError when empty.
    """
    if is_b.size == 0 or is_b.shape != success.shape:
        raise ValueError("events need an arm and an outcome each, and at least one")
    n_a, n_b = np.cumsum(~is_b), np.cumsum(is_b)
    rate_a = np.cumsum(~is_b & success) / np.maximum(n_a, 1)
    rate_b = np.cumsum(is_b & success) / np.maximum(n_b, 1)
    n = np.minimum(n_a, n_b).astype(np.float64)
    spread = rate_a * (1 - rate_a) * n / np.maximum(n_a, 1) + rate_b * (1 - rate_b) * n / np.maximum(n_b, 1)
    gap = rate_b - rate_a
    live = (spread > 0) & (n >= BURN_IN)
    safe, count = np.where(live, spread, 1.0), np.maximum(n, 1.0)
    wide = safe + count * tau**2
    logs = np.where(live, 0.5 * np.log(safe / wide) + count**2 * tau**2 * gap**2 / (2 * safe * wide), 0.0)
    p = np.minimum.accumulate(np.minimum(1.0, np.exp(-logs)))
    grown = count * RHO_SQUARED + 1
    width = np.sqrt(safe) * np.sqrt(2 * grown / (count**2 * RHO_SQUARED) * np.log(np.sqrt(grown) / alpha))
    first = int(np.argmax(p <= alpha)) if bool(np.any(p <= alpha)) else None
    decision: Decision = "continue"
    if first is not None:
        decision = "stop_better" if gap[first] > 0 else "stop_worse"
    return Path(gap, p, np.where(live, gap - width, -1.0), np.where(live, gap + width, 1.0), decision, first)
