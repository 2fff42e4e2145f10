"""Smallest difference in right answers that a paired test of n rows can show (facts "Evaluation" 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.rules import rules


def rows_needed(difference: float, discordance: float | None = None) -> float:
    """Rows to see `difference` (0..1) with 80 % power at 5 %, two-sided; `discordance` = share of rows that disagree.

    n = (z_a sqrt(psi) + z_b sqrt(psi - d^2))^2 / d^2
    """
    limits = rules().split
    psi = limits.discordance if discordance is None else discordance
    if not 0 < difference <= psi:
        return math.inf
    part = limits.z_alpha * math.sqrt(psi) + limits.z_power * math.sqrt(psi - difference**2)
    return (part / difference) ** 2


def minimum_detectable_difference(rows: int, discordance: float | None = None) -> float | None:
    """The smallest visible difference (0..1), or None when `rows` are too few to see any."""
    psi = rules().split.discordance if discordance is None else discordance
    if rows <= 0 or rows_needed(psi, psi) > rows:
        return None
    low, high = 0.0, psi
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rows_needed(middle, psi) > rows else (low, middle)
    return high


def detectable_sentence(rows: int) -> str:
    """Say in words what a test part of this size can show."""
    if rows <= 0:
        return "There are no test rows, so nothing can be measured on rows the model has not seen."
    smallest = minimum_detectable_difference(rows)
    if smallest is None:
        return f"With {rows:,} test rows even a large difference could be luck."
    return f"With {rows:,} test rows we can see differences of about {points(smallest)} points or more."


@dataclass(frozen=True)
class LargerTest:
    """What a larger test part would show: smallest visible difference now and then (0..1, None = nothing)."""

    ratios: tuple[float, float, float]
    rows: int
    now: float | None
    then: float


def larger_test(counts: dict[str, int], ratios: Sequence[float]) -> LargerTest | None:
    """The larger test when it matters, else None.

    It matters when the test is too coarse for `target_difference`, a fifth of the rows would see at least
    `worth_points` more, and enough rows stay for training.
    """
    limits = rules().split
    total = sum(counts.values())
    now = minimum_detectable_difference(counts["test"])
    rows = round(limits.larger_test[2] * total)
    then = minimum_detectable_difference(rows)
    if then is None or rows <= counts["test"] or ratios[2] >= limits.larger_test[2]:
        return None
    if now is not None and (now <= limits.target_difference or now - then < limits.worth_points):
        return None
    if limits.larger_test[0] * total < limits.fewest_train:
        return None
    return LargerTest(limits.larger_test, rows, now, then)


def target_rows() -> int:
    """Test rows needed to see a difference of `target_difference` (5 points)."""
    return math.ceil(rows_needed(rules().split.target_difference))


def target_sentence(rows: int) -> str:
    """Say which test size shows 5 points, of `rows` in all."""
    wanted, difference = target_rows(), points(rules().split.target_difference)
    if wanted >= rows:
        return f"To see a difference of {difference} points you need about {wanted:,} test rows: more than you have."
    return (
        f"To see a difference of {difference} points you need about {wanted:,} test rows, "
        f"{wanted / rows:.0%} of your rows."
    )


def points(difference: float) -> str:
    """0.056 -> `5.6`, 0.124 -> `12`, 0.05 -> `5`."""
    return f"{difference * 100:.0f}" if difference >= 0.1 else f"{difference * 100:.1f}".removesuffix(".0")
