"""Guess what each column is for, with a reason, so that the user only has to agree."""

from __future__ import annotations

import re
from typing import TypeAlias

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.guess import NAMES, ColumnGuess, Guess, by_name, ignored, plain_name
from engine.data.recognise import extra_column, recognise
from engine.data.shapes import TALK_COLUMNS, is_talk

__all__ = ["ColumnGuess", "Guess", "guess_columns"]
SAMPLE = 1000
MOST_CELLS = 300_000
Cells: TypeAlias = dict[str, list[str]]
NEARLY = 0.05  # an answer column with a few gaps still is one; a half-empty note is not
LONG = 15  # mean characters from which a column reads as text
_NUMBER = re.compile(r"[\d.,\s-]*")


def guess_columns(frame: pd.DataFrame) -> Guess:
    """Look at names and at the first 1,000 rows (fewer in a table of thousands of columns)."""
    sample = frame.head(min(SAMPLE, max(20, MOST_CELLS // max(len(frame.columns), 1))))
    known = recognise(sample)
    if known is not None:
        return known
    cells: Cells = {str(name): sample[name].tolist() for name in sample.columns}
    talk = _talk_column(cells)
    if talk:
        whole = ColumnGuess(talk, "messages", "Each cell holds a whole conversation.", 0.99)
        shape = "sharegpt" if plain_name(talk) == "conversations" else "chat"
        return Guess(shape, [whole if name == talk else extra_column(name) for name in cells])
    guesses = {name: guess for name in cells if (guess := by_name(name))}
    _settle_answer(guesses, cells)
    _settle_question(guesses, cells)
    ordered = [guesses.get(name) or ignored(name) for name in cells]
    return Guess(_shape({guess.column.lower() for guess in ordered}, ordered), ordered)


def _talk_column(cells: Cells) -> str | None:
    for name in sorted(cells, key=lambda n: n.lower() not in TALK_COLUMNS):
        filled = [cell for cell in cells[name][:20] if cell.strip()]
        if filled and filled[0].lstrip()[:1] in "[{" and sum(map(is_talk, filled)) * 2 > len(filled):
            return name
    return None


def _settle_answer(guesses: dict[str, ColumnGuess], cells: Cells) -> None:
    """Exactly one answer: by name, else the label column, else the last column that reads like answers."""
    found = [name for name, guess in guesses.items() if guess.role == "assistant"]
    for extra in found[1:]:
        guesses[extra] = ColumnGuess(extra, "ignore", f"The answer is taken from {found[0]!r}.", 0.5)
    if found:
        return
    labels = [name for name, guess in guesses.items() if guess.role == "label"]
    if labels:
        reason = "There is no other answer: the category is what the model should say."
        guesses[labels[0]] = ColumnGuess(labels[0], "assistant", reason, 0.8)
        return
    free = [name for name in cells if name not in guesses and _filled(cells[name])]
    questions = [name for name, guess in guesses.items() if guess.role == "user"]
    if len(free) + len(questions) >= 2 and free:
        few = [name for name in free if answers_are_labels(cells[name])]
        texts = [name for name in free if _mean_length(cells[name]) >= LONG]
        candidates = few or texts or free
        fullest = max(_share_filled(cells[name]) for name in candidates)
        chosen = [name for name in candidates if _share_filled(cells[name]) >= fullest - NEARLY][-1]
        reason = "Few different short values." if few else "The last column with text."
        guesses[chosen] = ColumnGuess(chosen, "assistant", reason, 0.6 if few else 0.4)
    elif len(questions) >= 2:
        guesses[questions[-1]] = ColumnGuess(questions[-1], "assistant", "The later of two text columns.", 0.4)


def _settle_question(guesses: dict[str, ColumnGuess], cells: Cells) -> None:
    """At least one question: by name (instruction + input both count), else the longest other column."""
    found = [name for name, guess in guesses.items() if guess.role == "user"]
    plain = {plain_name(name): name for name in found}
    pairs = ({"instruction", "input"}, {"context", "question"}, {"subject", "body"}, {"title", "body"})
    together = next((pair for pair in pairs if pair <= plain.keys()), None)
    if together:
        keep = [plain[name] for name in together]
    else:
        keep = sorted(found, key=lambda name: NAMES["user"].index(plain_name(name)))[:1]
    for extra in found:
        if extra not in keep:
            guesses[extra] = ColumnGuess(extra, "ignore", f"The question is taken from {keep[0]!r}.", 0.5)
    if found:
        return
    free = [name for name in cells if name not in guesses and _filled(cells[name])]
    if free:
        longest = max(free, key=lambda name: _mean_length(cells[name]))
        guesses[longest] = ColumnGuess(longest, "user", "The column with the longest text.", 0.5)


def _filled(column: list[str]) -> bool:
    """Some cell holds text, and not every one is a number."""
    return any(cell.strip() for cell in column) and not all(map(_NUMBER.fullmatch, column))


def _share_filled(column: list[str]) -> float:
    return sum(bool(cell.strip()) for cell in column) / max(len(column), 1)


def _mean_length(column: list[str]) -> float:
    return sum(map(len, column)) / max(len(column), 1)


def _shape(names: set[str], guesses: list[ColumnGuess]) -> str:
    if {"prompt", "completion"} <= names:
        return "prompt_completion"
    if {"instruction", "output"} <= names:
        return "instruction"
    roles = {guess.role for guess in guesses}
    return "table" if {"user", "assistant"} <= roles else "unknown"
