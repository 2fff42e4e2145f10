"""Groups of rows that belong together: same question, near the same, or the same customer. Never split apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.encoders import Report, silent
from engine.data.exact_duplicates import text_key
from engine.data.messages import prompts_and_answers
from engine.data.near_pairs import Candidates, Load, close_pairs
from engine.data.pair_decision import Thresholds, decide
from engine.data.rules import rules
from engine.data.screen import Pairs


@dataclass(frozen=True)
class Close:
    """Different questions of a frame and the pairs among them that say the same, best known score each.

    `rows[i]` lists the row positions that ask text i.
    """

    texts: list[str]
    rows: list[list[int]]
    pairs: list[tuple[int, int, float, str]]


def close_questions(
    prompts: Sequence[str], load: Load | None, encoder: str = "minilm", report: Report = silent
) -> Close:
    """Find questions that say the same from the ask threshold on (guards pass). Without `load` only equal ones."""
    groups: dict[str, list[int]] = {}
    for row, prompt in enumerate(prompts):
        groups.setdefault(text_key(prompt), []).append(row)
    rows = list(groups.values())
    texts = [prompts[members[0]] for members in rows]
    if load is None or len(texts) < 2:
        return Close(texts, rows, [])
    return Close(texts, rows, _same(texts, close_pairs(texts, load, encoder, report)))


def _same(texts: list[str], candidates: Candidates) -> list[tuple[int, int, float, str]]:
    limits = candidates.thresholds
    static = candidates.encoder == "static"
    found = []
    pairs: Pairs = candidates.pairs
    for left, right, score in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.score.tolist(), strict=True):
        if score < limits.ask:
            continue
        a, b = texts[left], texts[right]
        judged = decide(a, b, static=score, thresholds=limits) if static else decide(a, b, score, thresholds=limits)
        if judged.same:
            found.append((left, right, score, judged.reason))
    return found


def cluster_rows(frame: pd.DataFrame, close: Close) -> tuple[np.ndarray, float]:
    """Number the clusters: `(cluster per row, score from which similar rows were joined)`.

    Chains of similar rows can run through the whole set; when the largest cluster holds more than the allowed share,
    only closer pairs join. Equal questions and groups always stay together.
    """
    base = _Union(len(frame))
    for members in close.rows:
        base.join_all(members)
    for members in _groups(frame).values():
        base.join_all(members)
    if not close.pairs:
        return base.numbers(), 1.0
    limits = rules().near
    largest = max(2.0, rules().split.largest_cluster * len(frame), float(base.largest()))
    for step in np.arange(limits.ask_cosine, 1.0, 0.05):
        union = base.copy()
        for left, right, score, _ in close.pairs:
            if score >= step:
                union.join(close.rows[left][0], close.rows[right][0])
        if union.largest() <= largest:
            return union.numbers(), round(float(step), 2)
    return base.numbers(), 1.0


def leak_thresholds() -> Thresholds:
    """Thresholds of the leak check: stricter than cleaning by `leak_margin`."""
    limits = rules().near
    return Thresholds(limits.remove_cosine - limits.leak_margin, limits.ask_cosine)


def questions(frame: pd.DataFrame) -> list[str]:
    """The question of each row."""
    return prompts_and_answers(frame)[0]


def _groups(frame: pd.DataFrame) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, meta in enumerate(frame["meta"]):
        name = json.loads(meta).get("group", "") if meta not in ("", "{}") else ""
        if name:
            groups.setdefault(str(name), []).append(row)
    return groups


class _Union:
    """Disjoint sets of row positions."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def find(self, row: int) -> int:
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        self.parent[max(a, b)] = min(a, b)

    def join_all(self, rows: Sequence[int]) -> None:
        for other in rows[1:]:
            self.join(rows[0], other)

    def copy(self) -> _Union:
        other = _Union(0)
        other.parent = list(self.parent)
        return other

    def numbers(self) -> np.ndarray:
        return np.array([self.find(row) for row in range(len(self.parent))], dtype=np.int64)

    def largest(self) -> int:
        return int(np.unique(self.numbers(), return_counts=True)[1].max(initial=0))
