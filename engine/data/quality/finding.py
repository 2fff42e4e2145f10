"""What a measure says: one number with its sentence, advice, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Level: TypeAlias = Literal["good", "look", "poor"]


@dataclass(frozen=True)
class OddRow:
    """A row that stands out: `reason` is a short fixed phrase that is counted, `detail` says what exactly."""

    row_id: int
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Quality:
    """One measure. `value` is a number or share, `numbers` what a chart or table needs, `rows` what stands out.

    `affected` counts all rows that stand out; `rows` may list fewer.
    """

    name: str
    title: str
    value: float
    level: Level
    verdict: str
    advice: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    rows: tuple[OddRow, ...] = ()
    affected: int = 0


def by_name(found: list[Quality]) -> dict[str, Quality]:
    """Measures by their name."""
    return {item.name: item for item in found}
