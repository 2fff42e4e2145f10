"""Is a file ready for its target? Every row against the target's rules, before anything is sent anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.check_row import Problem, check_row, is_native
from engine.data.columns import guess_columns
from engine.data.encoding import detect_encoding
from engine.data.exact_duplicates import contradictions, repeats
from engine.data.file_kind import file_kind
from engine.data.mapping import apply_mapping
from engine.data.messages import answer_of, loads, prompt_of
from engine.data.read_json import json_reason, parse_json
from engine.data.read_table import read_table
from engine.data.rules import rules
from engine.data.shapes import NotATalk, parse_talk
from engine.data.targets import Target, convert, target_named
from engine.errors import InputError, MappingError, Where


@dataclass(frozen=True)
class Validation:
    """`rows` counts data rows; warnings do not make it fail."""

    rows: int
    problems: list[Problem]

    @property
    def ok(self) -> bool:
        """No error."""
        return not any(problem.severity == "error" for problem in self.problems)


def validate_file(path: Path, target: str) -> Validation:
    """Check a file: its own format when it is in the target's shape, else what it would be converted to.

    Raises InputError when nothing can be read.
    """
    rules_of = target_named(target)
    if file_kind(path) == "jsonl":
        return _jsonl(path, rules_of)
    return _table(path, rules_of)


def validate_frame(frame: pd.DataFrame, target: str) -> Validation:
    """Check canonical rows against a target; rows are counted by position."""
    rules_of = target_named(target)
    problems: list[Problem] = []
    for number, (text, meta) in enumerate(zip(frame["messages"], frame["meta"], strict=True)):
        problems += _converted(rules_of, number, loads(text), meta)
    talks = [loads(text) for text in frame["messages"]]
    problems += _whole(rules_of, len(frame), [(i, prompt_of(t), answer_of(t)) for i, t in enumerate(talks)])
    return Validation(len(frame), problems)


def _jsonl(path: Path, target: Target) -> Validation:
    guess = detect_encoding(path)
    problems: list[Problem] = []
    pairs: list[tuple[int, str, str]] = []
    number = -1
    if guess.name not in ("utf-8", "utf-8-sig"):
        problems.append(Problem(None, "", "encoding", f"The file is {guess.name}, not UTF-8.", "Save it as UTF-8."))
    with path.open(encoding=guess.name, errors=guess.errors, newline="\n") as file:
        for line in file:
            if not line.strip():
                continue
            number += 1
            try:
                row = parse_json(line.lstrip("\ufeff"))
            except ValueError as error:
                problems.append(Problem(number, "", "invalid_json", json_reason(error), "Correct or remove the line."))
                continue
            problems += _object(target, number, row, pairs)
    if number < 0:
        raise InputError(f"{path.name} has no rows.", "Export it again.", where=Where(file=path.name))
    return Validation(number + 1, [*problems, *_whole(target, number + 1, pairs)])


def _object(target: Target, number: int, row: Any, pairs: list[tuple[int, str, str]]) -> list[Problem]:
    if not isinstance(row, dict):
        return [Problem(number, "", "not_object", "The line is not an object in { }.", "Use one object per line.")]
    talk = _talk(row)
    if talk:
        pairs.append((number, prompt_of(talk), answer_of(talk)))
    if is_native(target.shape, row):
        return check_row(target, number, row)
    if talk and target.shape != "dpo":
        return _converted(target, number, talk, "{}")
    keys = ", ".join(map(str, list(row)[:6]))
    message = f"The row has the keys {keys}, which is not the {target.title} format."
    return [Problem(number, "", "wrong_shape", message, "Convert it with: tuneworth data export.")]


def _talk(row: dict[str, Any]) -> list[dict[str, str]] | None:

    for key in ("messages", "conversations"):
        if key in row:
            try:
                return parse_talk(json.dumps(row[key]))
            except NotATalk:
                return None
    pair = row.get("prompt"), row.get("completion")
    if isinstance(pair[0], str) and isinstance(pair[1], str):
        return [{"role": "user", "content": pair[0]}, {"role": "assistant", "content": pair[1]}]
    return None


def _table(path: Path, target: Target) -> Validation:
    read = read_table(path)
    try:
        frame, left_out = apply_mapping(read.frame, guess_columns(read.frame).mapping(), read.file)
    except MappingError as error:
        problem = Problem(None, "", "no_mapping", error.message, error.hint)
        return Validation(read.rows, [problem])
    problems = [Problem(d.row_id, "", "unreadable", d.detail, "Correct the row.") for d in left_out]
    problems += [
        Problem(None, "", "rejected_line", f"Line {reject.line}: {reject.reason}", "Correct the line.", "warning")
        for reject in read.rejects
    ]
    pairs = []
    for number, text, meta in zip(frame["row_id"], frame["messages"], frame["meta"], strict=True):
        talk = loads(text)
        pairs.append((int(number), prompt_of(talk), answer_of(talk)))
        problems += _converted(target, int(number), talk, meta)
    return Validation(read.rows, [*problems, *_whole(target, read.rows, pairs)])


def _converted(target: Target, number: int, talk: list[dict[str, str]], meta: str) -> list[Problem]:
    try:
        return check_row(target, number, convert(target.shape, talk, meta))
    except InputError as error:
        return [Problem(number, "", "cannot_convert", error.message, error.hint)]


def _whole(target: Target, rows: int, pairs: list[tuple[int, str, str]]) -> Iterator[Problem]:
    """Rules about the set: how many rows, repeats, contradictions, short answers."""
    if rows < target.fewest_rows:
        message = f"{rows} rows; {target.title} needs at least {target.fewest_rows}."
        yield Problem(None, "", "too_few_rows", message, "Add rows.")
    if target.most_rows and rows > target.most_rows:
        message = f"{rows:,} rows; {target.title} takes at most {target.most_rows:,}."
        yield Problem(None, "", "too_many_rows", message, "Take a sample.")
    limits = rules()
    if target.fewest_rows <= rows < limits.quality.fewest_rows:
        message = f"Only {rows} rows: results from under {limits.quality.fewest_rows} are rarely worth the effort."
        yield Problem(None, "", "few_rows", message, "Collect more rows.", "warning")
    numbers, prompts, answers = [p[0] for p in pairs], [p[1] for p in pairs], [p[2] for p in pairs]
    for row, first in repeats(prompts, answers):
        message = f"The row repeats row {numbers[first]}."
        yield Problem(numbers[row], "", "duplicate", message, "Leave one of them out.", "warning", numbers[first])
    for row, other in contradictions(prompts, answers):
        message = f"Row {numbers[other]} asks the same and answers differently."
        hint = "Decide which answer is right."
        yield Problem(numbers[row], "", "conflict", message, hint, "warning", numbers[other])
    if answers_are_labels(answers):
        return
    for number, answer in zip(numbers, answers, strict=True):
        if 0 < len(answer.strip()) < limits.answers.shortest_answer:
            message = f"The answer has {len(answer.strip())} characters."
            yield Problem(number, "", "short_answer", message, "Check that it is complete.", "warning")
