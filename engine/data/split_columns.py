"""What a column would mean for a split: how many groups, which dates; shown before the user decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.dates import DateColumn, Order, date_column

LOOKED_AT = 60  # filled cells that tell whether a column holds dates
MOSTLY = 0.8
NAMES = ("date", "time", "datum", "zeit", "created", "updated", "when", "day", "timestamp", "closed", "opened")


@dataclass(frozen=True)
class GroupFacts:
    """Different filled values, rows without one, rows of the largest group and its share of all rows."""

    groups: int
    empty: int
    largest_rows: int
    largest_share: float

    @property
    def impossible(self) -> bool:
        """Every row is in one group, so nothing can be divided."""
        return self.groups == 1 and not self.empty


@dataclass(frozen=True)
class DateFacts:
    """Dates of a column: order of day and month, an open example and its two readings, first and last day, rows."""

    order: Order
    example: str
    readings: tuple[str, str]  # the example with the day first, and with the month first
    first: str
    last: str
    dated: int
    undated: int
    contradiction: tuple[str, str] = ("", "")


def group_facts(values: Sequence[str]) -> GroupFacts:
    """Count the groups of a column's cells (one per row of the version)."""
    counted = Counter(value.strip() for value in values)
    empty = counted.pop("", 0)
    largest = max(counted.values(), default=0)
    return GroupFacts(len(counted), empty, largest, largest / max(len(values), 1))


def date_facts(values: Sequence[str], *, day_first: bool | None = None) -> DateFacts:
    """Read the dates of a column's cells; `day_first` settles an open order."""
    column = date_column(values)
    when = column.moments(day_first=day_first)
    known = when[~np.isnat(when)]
    return DateFacts(
        column.order,
        column.example[0],
        (_reading(column.example[0], day_first=True), _reading(column.example[0], day_first=False)),
        _day(known.min()) if len(known) else "",
        _day(known.max()) if len(known) else "",
        len(known),
        len(values) - len(known),
        _contradiction(column),
    )


def likely_dates(rows: pd.DataFrame) -> list[str]:
    """Columns whose cells are dates (`rows` are the first ones), telling names first; plain numbers never count."""
    found = [str(name) for name in rows.columns if _holds_dates(rows[name].tolist())]
    return sorted(found, key=lambda name: not any(word in name.lower() for word in NAMES))


def _holds_dates(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()][:LOOKED_AT]
    if not filled or all(cell.strip().isdigit() for cell in filled):
        return False
    column = date_column(filled)
    return sum(column.read[cell] is not None for cell in filled) >= MOSTLY * len(filled)


def _reading(text: str, *, day_first: bool) -> str:
    moment = date_column([text]).moments(day_first=day_first)[0]
    if np.isnat(moment):
        return ""
    day = moment.astype("datetime64[s]").item()
    return f"{day.day} {day:%B %Y}"


def _contradiction(column: DateColumn) -> tuple[str, str]:
    if column.order != "mixed":
        return "", ""
    day, month = column.contradiction()
    return column.cells[day].strip(), column.cells[month].strip()


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))
