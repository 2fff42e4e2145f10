"""JSON answers at three levels: it can be read, its fields are right, all of it is right.

A code fence around the JSON is taken off as an explicit step and counted (`note="fence removed"`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from engine.errors import InputError
from engine.evaluation.scorers.base import UNREADABLE, Pair, RowScore, Unit
from engine.evaluation.scorers.overlap import f_measure

FENCE_REMOVED = "fence removed"
_FENCE = re.compile(r"\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*", re.DOTALL)
Level = Literal["valid", "fields", "same"]


def read_json(text: str) -> tuple[Any, bool] | None:
    """Return (value, whether a fence was removed), or None when the text is not JSON. NaN and Infinity are not JSON."""
    fenced = _FENCE.fullmatch(text)
    try:
        return json.loads(fenced.group(1) if fenced else text, parse_constant=_refuse), fenced is not None
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def leaves(value: Any, path: str = "") -> Counter[tuple[str, str]]:
    """Return every (path, value) of a JSON document; list items share one path, so their order does not matter."""
    found: Counter[tuple[str, str]] = Counter()
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            found += leaves(inner, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for inner in value:
            found += leaves(inner, f"{path}[]")
    else:
        found[path, _leaf(value)] += 1
    return found


def _leaf(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


class JsonAnswer:
    """One level of JSON scoring."""

    def __init__(self, name: str, title: str, level: Level) -> None:
        self.name = name
        self.title = title
        self.level = level
        self.unit: Unit = "score" if level == "fields" else "right"

    def score(self, pairs: Sequence[Pair]) -> list[RowScore]:
        """Return one score per pair; an answer that is not JSON is unreadable.

        Raises InputError when an expected answer is not JSON (not needed for level `valid`).
        """
        return [self._one(row, pair) for row, pair in enumerate(pairs)]

    def _one(self, row: int, pair: Pair) -> RowScore:
        expected = read_json(pair.expected)
        if expected is None and self.level != "valid":
            raise InputError(
                f"The metric {self.name} needs JSON, but the expected answer of row {row} is not JSON.",
                "Use exact, f1 or rougeL for free text.",
            )
        answer = read_json(pair.answer)
        if answer is None:
            return UNREADABLE
        note = FENCE_REMOVED if answer[1] else ""
        if expected is None or self.level == "valid":
            return RowScore(1.0, note=note)
        left, right = leaves(expected[0]), leaves(answer[0])
        if self.level == "same":
            return RowScore(float(left == right), note=note)
        return RowScore(f_measure((left & right).total(), left.total(), right.total()), note=note)
