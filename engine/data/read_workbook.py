"""Excel and OpenDocument sheets as strings, through python-calamine."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

from engine.data.read_csv import unique_names
from engine.data.rules import rules
from engine.data.workbook_scan import check_archive, check_sheet
from engine.errors import InputError, Where

Sheet = tuple[list[str], list[list[str]], list[int], int, list[str]]


def sheet_names(path: Path, shown: str) -> tuple[str, ...]:
    """Return the visible sheets in order. Raises InputError for a broken workbook."""
    return tuple(_open(path, shown).sheet_names)


def read_sheet(path: Path, shown: str, sheet: str | None) -> tuple[str, Sheet]:
    """Return the sheet's name and `(columns, rows, row numbers, header row, warnings)`.

    Without `sheet` the first one with rows is used. Raises InputError for a broken workbook or unknown sheet.
    """
    notes = check_archive(path, shown)
    book = _open(path, shown)
    names = list(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise InputError(
            f"{shown} has no sheet {sheet!r}.", f"Its sheets: {', '.join(names)}.", where=Where(file=shown)
        )
    for name in [sheet] if sheet is not None else names:
        facts = check_sheet(path, shown, name)
        try:
            found = book.get_sheet_by_name(name)
            cells = found.to_python(skip_empty_area=False)
        except (calamine.CalamineError, ValueError, KeyError) as error:
            raise InputError(
                f"The sheet {name!r} of {shown} cannot be read.",
                "Save it as CSV and use that.",
                where=Where(file=shown),
            ) from error
        if any(cell not in ("", None) for row in cells for cell in row):
            columns, rows, numbers, header, warnings = _table(cells, found.merged_cell_ranges or [])
            return name, (columns, rows, numbers, header, [*notes, *warnings, *facts.notes()])
    raise InputError(f"{shown} has no rows.", "Check that the right sheet was saved.", where=Where(file=shown))


def _open(path: Path, shown: str) -> Any:
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as error:
        raise InputError(
            f"{shown} is protected by a password.",
            "Open it in Excel, remove the password (File, Info, Protect), save, and try again.",
            where=Where(file=shown),
        ) from error
    except (calamine.CalamineError, OSError) as error:
        raise InputError(
            f"{shown} is damaged: the workbook cannot be opened.", "Save it again and retry.", where=Where(file=shown)
        ) from error


def _table(cells: list[list[Any]], merged: Sequence[Any]) -> Sheet:
    rows = [[cell_text(cell) for cell in row] for row in cells]
    first = _header_row(rows)
    filled = _fill_down(rows, merged, first)
    width = max((i + 1 for row in rows[first:] for i, cell in enumerate(row) if cell), default=0)
    columns, warnings = unique_names([cell.strip() for cell in rows[first][:width]])
    if first:
        warnings.insert(0, f"The first {first} rows of the sheet are a title, not data.")
    if filled:
        warnings.append(f"{filled:,} cells below a merged cell got its value.")
    body = [(number, row[:width]) for number, row in enumerate(rows[first + 1 :], start=first + 2) if any(row)]
    return columns, [row for _, row in body], [number for number, _ in body], first + 1, warnings


def _fill_down(rows: list[list[str]], merged: Sequence[Any], header: int) -> int:
    """A cell merged over several data rows belongs to each of them; return how many cells were filled."""
    filled = 0
    for (top, left), (bottom, _) in merged:
        if top <= header or top >= len(rows) or left >= len(rows[top]) or not rows[top][left]:
            continue
        for row in rows[top + 1 : bottom + 1]:
            if any(row):
                row[left] = rows[top][left]
                filled += 1
    return filled


def _header_row(rows: list[list[str]]) -> int:
    """The first row, among the first few that are not blank, that is as wide as most rows."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    common = Counter(width for width in filled[: rules().reading.sample_rows] if width).most_common(1)[0][0]
    seen = 0
    for index, width in enumerate(filled):
        if width >= common:
            return index
        seen += bool(width)
        if seen > rules().reading.preamble_lines:
            break
    return next(index for index, width in enumerate(filled) if width)


def cell_text(value: Any) -> str:
    """A cell as a person reads it: 5 not 5.0, ISO dates, TRUE and FALSE."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and not (value.hour or value.minute or value.second or value.microsecond):
        return value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
