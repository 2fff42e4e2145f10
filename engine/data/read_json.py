"""JSONL and JSON as strings: text stays as written, everything else becomes its JSON text."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.data.encoding import EncodingGuess
from engine.data.json_rows import rows_in
from engine.data.read_result import Rejects
from engine.errors import InputError, Where


class _Refused(ValueError):
    """JSON that Python would accept but that is not safe to keep."""


Item = tuple[int, dict[str, Any]]


def read_jsonl(path: Path, encoding: EncodingGuess, rejects: Rejects, done: Callable[[int], None]) -> Iterator[Item]:
    """Yield one object per line with its 1-based line. Bad lines go to `rejects`; `done` is told the bytes read."""
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="\n")
        for number, line in enumerate(text, start=1):
            line = line.lstrip("\ufeff")
            if not line.strip():
                continue
            if number % 256 == 0:
                done(raw.tell())
            try:
                value = parse_json(line)
            except ValueError as error:
                rejects.add(number, line, json_reason(error))
                continue
            if not isinstance(value, dict):
                rejects.add(number, line, "The line is not a JSON object in { }.")
                continue
            yield number, value


def read_json(
    path: Path, shown: str, encoding: EncodingGuess, rejects: Rejects, done: Callable[[int], None], notes: list[str]
) -> Iterator[Item]:
    """Yield the objects of a JSON array, or of one inside an object, with their 1-based number.

    Raises InputError when the file is not JSON or holds no list of rows. Elements that are not safe go to `rejects`.
    """
    text = path.read_bytes().decode(encoding.name, errors=encoding.errors).lstrip("\ufeff")
    if _many_lines(text):
        yield from read_jsonl(path, encoding, rejects, done)
        return
    size, length = path.stat().st_size, max(len(text), 1)
    try:
        items = _elements(text) if text.lstrip()[:1] == "[" else _inner(text, shown, notes)
        for number, (item, place, reason) in enumerate(items, start=1):
            if isinstance(item, dict) and not reason:
                yield number, item
            else:
                why = reason or "The element is not a JSON object in { }."
                rejects.add(number, json.dumps(item, ensure_ascii=True), why)
            if number % 256 == 0:
                done(size * place // length)
    except ValueError as error:
        raise InputError(
            f"{shown} is not valid JSON: {json_reason(error)}",
            "Check that the export finished, or use JSONL with one object per line.",
            where=Where(file=shown, line=getattr(error, "lineno", None)),
        ) from error


def _inner(text: str, shown: str, notes: list[str]) -> Iterator[tuple[Any, int, str]]:
    for item in rows_in(parse_json(text), shown, notes):
        yield item, 0, ""


def _elements(text: str) -> Iterator[tuple[Any, int, str]]:
    """Yield the elements of a top-level array one by one: (value, end, reason to refuse it or nothing)."""
    place = _next(text, text.index("[") + 1)
    while text[place : place + 1] != "]":
        start, reason = place, ""
        try:
            value, place = _STRICT.raw_decode(text, start)
            _whole_characters(text, start, place, value)
        except RecursionError as error:
            raise _Refused("it is nested too deeply.") from error
        except (_Refused, UnicodeEncodeError) as error:
            reason = json_reason(error)
            value, place = json.JSONDecoder().raw_decode(text, start)
        yield value, place, reason
        place = _next(text, place)
        if text[place : place + 1] == ",":
            place = _next(text, place + 1)
            if text[place : place + 1] == "]":
                raise json.JSONDecodeError("Illegal trailing comma before end of array", text, place)
        elif text[place : place + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
    rest = _next(text, place + 1)
    if rest != len(text):
        raise json.JSONDecodeError("Extra data", text, rest)


def _next(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def parse_json(text: str) -> Any:
    """Parse strictly: no NaN, no repeated keys, no half characters. Raises ValueError with the reason."""
    try:
        value = _STRICT.decode(text)
    except RecursionError as error:
        raise _Refused("It is nested too deeply.") from error
    _whole_characters(text, 0, len(text), value)
    return value


def _whole_characters(text: str, start: int, end: int, value: Any) -> None:
    """A lone surrogate raises UnicodeEncodeError; checked only where an escape could make one."""
    if text.find("\\ud", start, end) >= 0 or text.find("\\uD", start, end) >= 0:
        json.dumps(value, ensure_ascii=False).encode("utf-8")


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


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique)
_BLANK = re.compile(r"[ \t\r\n]*")


def _many_lines(text: str) -> bool:
    """Whether a .json file is JSONL: the first line is an object of its own and another one follows."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.strip() or not first.startswith("{") or not first.rstrip().endswith("}"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


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
