"""What a command gives back: one JSON document, the same in words, and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """`exit_code` 0 = done, 1 = done and the answer is no. Bad input is raised as a TuneworthError (exit 2)."""

    document: dict[str, Any]
    text: str
    exit_code: int = 0
