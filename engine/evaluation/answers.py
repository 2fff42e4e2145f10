"""Answers to compare: `{"id", "prompt", "expected", "answer"}` per line, wherever they were made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DatasetError, InputError, NotFound, Where

_SHAPE = 'Each line must look like {"id": 1, "prompt": "...", "expected": "...", "answer": "..."}.'


@dataclass(frozen=True)
class Answer:
    """One answer of one contestant; `file` and `line` say where it came from, if from a file."""

    id: str
    prompt: str
    expected: str
    answer: str
    file: str | None = None
    line: int | None = None

    @property
    def where(self) -> Where:
        """Return the place for an error message."""
        return Where(file=self.file, line=self.line)


def read_answers(path: Path) -> list[Answer]:
    """Read an answers file (JSON lines, UTF-8). Raises NotFound or InputError with file and line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name!r}.", "Check the path.", where=Where(file=str(path))) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text.", _SHAPE, where=Where(file=str(path))) from error
    except OSError as error:
        raise InputError(f"{path.name} could not be read.", "Check its permissions.", where=Where(str(path))) from error
    rows = [
        _row(path, number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip("\r \t\ufeff")
    ]
    if not rows:
        raise DatasetError(f"{path.name} has no answers in it.", _SHAPE, where=Where(file=str(path)))
    by_id(rows)
    return rows


def _row(path: Path, number: int, line: str) -> Answer:
    where = Where(file=str(path), line=number)
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"Line {number} of {path.name} is not valid JSON.", _SHAPE, where=where) from error
    if not isinstance(document, dict):
        raise InputError(f"Line {number} of {path.name} is not an object.", _SHAPE, where=where)
    missing = [key for key in ("id", "expected", "answer") if key not in document]
    if missing:
        raise InputError(f"Line {number} of {path.name} has no {missing[0]!r}.", _SHAPE, where=where)
    if document["id"] is None or document["expected"] is None:
        empty = "id" if document["id"] is None else "expected"
        raise InputError(f"Line {number} of {path.name} has an empty {empty!r}.", _SHAPE, where=where)
    texts = {key: _text(document.get(key)) for key in ("id", "prompt", "expected", "answer")}
    return Answer(**texts, file=str(path), line=number)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def by_id(rows: Sequence[Answer]) -> dict[str, Answer]:
    """Return rows by id. Raises InputError naming both places when an id stands twice."""
    found: dict[str, Answer] = {}
    for row in rows:
        if row.id in found:
            first = found[row.id].line
            places = f" (lines {first} and {row.line})" if row.line else ""
            name = f" in {Path(row.file).name}" if row.file else ""
            raise InputError(
                f"The id {row.id[:40]!r} stands twice{name}{places}.", "Give every row its own id.", where=row.where
            )
        found[row.id] = row
    return found


def matched(base: Sequence[Answer], tuned: Sequence[Answer]) -> list[tuple[Answer, Answer]]:
    """Return (base, tuned) pairs in the order of `base`.

    Raises DatasetError without rows, InputError when an id is missing on one side or the expected answers differ.
    """
    if not base or not tuned:
        raise DatasetError("There are no answers to compare.", _SHAPE)
    left, right = by_id(base), by_id(tuned)
    for one, other, side in ((left, right, "tuned"), (right, left, "base")):
        lost = [row for key, row in one.items() if key not in other]
        if lost:
            raise InputError(
                f"The id {lost[0].id[:40]!r} has no answer on the {side} side ({len(lost)} such rows).",
                "Both sides must answer the same rows: use the same ids in both files.",
                where=lost[0].where,
            )
    for key, row in left.items():
        if row.expected != right[key].expected:
            raise InputError(
                f"The expected answer of id {key[:40]!r} is not the same on both sides.",
                "Both sides must be measured against the same expected answers.",
                where=right[key].where,
            )
    return [(row, right[key]) for key, row in left.items()]
