"""Which character separates cells, and where the table starts. Scoring: facts "Data" 1b, plus a look at the header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from engine.data.rules import rules

csv.field_size_limit(10**8)
DOUBTFUL, BLANK = 0.8, 0.6  # weights of a header with data-like or blank cells (ours, tested on the nasty files)
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")


@dataclass(frozen=True)
class DelimiterGuess:
    """`skip` lines before the header; `score` share of sampled rows with the most common width."""

    delimiter: str
    skip: int
    score: float
    width: int


def guess_delimiter(sample: str, *, cut: bool, only: str | None = None) -> DelimiterGuess:
    """Score every delimiter with 0 to 3 skipped lines; `cut` tells that the sample ends inside the file.

    A file in which nothing scores is a table of one column.
    """
    limits = rules().reading
    best = DelimiterGuess(only or ",", 0, 0.0, 1)
    for delimiter in (only,) if only else limits.delimiters:
        for skip in range(limits.preamble_lines + 1):
            if _inside_a_cell(sample, skip):
                continue
            guess = _score(_after(sample, skip), delimiter, skip, cut)
            if (guess.score, guess.width, -guess.skip) > (best.score, best.width, -best.skip):
                best = guess
    if best.skip and _looks_like_one_column(sample, best):
        return DelimiterGuess(only or ",", 0, 0.0, 1)
    return best


def _inside_a_cell(sample: str, skip: int) -> bool:
    """Whether the line after `skip` lines lies in a quoted cell: no table starts there."""
    lines = list(islice(io.StringIO(sample, newline=""), skip))
    return sum(line.count('"') for line in lines) % 2 == 1


def _after(sample: str, skip: int) -> str:
    lines = io.StringIO(sample, newline="").readlines() if skip else []
    return "".join(lines[skip:]) if skip else sample


def _score(text: str, delimiter: str, skip: int, cut: bool) -> DelimiterGuess:
    rows = _sample_rows(text, delimiter, cut)
    if not rows:
        return DelimiterGuess(delimiter, skip, 0.0, 1)
    widths = Counter(len(row) for row in rows)
    width = max(widths, key=lambda w: (widths[w], w))
    if width == 1 or len(rows[0]) != width:
        return DelimiterGuess(delimiter, skip, 0.0, width)
    return DelimiterGuess(delimiter, skip, widths[width] / len(rows) * _header_quality(rows[0], delimiter, skip), width)


def _header_quality(header: list[str], delimiter: str, skip: int) -> float:
    """1 for names; less for blank names (a pandas index) or cells that look like data, which cannot follow a title."""
    names = [cell.strip() for cell in header]
    filled = [name for name in names if name]
    if 2 * len(filled) < len(names):
        return 0.0
    others = [other for other in rules().reading.delimiters if other not in (delimiter, ",")]
    doubtful = any(_NUMBER.fullmatch(name) or any(other in name for other in others) for name in filled)
    if doubtful or (skip and len(set(filled)) < len(filled)):
        return 0.0 if skip else DOUBTFUL
    return BLANK if len(filled) < len(names) else 1.0


def _sample_rows(text: str, delimiter: str, cut: bool) -> list[list[str]]:
    limit = rules().reading.sample_rows
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > limit:
                return rows[:limit]
    except csv.Error:
        return rows
    return rows[:-1] if cut else rows


def _looks_like_one_column(sample: str, best: DelimiterGuess) -> bool:
    """A header word followed by prose: commas in sentences are followed by a space, in tables they are not."""
    lines = [line for line in _after(sample, 0).splitlines() if line.strip()]
    head = lines[0].strip().strip('"') if lines else ""
    if not re.fullmatch(r"[\w-]{1,40}", head):
        return False
    found = [m.group(1) for line in lines[1:] for m in re.finditer(re.escape(best.delimiter) + "(.?)", line)]
    spaced = sum(after == " " for after in found)
    return bool(found) and spaced >= 0.9 * len(found)
