"""Read the file of an A/B test: one line per event (`arm, success`) or one line per arm (`arm, successes, n`)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, NotFound, Where
from engine.evaluation.sequential import Arm

_SHAPES = "Use the columns arm, success (0 or 1 per line), or arm, successes, n (a line per arm)."
_YES = {"1", "true", "yes", "y", "success", "1.0"}
_NO = {"0", "false", "no", "n", "failure", "0.0"}
_SUCCESSES = ("successes", "success", "wins", "conversions")
_TOTALS = ("n", "total", "count", "trials", "users", "requests")
_FIRST_NAMES = {"a", "control", "base", "old", "current", "baseline"}
_SECOND_NAMES = {"b", "treatment", "tuned", "new", "variant", "canary", "candidate"}


@dataclass(frozen=True)
class AbData:
    """Two arms by name; `is_b` and `success` hold the events in order, None when only counts were given."""

    names: tuple[str, str]
    a: Arm
    b: Arm
    is_b: NDArray[np.bool_] | None = None
    success: NDArray[np.bool_] | None = None


def read_ab(path: Path) -> AbData:
    """Read events or counts. Raises NotFound or InputError with file and line."""
    header, rows = _table(path)
    total = next((header.index(name) for name in _TOTALS if name in header), None)
    hits = next((header.index(name) for name in _SUCCESSES if name in header), None)
    if "arm" not in header or hits is None:
        missing = "arm" if "arm" not in header else "success"
        raise InputError(f"{path.name} has no column {missing!r}.", _SHAPES, where=Where(file=str(path), line=1))
    arms = [row[header.index("arm")] for _, row in rows]
    names = _two(path, arms)
    if total is not None:
        return _counts(path, rows, names, (header.index("arm"), hits, total))
    success = np.array([_outcome(path, line, row[hits]) for line, row in rows], dtype=np.bool_)
    is_b = np.array([arm == names[1] for arm in arms], dtype=np.bool_)
    sides = (
        Arm(int(np.count_nonzero(~is_b)), int(np.count_nonzero(~is_b & success))),
        Arm(int(np.count_nonzero(is_b)), int(np.count_nonzero(is_b & success))),
    )
    return AbData(names, *sides, is_b, success)


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name!r}.", "Check the path.", where=Where(file=str(path))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not a readable text file.", _SHAPES, where=Where(file=str(path))) from error
    lines = text.splitlines()
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    try:
        table = [
            (number, [cell.strip() for cell in row]) for number, row in enumerate(csv.reader(lines, delimiter=mark), 1)
        ]
    except csv.Error as error:
        raise InputError(f"{path.name} is not a readable CSV file.", _SHAPES, where=Where(file=str(path))) from error
    rows = [(line, row) for line, row in table[1:] if any(row)]
    if not rows:
        raise InputError(f"{path.name} has no rows.", _SHAPES, where=Where(file=str(path)))
    header = [cell.casefold() for cell in table[0][1]]
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(
                f"Line {line} of {path.name} has {len(row)} cells instead of {len(header)}.",
                _SHAPES,
                where=Where(file=str(path), line=line),
            )
    return header, rows


def _two(path: Path, arms: list[str]) -> tuple[str, str]:
    """Return the names of control and new arm: by name when it says so, else in order of appearance."""
    names = list(dict.fromkeys(arms))
    if len(names) != 2:
        raise InputError(f"{path.name} has {len(names)} arms; a test needs two.", _SHAPES, where=Where(file=str(path)))
    swap = names[0].casefold() in _SECOND_NAMES or names[1].casefold() in _FIRST_NAMES
    return (names[1], names[0]) if swap else (names[0], names[1])


def _outcome(path: Path, line: int, cell: str) -> bool:
    word = cell.casefold()
    if word not in _YES and word not in _NO:
        raise InputError(
            f"Line {line} of {path.name}: success must be 0 or 1, not {cell[:20]!r}.",
            _SHAPES,
            where=Where(file=str(path), line=line, column="success"),
        )
    return word in _YES


def _counts(
    path: Path, rows: list[tuple[int, list[str]]], names: tuple[str, str], places: tuple[int, int, int]
) -> AbData:
    totals = {name: [0, 0] for name in names}
    for line, row in rows:
        try:
            hits, n = int(row[places[1]]), int(row[places[2]])
        except ValueError as error:
            raise InputError(
                f"Line {line} of {path.name} does not hold whole numbers.", _SHAPES, where=Where(str(path), line=line)
            ) from error
        if not 0 <= hits <= n:
            raise InputError(
                f"Line {line} of {path.name}: {hits} successes of {n} cannot be.",
                _SHAPES,
                where=Where(file=str(path), line=line),
            )
        totals[row[places[0]]][0] += n
        totals[row[places[0]]][1] += hits
    return AbData(names, Arm(*totals[names[0]]), Arm(*totals[names[1]]))
