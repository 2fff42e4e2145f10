"""Turn the first complaint of pydantic into a sentence a person can act on."""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

MAX_SHOWN = 60
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One problem: where it is, what it is, and what to do."""

    location: Location
    sentence: str
    hint: str

    @property
    def path(self) -> str:
        """Dotted path of the value, for example `today.input`."""
        return ".".join(str(part) for part in self.location)


def shown(value: object) -> str:
    """Return a value as text, cut short; a user's value may be anything."""
    text = "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def did_you_mean(word: str, known: list[str]) -> str:
    """Return a hint that names the nearest known word first, then all of them."""
    near = difflib.get_close_matches(word, known, n=1)
    lead = f"Did you mean {near[0]}? " if near else ""
    return f"{lead}Known here: {', '.join(known)}."


def explain(error: ValidationError, model: type[BaseModel]) -> Problem:
    """Return the first problem of a validation error in words."""
    first = error.errors(include_url=False)[0]
    location = tuple(part for part in first["loc"] if not _is_branch(part))
    path = ".".join(str(part) for part in location)
    kind, message = first["type"], first["msg"]
    if kind == "extra_forbidden":
        known = sorted(_fields_at(model, location[:-1]))
        return Problem(location, f"{path} is not a known key.", did_you_mean(str(location[-1]), known))
    if kind == "missing":
        return Problem(location, f"{path} is missing.", f"Add {path}.")
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if not location:
        return Problem(location, _sentence(message), "")
    if kind == "value_error":
        return Problem(location, f"{path}: {_sentence(message)}", "")
    wish = _wish(kind, first.get("ctx", {})) or message[:1].lower() + message[1:]
    return Problem(location, f"{path} is {shown(first['input'])}; {_sentence(wish)}", f"Correct {path}.")


def _wish(kind: str, limits: Any) -> str:
    """Return what a value should be, in plain words, for the usual complaints."""
    if kind in {"float_parsing", "float_type", "int_parsing", "int_type", "int_from_float"}:
        return f"it must be a {'whole ' if kind.startswith('int') else ''}number, without commas or units"
    if kind.startswith(("date", "datetime")):
        return "it must be a date such as 2026-11-21"
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound, word = (limits.get("ge"), "at least") if kind.startswith("greater") else (limits.get("le"), "at most")
        return f"it must be {word} {bound:g}"
    if kind == "finite_number":
        return "it must be a finite number"
    if kind in {"tuple_type", "list_type"}:
        return "it must be a list in square brackets"
    return "it must be a section of its own with keys" if kind == "model_type" else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _is_branch(part: int | str) -> bool:
    """Whether a location part names a branch of a union, not a key of the file."""
    return isinstance(part, str) and (part in {"float", "int", "str", "date"} or part.startswith(("tuple[", "list[")))


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if current is not None else None
        current = _model_in(field.annotation) if field is not None else None
    if current is None:
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, tuple, dict, Union, types.UnionType):
        for inner in get_args(annotation):
            found = _model_in(inner)
            if found is not None:
                return found
    return None
