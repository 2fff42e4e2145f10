"""The verdicts of a queue as they stand, folded from the lines that were saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.data.review.records import Judgement
from engine.project.project import Project


@dataclass
class Book:
    """Per reader what counts now. `undo` lines take the last verdict on their row away."""

    _stacks: dict[tuple[str, int], list[Judgement]] = field(default_factory=lambda: defaultdict(list))
    _turns: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    _order: dict[str, list[Judgement]] = field(default_factory=lambda: defaultdict(list))

    def of(self, rater: str) -> dict[int, Judgement]:
        """Row -> verdict of one reader."""
        return {row: stack[-1] for (name, row), stack in self._stacks.items() if name == rater and stack}

    def turn(self, rater: str, row_id: int) -> int:
        """How many lines the reader has on the row: the number of the next one."""
        return self._turns.get((rater, row_id), 0)

    def last(self, rater: str) -> Judgement | None:
        """The verdict that undo takes back."""
        order = self._order.get(rater)
        return order[-1] if order else None

    def moments(self, rater: str) -> list[float]:
        """When the reader's verdicts were given on screen (seconds since 1970), in order."""
        return [line.created for line in self._order.get(rater, []) if line.origin == "screen"]

    def add(self, line: Judgement) -> None:
        """Fold in the next line."""
        key = (line.rater, line.row_id)
        self._turns[key] = max(self._turns[key], line.turn + 1)
        if line.action != "undo":
            self._stacks[key].append(line)
            self._order[line.rater].append(line)
        elif self._stacks[key]:
            gone = self._stacks[key].pop()
            self._order[line.rater].remove(gone)


def make_book(lines: Iterable[Judgement]) -> Book:
    """Fold lines, oldest first."""
    book = Book()
    for line in lines:
        book.add(line)
    return book


def load_book(project: Project, queue_id: str) -> Book:
    """Read and fold every verdict of a queue."""
    return make_book(project.records.list(Judgement, prefix=f"{queue_id}:"))
