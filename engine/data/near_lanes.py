"""Judged pairs sorted into lanes: who goes, what is asked, which answers contradict. Pure and quick.

The same function decides when the rows are cleaned and when the threshold moves, so both always agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from engine.data.near_judge import LETTERS, SAME_WORDING
from engine.data.pair_decision import minilm_thresholds, static_thresholds
from engine.data.rules import rules

Forced: TypeAlias = Mapping[tuple[int, int], Literal["same", "swap", "different"]]


@dataclass(frozen=True)
class LaneRules:
    """Limits of the lanes. `remove`, `ask`, `doubt` are cosines; `letters` the likeness of letters a removal needs.

    `doubt` is the score from which a pair is worth a question though a guard failed (above 1: never).
    `most` limits the questions and the contradictions put to a person; None lists all.
    """

    remove: float
    ask: float
    doubt: float
    letters: float
    most: int | None


@dataclass
class Lanes:
    """Pairs as places in the table; for a swapped pair the partner is the row that goes."""

    removed: dict[int, int] = field(default_factory=dict)
    kept_by: dict[int, int] = field(default_factory=dict)
    ask: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    not_asked: int = 0


def lane_rules(
    encoder: str, *, labels: bool, threshold: float | None = None, same_wording: bool | None = None,
    most: int | None = None,
) -> LaneRules:  # fmt: skip
    """Defaults of the rules file for an encoder and a kind of answer, with what the user chose instead.

    `same_wording` demands nearly the same letters of every removal; it is on when answers are labels.
    """
    near = rules().near
    limits = static_thresholds() if encoder == "static" else minilm_thresholds()
    strict = labels if same_wording is None else same_wording
    remove = threshold if threshold is not None else near.label_remove_cosine if labels else limits.remove
    ask = near.label_ask_cosine if labels else min(limits.ask, remove)
    return LaneRules(remove, ask, 2.0 if labels else limits.remove, near.levenshtein if strict else 0.0, most)


def sort_lanes(pairs: pd.DataFrame, limits: LaneRules, forced: Forced | None = None) -> Lanes:
    """Greedy stars: a row goes when a kept, better row says the same; a row that went removes nobody.

    `pairs` is sorted as `pairs_frame` does. `forced` holds what people said about pairs (row, partner).
    """
    return _Sorting(pairs, limits, forced or {}).run()


class _Sorting:
    def __init__(self, pairs: pd.DataFrame, limits: LaneRules, forced: Forced) -> None:
        self.limits, self.forced = limits, forced
        self.rows, self.partners = pairs["row"].tolist(), pairs["partner"].tolist()
        score, letters, same, guard = pairs["score"], pairs["letters"], pairs["same"], pairs["guard"]
        by_meaning = (pairs["encoder"] != LETTERS) & (score >= limits.remove - 1e-6)
        wording = (pairs["reason"] == SAME_WORDING) & same
        self.goes = (same & ((by_meaning & (letters >= limits.letters)) | wording)).tolist()
        doubtful = ~same & (guard != "answer") & (score >= limits.doubt - 1e-6)
        near = same & ((score >= limits.ask - 1e-6) | (letters >= rules().near.levenshtein))
        if limits.doubt > 1:  # labels: nearly the same letters in one category are no question unless close as well
            near = same & (score >= limits.ask - 1e-6)
        self.asks = (near | doubtful).tolist()
        self.clashes = (guard == "answer").tolist()
        self.order = pairs.assign(number=range(len(pairs))).sort_values(
            ["same", "score", "letters"], ascending=False, kind="stable"
        )["number"].tolist()  # fmt: skip
        self.lanes = Lanes()

    def run(self) -> Lanes:
        self._decided_by_people()
        self._stars()
        self._questions()
        return self.lanes

    def _decided_by_people(self) -> None:
        """What people called the same goes first; a circle of such votes keeps its first row."""
        self.protected: set[int] = set()
        for number, pair in enumerate(zip(self.rows, self.partners, strict=True)):
            said = self.forced.get(pair)
            if said in ("same", "swap"):
                row, kept = pair if said == "same" else pair[::-1]
                if row not in self.lanes.removed and self._root(kept) != row:
                    self.lanes.removed[row] = number
                    self.lanes.kept_by[row] = kept
        self.protected = {self._root(row) for row in self.lanes.removed}
        self.lanes.kept_by = {row: self._root(row) for row in self.lanes.removed}

    def _root(self, row: int) -> int:
        while row in self.lanes.kept_by:
            row = self.lanes.kept_by[row]
        return row

    def _stars(self) -> None:
        removed = self.lanes.removed
        for number, goes in enumerate(self.goes):
            row, partner = self.rows[number], self.partners[number]
            if not goes or row in removed or partner in removed or row in self.protected:
                continue
            if self.forced.get((row, partner)) == "different":
                self.protected.add(row)  # a person put this row back: another likeness does not take it away again
                continue
            removed[row] = number
            self.lanes.kept_by[row] = partner

    def _questions(self) -> None:
        """Best first: pairs that pass every guard and are closest; a row is asked about once."""
        removed, asked = self.lanes.removed, set()
        for number in self.order:
            row, partner = self.rows[number], self.partners[number]
            if row in removed or partner in removed or self.forced.get((row, partner)) == "different":
                continue
            if self.clashes[number]:
                self.lanes.conflicts.append(number)
            elif self.asks[number] and row not in asked:
                asked.add(row)
                self.lanes.ask.append(number)
        if self.limits.most is not None:
            found = len(self.lanes.ask) + len(self.lanes.conflicts)
            self.lanes.ask = self.lanes.ask[: self.limits.most]
            self.lanes.conflicts = self.lanes.conflicts[: self.limits.most]
            self.lanes.not_asked = found - len(self.lanes.ask) - len(self.lanes.conflicts)


def words_of(pair: Any, lane: str) -> str:
    """Why a pair is in its lane, for example `same wording .97` or `maybe the same: similar .84`."""
    if not pair.same:
        return str(pair.reason)
    if pair.reason == SAME_WORDING:
        return SAME_WORDING
    score = f"{min(pair.score, 0.99):.2f}".removeprefix("0")  # 1.00 would say that nothing differs
    if pair.encoder == LETTERS:
        return str(pair.reason)
    if lane == "remove":
        return f"{SAME_WORDING if pair.letters >= rules().near.levenshtein else 'paraphrase'} {score}"
    if pair.letters >= rules().near.levenshtein:
        return f"maybe the same: nearly the same letters, similar {score}"
    return f"maybe the same: similar {score}"
