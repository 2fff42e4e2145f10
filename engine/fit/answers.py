"""Answers as given: read from a file or a page, checked against the questions, in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InputError, Where
from engine.facts.explain import did_you_mean, shown
from engine.facts.yaml_file import YamlFile, read_yaml
from engine.fit.rulebook import Question, Rulebook

Answer = float | str | list[str]
Answers = dict[str, Answer]
NUMBER = re.compile(r"^(?P<sign>[<>]?)=?\s*(?P<number>\d[\d, _]*(\.\d+)?)\s*(?P<unit>[km]?)(\+|\s*-\s*\d.*)?$")
UNITS = {"": 1.0, "k": 1e3, "m": 1e6}
MAX_NUMBER = 1e12
MAX_TEXT = 200


def load_answers(path: Path, book: Rulebook) -> Answers:
    """Read an answers file. Raises InputError naming the key, the value, the choices and the line."""
    document = read_yaml(path)
    raw = _unwrap(document.data)
    if raw is None:
        raise InputError(
            f"{path.name} holds no `question: answer` lines.",
            "See `tuneworth fit --help` for the questions.",
            where=Where(file=str(path)),
        )
    try:
        return parse_answers(raw, book)
    except InputError as error:
        column = error.where.column if error.where else None
        raise InputError(error.message, error.hint, where=_place(document, column)) from error


def parse_answers(raw: Mapping[object, object], book: Rulebook) -> Answers:
    """Return checked answers; null and empty ones are left out. Raises InputError with the key in `where.column`."""
    names = {alias: question for question in book.questions for alias in (question.id, *question.aliases)}
    answers: Answers = {}
    for key, value in raw.items():
        question = names.get(_word(key))
        if question is None:
            known = [question.id for question in book.questions]
            raise InputError(
                f"{shown(key)} is not a question of the fit check.",
                did_you_mean(_word(key), known),
                where=Where(column=str(key)),
            )
        if value is None or value in ("", []):
            continue
        if question.id in answers:
            raise InputError(f"{question.id} is answered twice.", "Keep one answer.", where=Where(column=str(key)))
        answers[question.id] = _answer(question, value, str(key))
    return answers


def _unwrap(data: object) -> Mapping[object, object] | None:
    """Accept the plain mapping, one under `answers:`, and a list of {question, answer}."""
    if isinstance(data, dict):
        inner = data.get("answers")
        return _unwrap(inner) if set(data) == {"answers"} else data
    if isinstance(data, list):
        pairs = [item for item in data if isinstance(item, dict) and {"question", "answer"} <= set(item)]
        return {item["question"]: item["answer"] for item in pairs} if pairs and len(pairs) == len(data) else None
    return None


def _answer(question: Question, value: object, key: str) -> Answer:
    if question.kind == "number":
        return _number(value, key)
    if question.kind == "text":
        if not isinstance(value, str | int | float) or len(str(value)) > MAX_TEXT:
            raise _refused(key, value, f"Write a text of up to {MAX_TEXT} characters.")
        return str(value)
    if question.kind == "one":
        if isinstance(value, list | dict):
            raise _refused(key, value, f"Choose one of: {_choices(question)}.")
        return _choice(question, value, key)
    parts = value if isinstance(value, list) else re.split(r"\s*[,;]\s*", value) if isinstance(value, str) else [value]
    chosen = {_choice(question, part, key) for part in parts}
    return [option.id for option in question.options if option.id in chosen]


def _choice(question: Question, value: object, key: str) -> str:
    word = _word(value)
    for option in question.options:
        if word in {option.id, _word(option.text), *option.aliases}:
            return option.id
    raise _refused(key, value, f"Choose one of: {_choices(question)}.")


def _choices(question: Question) -> str:
    return ", ".join(option.id for option in question.options)


def _number(value: object, key: str) -> float:
    """Read 500, "1,200", "10k", "500+", "50-99" (its low end) and "<50" (just under it)."""
    hint = "Write a number of 0 or more, such as 120."
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _refused(key, value, hint)
    if isinstance(value, str):
        match = NUMBER.match(value.strip().lower())
        if match is None:
            raise _refused(key, value, hint)
        number = float(re.sub(r"[, _]", "", match["number"])) * UNITS[match["unit"]]
        number += {"<": -1.0, ">": 1.0, "": 0.0}[match["sign"]]
    else:
        number = float(value) if abs(value) <= MAX_NUMBER else -1.0  # a whole number may be too long for a float
    if not 0 <= number <= MAX_NUMBER:
        raise _refused(key, value, hint)
    return number


def _word(value: object) -> str:
    """Return the form in which words are compared: `True` is yes, `Style / tone` is style_tone."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return re.sub(r"[^a-z0-9<>]+", "_", str(value).strip().lower()).strip("_")


def _refused(key: str, value: object, hint: str) -> InputError:
    return InputError(f"{key} is {shown(value)}, which cannot be used.", hint, where=Where(column=key))


def _place(document: YamlFile, column: str | None) -> Where:
    for path in ((column,), ("answers", column)):
        line = document.line_of(tuple(part for part in path if part is not None))
        if line is not None and column is not None:
            return Where(file=document.name, column=column, line=line)
    return Where(file=document.name, column=column)
