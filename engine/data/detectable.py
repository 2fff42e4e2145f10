"""Smallest difference in right answers that a paired test of n rows can show (facts "Evaluation" 3)."""

from __future__ import annotations

import math

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
    smallest = minimum_detectable_difference(rows)
    if smallest is None:
        return f"With {rows:,} test rows even a large difference could be luck. Take 20 % for the test, or more rows."
    points = f"{smallest * 100:.0f}" if smallest >= 0.1 else f"{smallest * 100:.1f}"
    return f"With {rows:,} test rows we can see differences of about {points} points or more."
