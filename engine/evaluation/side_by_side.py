"""Rows beside each other: prompt, expected answer, every contestant, what changed. Data only; pages draw it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from engine.evaluation.answer_log import Reply
from engine.evaluation.scorers.base import Pair
from engine.evaluation.scoring import score_answers

Change = Literal["worse", "better", "same"]
Filter = Literal["all", "worse", "better", "changed", "unreadable", "wrong"]
Op = Literal["equal", "insert", "delete"]
_PARTS = re.compile(r"\s+|\w+|[^\w\s]")
_LONGEST_DIFF = 4000  # characters; longer texts are shown without marks


@dataclass(frozen=True)
class Cell:
    """One contestant's answer to one row."""

    answer: str
    score: float
    readable: bool
    hit_limit: bool
    too_long: bool


@dataclass(frozen=True)
class Row:
    """One row with every contestant; `change` is tuned against the baseline on the primary metric."""

    row_id: int
    prompt: str
    expected: str
    cells: dict[str, Cell]
    change: Change
    changed_text: bool

    @property
    def unreadable(self) -> bool:
        """Return whether any answer could not be read."""
        return any(not cell.readable for cell in self.cells.values())


def build_rows(replies: Sequence[Reply], metric: str, baseline: str = "base", tuned: str = "tuned") -> list[Row]:
    """Return the rows, those that got worse first, then better, then the rest, each by row id."""
    sides: dict[str, dict[int, Cell]] = {}
    for name in dict.fromkeys(reply.contestant for reply in replies):
        own = [reply for reply in replies if reply.contestant == name]
        scored = score_answers(metric, [Pair(reply.expected, reply.answer) for reply in own])
        sides[name] = {
            reply.row_id: Cell(reply.answer, float(value), readable, reply.hit_limit, reply.too_long)
            for reply, value, readable in zip(own, scored.rows, scored.readable, strict=True)
        }
    first = {reply.row_id: reply for reply in reversed(replies)}
    rows = [_row(reply, sides, baseline, tuned) for reply in first.values()]
    order = {"worse": 0, "better": 1, "same": 2}
    return sorted(rows, key=lambda row: (order[row.change], row.row_id))


def _row(reply: Reply, sides: dict[str, dict[int, Cell]], baseline: str, tuned: str) -> Row:
    cells = {name: side[reply.row_id] for name, side in sides.items() if reply.row_id in side}
    before, after = cells.get(baseline), cells.get(tuned)
    change: Change = "same"
    if before and after and before.score != after.score:
        change = "better" if after.score > before.score else "worse"
    changed = bool(before and after and before.answer != after.answer)
    return Row(reply.row_id, reply.prompt, reply.expected, cells, change, changed)


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows each filter shows."""
    names: tuple[Filter, ...] = ("all", "worse", "better", "changed", "unreadable", "wrong")
    return {name: len(select(rows, name)) for name in names}


def select(rows: Sequence[Row], which: Filter = "all", search: str = "") -> list[Row]:
    """Return the rows of a filter whose prompt, expected or given text contains `search` (case does not matter)."""
    needle = search.casefold().strip()
    return [row for row in rows if _passes(row, which) and (not needle or _mentions(row, needle))]


def _passes(row: Row, which: Filter) -> bool:
    if which in ("worse", "better"):
        return row.change == which
    if which == "changed":
        return row.changed_text
    if which == "unreadable":
        return row.unreadable
    last = list(row.cells.values())[-1]
    return which == "all" or last.score < 1


def _mentions(row: Row, needle: str) -> bool:
    texts = (row.prompt, row.expected, *(cell.answer for cell in row.cells.values()))
    return any(needle in text.casefold() for text in texts)


def word_diff(expected: str, answer: str) -> list[tuple[Op, str]]:
    """Return pieces of both texts in reading order: kept, missing from the answer (`delete`), only there (`insert`).

    Very long texts come back as one piece without marks.
    """
    if max(len(expected), len(answer)) > _LONGEST_DIFF:
        return [("equal", answer)] if answer else []
    left, right = _PARTS.findall(expected), _PARTS.findall(answer)
    pieces: list[tuple[Op, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("equal", "".join(left[a:b])))
            continue
        if b > a:
            pieces.append(("delete", "".join(left[a:b])))
        if d > c:
            pieces.append(("insert", "".join(right[c:d])))
    return pieces
