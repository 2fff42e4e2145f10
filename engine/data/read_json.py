"""JSONL and JSON as strings: text stays as written, everything else becomes its JSON text."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.data.encoding import EncodingGuess
from engine.data.read_result import Rejects
from engine.errors import InputError, Where


class _Refused(ValueError):
    """JSON that Python would accept but that is not safe to keep."""


Records = tuple[list[dict[str, Any]], list[int]]


def read_jsonl(path: Path, encoding: EncodingGuess, rejects: Rejects) -> Records:
    """Read one object per line; return the objects and their 1-based lines. Bad lines go to `rejects`."""
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="\n")
        for number, line in enumerate(text, start=1):
            line = line.lstrip("\ufeff")
            if not line.strip():
                continue
            try:
                value = parse_json(line)
            except ValueError as error:
                rejects.add(number, line, json_reason(error))
                continue
            if not isinstance(value, dict):
                rejects.add(number, line, "The line is not a JSON object in { }.")
                continue
            records.append(value)
            lines.append(number)
    return records, lines


def read_json(path: Path, shown: str, encoding: EncodingGuess, rejects: Rejects) -> Records:
    """Read a JSON array of objects, or an object that holds one. Lines are 1-based element numbers.

    Raises InputError when the file is not JSON or holds no list of rows.
    """
    text = path.read_bytes().decode(encoding.name, errors=encoding.errors)
    try:
        value = parse_json(text)
    except ValueError as error:
        if _many_lines(text):
            return read_jsonl(path, encoding, rejects)
        line = getattr(error, "lineno", None)
        raise InputError(
            f"{shown} is not valid JSON: {json_reason(error)}",
            "Check that the export finished, or use JSONL with one object per line.",
            where=Where(file=shown, line=line),
        ) from error
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    for number, item in enumerate(_rows_in(value, shown), start=1):
        if isinstance(item, dict):
            records.append(item)
            lines.append(number)
        else:
            rejects.add(number, json.dumps(item, ensure_ascii=False), "The element is not a JSON object in { }.")
    return records, lines


def parse_json(text: str) -> Any:
    """Parse strictly: no NaN, no repeated keys, no half characters. Raises ValueError with the reason."""
    value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate raises UnicodeEncodeError
    return value


def json_reason(error: ValueError) -> str:
    """Say in one sentence why JSON was refused."""
    if isinstance(error, json.JSONDecodeError):
        return f"Not valid JSON: {error.msg} at character {error.pos + 1}."
    if isinstance(error, UnicodeEncodeError):
        return "Half of a two-part character (lone surrogate): the text is damaged."
    if isinstance(error, _Refused):
        return str(error)
    return "A number in it is too long."


def _refuse_constant(name: str) -> Any:
    raise _Refused(f"{name} is not a JSON value.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"The number {text[:40]} is too large.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"The key {twice!r} occurs twice in one object.")
    return result


def _many_lines(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and lines[0].lstrip("\ufeff").startswith("{") and lines[0].rstrip().endswith("}")


def _rows_in(value: Any, shown: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        if len(lists) == 1 and not _is_row(value):
            return list(lists[0])
        return [value]
    raise InputError(
        f"{shown} holds a single value, not rows.", "Use a list of objects: [{...}, {...}].", where=Where(file=shown)
    )


def _is_row(value: dict[str, Any]) -> bool:
    return "messages" in value or "conversations" in value


def columns_of(records: Iterable[dict[str, Any]]) -> list[str]:
    """All keys, in the order in which they first appear."""
    return list(dict.fromkeys(key for record in records for key in record))


def as_text(value: Any) -> str:
    """A cell as text: strings as they are, nothing as empty, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str)
