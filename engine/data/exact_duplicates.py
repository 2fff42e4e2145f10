"""Exact duplicates (same question and answer) are dropped; same question with another answer is a conflict."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engine.data.clean import StepResult, drop
from engine.data.decisions import Decision
from engine.data.messages import prompts_and_answers
from engine.data.text_keys import canonical_key


def text_key(text: str) -> str:
    """Canonical key, or the text itself when it has no letters or digits (`?` and `!` are not the same)."""
    return canonical_key(text) or f"raw:{text.strip()}"


def exact_duplicates(frame: pd.DataFrame) -> StepResult:
    """Drop every row that repeats an earlier one in question and answer (case, spacing, punctuation aside)."""
    prompts, answers = prompts_and_answers(frame)
    ids = [int(row_id) for row_id in frame["row_id"]]
    decisions = [
        Decision(
            ids[row], "exact_duplicates", "exact duplicate", _how(prompts, answers, row, first), partner=ids[first],
            score=1.0, snippet=prompts[row],
        )
        for row, first in repeats(prompts, answers)
    ]  # fmt: skip
    return drop(frame, decisions), decisions


def _how(prompts: Sequence[str], answers: Sequence[str], row: int, first: int) -> str:
    if prompts[row] == prompts[first] and answers[row] == answers[first]:
        return "The same question and answer, letter by letter, stand in an earlier row."
    return "The same question and answer, but for case, spaces or punctuation, stand in an earlier row."


def repeats(prompts: Sequence[str], answers: Sequence[str]) -> list[tuple[int, int]]:
    """Return `(row, first row with the same keys)` for every repeat, by position."""
    first: dict[tuple[str, str], int] = {}
    found = []
    for row, key in enumerate(zip(map(text_key, prompts), map(text_key, answers), strict=True)):
        if first.setdefault(key, row) != row:
            found.append((row, first[key]))
    return found


def conflicts(frame: pd.DataFrame) -> StepResult:
    """List rows that ask the same and answer differently. Nothing is dropped: a person decides."""
    prompts, answers = prompts_and_answers(frame)
    ids = [int(row_id) for row_id in frame["row_id"]]
    decisions = [
        Decision(
            ids[row], "conflicts", "conflict",
            f"Same question, different answer: {answers[row][:80]!r} here, {answers[other][:80]!r} in the other row.",
            "conflict", ids[other], 1.0, prompts[row],
        )
        for row, other in contradictions(prompts, answers)
    ]  # fmt: skip
    return frame, decisions


def contradictions(prompts: Sequence[str], answers: Sequence[str]) -> list[tuple[int, int]]:
    """Return `(row, another row with the same question and another answer)` for every row in a conflict."""
    groups: dict[str, list[int]] = {}
    for row, prompt in enumerate(prompts):
        groups.setdefault(text_key(prompt), []).append(row)
    found = []
    for rows in groups.values():
        if len(rows) < 2:
            continue
        keys = [text_key(answers[row]) for row in rows]
        if len(set(keys)) == 1:
            continue
        second = next(row for row, key in zip(rows, keys, strict=True) if key != keys[0])
        found += [(row, rows[0] if key != keys[0] else second) for row, key in zip(rows, keys, strict=True)]
    return sorted(found)
