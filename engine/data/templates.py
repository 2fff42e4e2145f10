"""Texts with {column} placeholders; `{{` and `}}` stand for braces."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_BRACES = {"{{": "{", "}}": "}"}


def placeholders(template: str) -> list[str]:
    """Names between single braces, in order, each once."""
    return list(dict.fromkeys(found.group(1) for found in _TOKEN.finditer(template) if found.group(1)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in. Raises KeyError for a name that is not there."""
    return _TOKEN.sub(lambda found: values[found.group(1)] if found.group(1) else _BRACES[found.group()], template)


def template_problem(template: str, columns: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with a template (sentence, what to do), or None."""
    known = set(columns)
    for name in placeholders(template):
        if name not in known:
            near = get_close_matches(name, columns, 1)
            hint = f"Did you mean {{{near[0]}}}? " if near else ""
            return (
                f"There is no column {name!r} in this file.",
                f"{hint}For a brace that is only text write {{{{ or }}}}.",
            )
    rest = _TOKEN.sub("", template)
    if "{" in rest or "}" in rest:
        return (
            "A brace is opened or closed alone.",
            "Write {name} for a column, {{ or }} for a brace that is only text.",
        )
    if template.strip() and not placeholders(template):
        return "The template names no column: every row would get the same text.", "Write a column's name in braces."
    return None
