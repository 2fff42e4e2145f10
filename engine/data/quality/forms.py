"""The form of one answer: JSON, fields, SQL, list, number, one word, text. Pure string rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_FIELD = r"[^\W\d_][\w /-]{0,30}"
_LINE = re.compile(rf"\s*({_FIELD}):\s*(\S.*)?$")
_SQL = re.compile(r"(?is)(select|insert|update|delete|with|create)\b.*\b(from|into|set|as|table)\b")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_FORMS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("JSON", lambda text: text[:1] in "{[" and _parses(text)),
    ("broken JSON", lambda text: re.match(r"\{\s*[\"'}]|\[\s*[\[{\"]", text) is not None),
    ("XML or HTML", lambda text: re.match(r"<[A-Za-z!?][^>]*>", text) is not None and text.endswith(">")),
    ("SQL", lambda text: _SQL.match(text) is not None),
    ("code block", lambda text: text.startswith("```")),
    ("list", lambda text: re.match(r"([-*\u2022]|\d+[.)])\s", text) is not None),
    ("date", lambda text: _DATE.fullmatch(text) is not None),
    ("number", lambda text: re.fullmatch(r"[-+]?[\d.,]+\s?%?", text) is not None),
    ("fields", lambda text: field_names(text) is not None),
    ("one word", lambda text: re.fullmatch(r"[\w-]+", text) is not None),
)


def answer_form(answer: str) -> str:
    """Name the form of an answer; `text` when it has none of the known ones, `empty` without content."""
    text = answer.strip()
    if not text:
        return "empty"
    return next((name for name, fits in _FORMS if fits(text)), "text")


def keys_of(answer: str, form: str) -> tuple[str, ...] | None:
    """Keys of a JSON object (sorted) or names of fields (in order); None for other forms and JSON lists."""
    if form == "fields":
        return field_names(answer.strip())
    if form != "JSON":
        return None
    found = json.loads(answer)
    return tuple(sorted(map(str, found))) if isinstance(found, dict) else None


def field_names(text: str) -> tuple[str, ...] | None:
    """Names in `Queue: Cards | Priority: High` or in lines `Queue: Cards`; None when a part is no field.

    A single `Name: value` counts when the value is short: a sentence with a colon is text.
    """
    parts = text.split("|") if "|" in text else text.split("\n")
    parts = [part for part in parts if part.strip()]
    found = [_LINE.match(part) for part in parts]
    if not parts or not all(found):
        return None
    names = tuple(match.group(1).strip() for match in found if match)
    if any(len(name.split()) > 3 for name in names):
        return None
    alone = len(names) == 1
    return None if alone and len((found[0].group(2) or "").split()) > 4 else names  # type: ignore[union-attr]


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
