"""Does the test repeat the training? Rows of validation and test that stand in train: exact, by prefix, near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.clusters import Close, leak_thresholds
from engine.data.rules import rules
from engine.data.text_keys import canonical_key

HELD_OUT = ("validation", "test")


@dataclass(frozen=True)
class Leak:
    """A held-out row and the training row it repeats (positions); `kind` exact, prefix or near."""

    kind: str
    part: str
    row: int
    train_row: int
    score: float
    reason: str


@dataclass(frozen=True)
class LeakReport:
    """Leaks per kind; a held-out row counts once per kind."""

    leaks: list[Leak]
    near_checked: bool

    @property
    def counts(self) -> dict[str, int]:
        """Held-out rows by kind."""
        return {kind: sum(leak.kind == kind for leak in self.leaks) for kind in ("exact", "prefix", "near")}

    def to_json(self, row_ids: list[int]) -> list[dict[str, Any]]:
        """The list with row ids instead of positions."""
        return [
            {
                "kind": leak.kind, "part": leak.part, "row_id": row_ids[leak.row],
                "train_row_id": row_ids[leak.train_row], "score": round(leak.score, 4), "reason": leak.reason,
            }
            for leak in self.leaks
        ]  # fmt: skip


def find_leaks(parts: np.ndarray, prompts: list[str], close: Close, *, near_checked: bool) -> LeakReport:
    """Compare held-out rows with train. `parts` names the part of each row.

    Shared prefixes are normal in templated data: they are counted, not condemned.
    """
    leaks = _exact(parts, close) + _prefix(parts, prompts) + _near(parts, close)
    return LeakReport(sorted(leaks, key=lambda leak: (leak.kind, leak.row)), near_checked)


def _exact(parts: np.ndarray, close: Close) -> list[Leak]:
    found = []
    for rows in close.rows:
        train = next((row for row in rows if parts[row] == "train"), None)
        if train is not None:
            held = [row for row in rows if parts[row] in HELD_OUT]
            found += [Leak("exact", str(parts[row]), row, train, 1.0, "same question") for row in held]
    return found


def _prefix(parts: np.ndarray, prompts: list[str]) -> list[Leak]:
    size = rules().quality.prefix_characters
    keys = [canonical_key(prompt) for prompt in prompts]
    first: dict[str, int] = {}
    for row, key in enumerate(keys):
        if parts[row] == "train" and len(key) >= size:
            first.setdefault(key[:size], row)
    found = []
    for row, key in enumerate(keys):
        train = first.get(key[:size]) if len(key) >= size and parts[row] in HELD_OUT else None
        if train is not None and keys[train] != key:
            found.append(Leak("prefix", str(parts[row]), row, train, 0.0, f"same first {size} characters"))
    return found


def _near(parts: np.ndarray, close: Close) -> list[Leak]:
    floor = leak_thresholds().remove
    best: dict[int, Leak] = {}
    for left, right, score, reason in close.pairs:
        if score < floor:
            continue
        for a, b in ((left, right), (right, left)):
            train = next((row for row in close.rows[b] if parts[row] == "train"), None)
            if train is None:
                continue
            for row in close.rows[a]:
                if parts[row] in HELD_OUT and (row not in best or best[row].score < score):
                    best[row] = Leak("near", str(parts[row]), row, train, score, reason)
    return list(best.values())
