"""How many rows there are. Limit: domain.md 2 (fewer than 100 rows)."""

from __future__ import annotations

from engine.data.quality.finding import Quality
from engine.data.rules import rules


def size(rows: int) -> Quality:
    """Judge the number of rows."""
    limit = rules().quality.fewest_rows
    if not rows:
        return Quality("size", "Rows", 0, "poor", "There are no rows.", "Choose a file.")
    if rows < limit:
        advice = f"Collect at least {limit} good rows before training; 100 great rows beat 1,000 noisy ones."
        verdict = f"{rows} rows are few." if rows > 1 else "One row is not a dataset yet."
        return Quality("size", "Rows", rows, "poor", verdict, advice)
    return Quality("size", "Rows", rows, "good", f"{rows:,} rows are enough to start.")
