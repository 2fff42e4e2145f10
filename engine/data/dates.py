"""Dates of a column, read strictly: a fixed list of forms, and never a guess between day and month.

Forms: 2026-03-04 (also 2026/03/04, 20260304, 2026-03), 4.3.2026 (day first), 3/4/2026 and 3-4-2026 (open until the
column or the user says which comes first), 4 March 2026, March 4, 2026, seconds or milliseconds since 1970; each with
an optional time and zone. Two-digit years are 20xx. Times without a zone are taken as they stand.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

Order: TypeAlias = Literal["clear", "day", "month", "open", "mixed"]
_TIME = (
    r"(?:(?:T|,? +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?" + _TIME)
_COMPACT = re.compile(r"(\d{4})()(\d{2})(\d{2})" + _TIME)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})" + _TIME)
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_DAY_NAME = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})" + _TIME)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _TIME)
_EPOCH = re.compile(r"(\d{10})(\d{3})?(?:\.\d+)?")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = {name[:size]: number for number, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {"sept": 9}
_ZERO = datetime.datetime(1970, 1, 1)
_EPOCHS = (946_684_800, 4_102_444_800)  # seconds of the years 2000 to 2100: other numbers are not taken for dates


@dataclass(frozen=True)
class _Open:
    """A date whose first two numbers can be day and month in either order."""

    first: int
    second: int
    year: int
    clock: tuple[str | None, ...]

    def at(self, *, day_first: bool) -> datetime.datetime | None:
        day, month = (self.first, self.second) if day_first else (self.second, self.first)
        return _moment(self.year, month, day, self.clock)


@dataclass(frozen=True)
class DateColumn:
    """A column of texts and what they are as dates."""

    cells: tuple[str, ...]

    @cached_property
    def read(self) -> dict[str, datetime.datetime | _Open | None]:
        """Each different text as a date, as an open one, or as None."""
        return {cell: _read(cell.strip()) for cell in dict.fromkeys(self.cells)}

    @property
    def order(self) -> Order:
        """Which of day and month comes first in forms such as 3/4/2026.

        `clear` when there is no such form, `open` when nothing tells, `mixed` when rows contradict each other.
        """
        day, month = self._needs(day_first=True), self._needs(day_first=False)
        if day and month:
            return "mixed"
        if day or month:
            return "day" if day else "month"
        return "open" if any(isinstance(found, _Open) for found in self.read.values()) else "clear"

    @property
    def example(self) -> tuple[str, int]:
        """First text that can be read both ways, and its position; ('', -1) when there is none."""
        for place, cell in enumerate(self.cells):
            if isinstance(self.read[cell], _Open):
                return cell.strip(), place
        return "", -1

    def contradiction(self) -> tuple[int, int]:
        """Positions of a text that can only be day first and of one that can only be month first."""
        day, month = self._needs(day_first=True), self._needs(day_first=False)
        return self.cells.index(day), self.cells.index(month)

    def moments(self, *, day_first: bool | None = None) -> np.ndarray:
        """datetime64[s] per row, NaT for what is no date. `day_first` decides open forms; None takes the column's."""
        first = self.order != "month" if day_first is None else day_first
        known = {cell: _settled(found, day_first=first) for cell, found in self.read.items()}
        return np.array([known[cell] for cell in self.cells], dtype="datetime64[s]")

    def _needs(self, *, day_first: bool) -> str:
        """A text that is a date only in this order, or ''."""
        for cell, found in self.read.items():
            if isinstance(found, _Open) and found.at(day_first=not day_first) is None:
                return cell
        return ""


def date_column(values: Sequence[str]) -> DateColumn:
    """Look at the texts of a column."""
    return DateColumn(tuple(values))


def _settled(found: datetime.datetime | _Open | None, *, day_first: bool) -> np.datetime64:
    moment = found.at(day_first=day_first) if isinstance(found, _Open) else found
    return np.datetime64("NaT", "s") if moment is None else np.datetime64(moment, "s")


def _read(text: str) -> datetime.datetime | _Open | None:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, _, month, day, *clock = match.groups()
        return _moment(int(year), int(month), int(day or 1), tuple(clock))
    if match := _DOTTED.fullmatch(text):
        day, month, year, *clock = match.groups()
        return _moment(_year(year), int(month), int(day), tuple(clock))
    if match := _SLASHED.fullmatch(text):
        first, _, second, year, *clock = match.groups()
        found = _Open(int(first), int(second), _year(year), tuple(clock))
        both = (found.at(day_first=True), found.at(day_first=False))
        if both == (None, None) or both[0] == both[1]:
            return both[0]
        return found
    if match := _DAY_NAME.fullmatch(text):
        day, name, year, *clock = match.groups()
        return _moment(int(year), _MONTH.get(name.lower(), 0), int(day), tuple(clock))
    if match := _NAME_DAY.fullmatch(text):
        name, day, year, *clock = match.groups()
        return _moment(int(year), _MONTH.get(name.lower(), 0), int(day), tuple(clock))
    if (match := _EPOCH.fullmatch(text)) and _EPOCHS[0] <= int(match[1]) <= _EPOCHS[1]:
        return _ZERO + datetime.timedelta(seconds=int(match[1]))
    return None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _moment(year: int, month: int, day: int, clock: Sequence[str | None]) -> datetime.datetime | None:
    hour, minute, second, half, zone = clock
    try:
        found = datetime.datetime(year, month, day, _hour(hour, half), int(minute or 0), int(second or 0))
        return found - _offset(zone)
    except (ValueError, OverflowError):
        return None


def _hour(hour: str | None, half: str | None) -> int:
    if hour is None or half is None:
        return int(hour or 0)
    if not 1 <= int(hour) <= 12:
        raise ValueError(hour)
    return int(hour) % 12 + (12 if half in "pP" else 0)


def _offset(zone: str | None) -> datetime.timedelta:
    if zone is None or zone in ("Z", "UTC"):
        return datetime.timedelta()
    digits = zone[1:].replace(":", "")
    offset = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset
