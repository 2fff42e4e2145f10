"""The weight column: a number from 0 up per row; blank means 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.data.decisions import Decision
from engine.errors import MappingError


def read_weight(text: str) -> str | None:
    """The weight as plain number text, or None when the cell is no weight. A decimal comma is understood."""
    plain = text.strip()
    if not plain:
        return "1"
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return f"{value:g}" if math.isfinite(value) and value >= 0 else None


def read_weights(column: str, cells: Sequence[str], row_ids: Sequence[int]) -> tuple[list[str], list[Decision]]:
    """Weights of rows and a note per cell that is none (it counts 1). Raises MappingError when most cells are none."""
    found = [read_weight(cell) for cell in cells]
    bad = [place for place, weight in enumerate(found) if weight is None]
    if cells and 2 * len(bad) > len(cells):
        raise MappingError(
            f"The column {column!r} holds no weights: {cells[bad[0]][:40]!r} is no number from 0 up.",
            "Choose another column for the weight, or set this one to ignore.",
        )
    notes = [
        Decision(
            row_ids[place], "map", "weight",
            f"{cells[place][:40]!r} in {column!r} is no number from 0 up: the row counts 1.", "change",
        )
        for place in bad
    ]  # fmt: skip
    return [weight if weight is not None else "1" for weight in found], notes
