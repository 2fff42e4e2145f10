"""How many examples a task needs, by kind of task and number of categories (facts/domain.md section 1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.fit.answers import Answers
from engine.fit.rulebook import Rulebook


@dataclass(frozen=True)
class Sizing:
    """Examples in all (not per category). `missing` is what is still needed before training is advised."""

    task: str
    categories: int
    have: float | None
    go_from: int
    minimum: tuple[int, int]
    recommended: tuple[int, int]

    @property
    def missing(self) -> int | None:
        """Examples still to collect; None when it is not known how many there are."""
        return None if self.have is None else max(0, round(self.go_from - self.have))

    @property
    def per_category(self) -> float | None:
        """Examples for each category; None when it is not known."""
        return None if self.have is None else self.have / self.categories

    @property
    def enough(self) -> str:
        """`yes`, `no` or `unknown`: whether training is advised at all."""
        return "unknown" if self.have is None else "yes" if self.have >= self.go_from else "no"

    @property
    def recommended_reached(self) -> str:
        """`yes`, `no` or `unknown`: whether the recommended number is reached."""
        return "unknown" if self.have is None else "yes" if self.have >= self.recommended[0] else "no"

    def document(self) -> dict[str, Any]:
        """Return the sizes as JSON."""
        return asdict(self) | {"missing": self.missing, "enough": self.enough}


def size_of(answers: Answers, book: Rulebook) -> Sizing:
    """Return the sizes for the answered task, times the number of categories."""
    task, have = answers.get("task"), answers.get("examples")
    name = task if isinstance(task, str) else "unknown"
    failure = answers.get("failure_mode")
    if name == "unknown" and isinstance(failure, list) and {"format", "style"} & set(failure):
        name = "unknown_narrow"
    count = answers.get("categories")
    categories = max(1, round(count)) if isinstance(count, float) else 1
    size = book.sizes[name]
    return Sizing(
        task=name,
        categories=categories,
        have=have if isinstance(have, float) else None,
        go_from=size.go_from * categories,
        minimum=(size.minimum[0] * categories, size.minimum[1] * categories),
        recommended=(size.recommended[0] * categories, size.recommended[1] * categories),
    )
