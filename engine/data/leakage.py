"""Does one part repeat another? Rows of validation and test that stand in a part seen before: exact, prefix, near."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.clusters import Close, leak_thresholds
from engine.data.rules import rules
from engine.data.text_keys import canonical_key

KINDS = ("exact", "prefix", "near")
SIDES = (("train", "validation"), ("train", "test"), ("validation", "test"))  # (seen first, measured on)


@dataclass(frozen=True)
class Leak:
    """A row of `part` and the row of `other` it repeats (positions); `kind` exact, prefix or near."""

    kind: str
    part: str
    row: int
    other_row: int
    score: float
    reason: str
    other: str = "train"


@dataclass(frozen=True)
class LeakReport:
    """Leaks per kind; a row counts once per kind and side."""

    leaks: list[Leak]
    near_checked: bool

    @property
    def counts(self) -> dict[str, int]:
        """Held-out rows found in train, by kind."""
        return {
            kind: sum(leak.kind == kind and leak.other == "train" for leak in self.leaks) for kind in KINDS
        }  # fmt: skip

    @property
    def between(self) -> dict[str, dict[str, int]]:
        """Rows by side (`train-validation`, `train-test`, `validation-test`) and kind."""
        counted = Counter((leak.other, leak.part, leak.kind) for leak in self.leaks)
        return {f"{a}-{b}": {kind: counted[a, b, kind] for kind in KINDS} for a, b in SIDES}

    def to_json(self, row_ids: list[int]) -> list[dict[str, Any]]:
        """The list with row ids instead of positions."""
        return [
            {
                "kind": leak.kind, "part": leak.part, "row_id": row_ids[leak.row], "other": leak.other,
                "other_row_id": row_ids[leak.other_row],
                "train_row_id": row_ids[leak.other_row] if leak.other == "train" else None,
                "score": round(leak.score, 4), "reason": leak.reason,
            }
            for leak in self.leaks
        ]  # fmt: skip


def find_leaks(parts: np.ndarray, prompts: list[str], close: Close, *, near_checked: bool) -> LeakReport:
    """Compare each part with those seen before it. `parts` names the part of each row.

    Shared prefixes are normal in templated data: they are counted, not condemned.
    """
    leaks: list[Leak] = []
    keys = [canonical_key(prompt) for prompt in prompts]
    for other, part in SIDES:
        leaks += (
            _exact(parts, close, other, part) + _prefix(parts, keys, other, part) + _near(parts, close, other, part)
        )
    return LeakReport(sorted(leaks, key=lambda leak: (leak.kind, leak.row)), near_checked)


def _exact(parts: np.ndarray, close: Close, other: str, part: str) -> list[Leak]:
    found = []
    for rows in close.rows:
        seen = next((row for row in rows if parts[row] == other), None)
        if seen is not None:
            found += [Leak("exact", part, row, seen, 1.0, "same question", other) for row in rows if parts[row] == part]
    return found


def _prefix(parts: np.ndarray, keys: list[str], other: str, part: str) -> list[Leak]:
    size = rules().quality.prefix_characters
    first: dict[str, int] = {}
    for row in np.flatnonzero(parts == other).tolist():
        if len(keys[row]) >= size:
            first.setdefault(keys[row][:size], row)
    found = []
    for row in np.flatnonzero(parts == part).tolist():
        seen = first.get(keys[row][:size]) if len(keys[row]) >= size else None
        if seen is not None and keys[seen] != keys[row]:
            found.append(Leak("prefix", part, row, seen, 0.0, f"same first {size} characters", other))
    return found


def _near(parts: np.ndarray, close: Close, other: str, part: str) -> list[Leak]:
    floor = leak_thresholds().remove
    best: dict[int, Leak] = {}
    for left, right, score, reason in close.pairs:
        if score < floor:
            continue
        for a, b in ((left, right), (right, left)):
            seen = next((row for row in close.rows[b] if parts[row] == other), None)
            if seen is None:
                continue
            for row in close.rows[a]:
                if parts[row] == part and (row not in best or best[row].score < score):
                    best[row] = Leak("near", part, row, seen, score, reason, other)
    return list(best.values())
