"""The result of one benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """`ours` and `peer` in `unit`, measured in the same run; `holds` says whether the goal was met."""

    ours: float
    peer: float | None
    goal: float
    holds: bool
    unit: str
    rows: int
    details: dict[str, Any] = field(default_factory=dict)
