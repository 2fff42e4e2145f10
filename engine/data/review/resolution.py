"""One verdict per row out of those of all readers: alike, settled together, or still a disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.data.messages import Message, dumps
from engine.data.review.agreement import Agreement, agreement
from engine.data.review.desk import Desk
from engine.data.review.records import JOINT, Judgement
from engine.errors import Conflict


@dataclass(frozen=True)
class Final:
    """What shall happen to a row. `joint` tells that readers differed and settled it."""

    row_id: int
    action: str
    reason: str
    note: str
    messages: Sequence[Message] | None
    line: Judgement
    joint: bool = False


@dataclass(frozen=True)
class Disagreement:
    """Rows read differently: the verdict of each reader, and the joint decision when there is one."""

    row_id: int
    lines: tuple[Judgement, ...]
    joint: Judgement | None


def _seen_by(desk: Desk) -> dict[int, list[Judgement]]:
    found: dict[int, list[Judgement]] = {}
    for rater in desk.raters:
        for row, line in desk.book.of(rater).items():
            found.setdefault(row, []).append(line)
    return found


def _alike(lines: Sequence[Judgement]) -> bool:
    first = lines[0]
    return all(
        line.action == first.action and (line.messages is None or dumps(line.messages) == dumps(first.messages or []))
        for line in lines
    )


def _ready(desk: Desk) -> None:
    if desk.waiting_for:
        names = " and ".join(desk.waiting_for)
        raise Conflict(f"{names} is still reading.", "Verdicts of others are shown when every reader is done.")


def disagreements(desk: Desk) -> list[Disagreement]:
    """Rows with different verdicts or different fixes, in reading order. Raises Conflict before every reader is done.

    Rows of the sealed test part are left out.
    """
    _ready(desk)
    seen, joint = _seen_by(desk), desk.book.of(JOINT)
    return [
        Disagreement(item.row_id, tuple(seen[item.row_id]), joint.get(item.row_id))
        for item in desk.open_items
        if item.row_id in seen and not _alike(seen[item.row_id])
    ]


def finals(desk: Desk) -> dict[int, Final]:
    """The verdict that counts per row; rows with an open disagreement are left out.

    Raises Conflict before every reader is done (with one reader: never).
    """
    _ready(desk)
    joint = desk.book.of(JOINT)
    found = {}
    for row, lines in _seen_by(desk).items():
        settled = None if _alike(lines) else joint.get(row)
        line = settled or (lines[0] if _alike(lines) else None)
        if line is not None:
            words = list(dict.fromkeys(said.note for said in lines if said.note)) if settled is None else [line.note]
            found[row] = Final(
                row, line.action, line.reason, "; ".join(words), line.messages, line, joint=settled is not None
            )
    return found


def agreements(desk: Desk) -> list[tuple[str, str, Agreement]]:
    """Every pair of readers with rows both have read. Raises Conflict before every reader is done."""
    _ready(desk)
    found = []
    for first, second in combinations(desk.raters, 2):
        ours, theirs = desk.book.of(first), desk.book.of(second)
        both = [item.row_id for item in desk.items if item.row_id in ours and item.row_id in theirs]
        if both:
            said = agreement([ours[row].action for row in both], [theirs[row].action for row in both])
            found.append((first, second, said))
    return found
