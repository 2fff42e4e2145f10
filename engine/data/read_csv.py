"""Delimited text as strings, in chunks, with every row that does not fit on a visible list."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.data.delimiter import DelimiterGuess
from engine.data.encoding import EncodingGuess
from engine.data.ingest_rules import ingest_rules
from engine.data.read_result import Rejects
from engine.data.rules import rules
from engine.errors import InputError

_ENDINGS = ("\n", "\r")
_LINE = "__line"  # kept free: the tables of a project hold line numbers under it


@dataclass
class _Lines:
    """Physical lines of a text stream, with memory of those read since the last row, and push-back."""

    source: Iterator[str]
    pending: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)
    number: int = 0  # 1-based number of the last line handed out
    ended: bool = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.pending:
            line = self.pending.popleft()
        else:
            try:
                line = next(self.source)
            except StopIteration:
                self.ended = True
                raise
        self.number += 1
        self.taken.append(line)
        return line.replace("\x00", "") if "\x00" in line else line

    def give_back(self, lines: list[str]) -> None:
        """Read these lines again: they were swallowed by a quote that is never closed."""
        self.pending.extendleft(reversed(lines))
        self.number -= len(lines)
        self.ended = False


@dataclass
class CsvStream:
    """Header and chunks of one delimited file. Iterate `chunks()` once; then `rejects` is complete."""

    path: Path
    encoding: EncodingGuess
    guess: DelimiterGuess
    columns: list[str] = field(default_factory=list)
    header_line: int = 1
    warnings: list[str] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    position: int = 0  # bytes read so far

    def chunks(self) -> Iterator[tuple[list[list[str]], list[int]]]:
        """Yield `(columns of cells, line numbers)` of at most `chunk_rows` rows; one list per column."""
        with self.path.open("rb") as raw:
            text = io.TextIOWrapper(raw, self.encoding.name, errors=self.encoding.errors, newline="")
            lines = _Lines(text)
            for _ in range(self.guess.skip):
                next(lines, None)
            yield from self._chunks(lines, raw.tell)

    def _chunks(self, lines: _Lines, tell: Callable[[], int]) -> Iterator[tuple[list[list[str]], list[int]]]:
        """Cut after `chunk_rows` rows, or earlier when the rows are wide or long, so that a piece stays small."""
        size, most = rules().reading.chunk_rows, ingest_rules().chunk
        rows: list[list[str]] = []
        numbers: list[int] = []
        try:
            for line, row in self._rows(lines):
                if not self.columns:
                    self._header(row, line)
                    size = max(1, min(size, most.cells // len(row)))
                    continue
                rows.append(row)
                numbers.append(line)
                if len(rows) >= size or (len(rows) % 64 == 0 and tell() - self.position > most.bytes):
                    self.position = tell()
                    yield [list(cells) for cells in zip(*rows, strict=True)], numbers
                    rows, numbers = [], []
        except UnicodeDecodeError as error:
            raise InputError(
                f"The file is not {self.encoding.name} text (first problem near byte {error.start:,} of a block).",
                "Choose another encoding, or none so that it is found by itself.",
            ) from error
        if rows:
            yield [list(cells) for cells in zip(*rows, strict=True)], numbers

    def _rows(self, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
        """Yield usable rows with the line they start on; the first one is the header."""
        reader = csv.reader(lines, delimiter=self.guess.delimiter)
        while True:
            lines.taken.clear()
            start = lines.number + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.rejects.add(start, "".join(lines.taken), f"Not readable as a row: {error}.")
                reader = csv.reader(lines, delimiter=self.guess.delimiter)
                continue
            if self._swallowed(row, lines):
                first, *rest = lines.taken
                self.rejects.add(start, first, "A quote opened in this row is never closed.")
                lines.give_back(rest)
                reader = csv.reader(lines, delimiter=self.guess.delimiter)
            elif not self.columns or len(row) == len(self.columns):
                if row and (self.columns or any(cell.strip() for cell in row)):
                    yield start, row
            elif any(cell.strip() for cell in row):
                self.rejects.add(start, "".join(lines.taken), _wrong_width(len(row), len(self.columns)))

    def _swallowed(self, row: list[str], lines: _Lines) -> bool:
        """Whether an unclosed quote ate the lines after it."""
        taken = lines.taken
        if lines.ended and row and _open_at_end(taken, row, self.guess.delimiter):
            return True
        most = rules().reading.newlines_in_cell
        long = len(taken) > most and any(cell.count("\n") + cell.count("\r") > most for cell in row)
        if not self.columns:
            return long
        width = len(self.columns)
        if len(taken) < 2 or (len(row) == width and not long):
            return False
        alone = sum(len(cells) == width for cells in csv.reader(taken[1:], delimiter=self.guess.delimiter))
        return 2 * alone >= len(taken) - 1 or (long and len(row) != width)

    def _header(self, row: list[str], line: int) -> None:
        stripped = [cell.lstrip("\ufeff").strip() for cell in row]
        if stripped != [cell.lstrip("\ufeff") for cell in row]:
            self.warnings.append("Spaces around column names were removed.")
        self.columns, warnings = unique_names(stripped)
        self.warnings += warnings
        self.header_line = line


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Give blank headers a name and repeated ones a number; return names and what was changed, in words."""
    result: list[str] = []
    warnings: list[str] = []
    used = {*names, _LINE}
    taken: set[str] = {_LINE}
    for position, name in enumerate(names, start=1):
        wanted = name or f"column_{position}"
        if not name:
            warnings.append(f"Column {position} has no name; it is called {wanted} here.")
        final, number = wanted, 2
        while final in taken or (final != name and final in used):
            final, number = f"{wanted}_{number}", number + 1
        if final != wanted:
            warnings.append(
                f"The column name {wanted!r} occurs more than once; the later one is called {final!r} here."
            )
        result.append(final)
        taken.add(final)
    return result, warnings


def _wrong_width(found: int, expected: int) -> str:
    return f"{found} cell{'s' if found != 1 else ''} instead of {expected}."


def _open_at_end(taken: list[str], row: list[str], delimiter: str) -> bool:
    """Whether the file ended inside a quoted cell: its text then runs to the very end of the file."""
    raw = "".join(taken)
    if raw.count('"') % 2 == 0:
        return False
    opened = re.search(rf'(?:^|{re.escape(delimiter)})"', raw) is not None
    tail = raw[-1:] if raw.endswith(_ENDINGS) else ""
    return opened and (row[-1].endswith(tail) if tail else '"' not in row[-1])
