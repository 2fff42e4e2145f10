"""Close questions become judged pairs of rows: question and answer together, the best 20 per row.

A pair has a direction: `row` would go, `partner` would stay (the longer one; of equal ones the earlier).
Its score is the cosine of the question, or of the answer where that one is less alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.data.encoders import Report
from engine.data.exact_duplicates import contradictions, text_key
from engine.data.features import features
from engine.data.near_pairs import Candidates, Load, scores_of
from engine.data.pair_decision import PairDecision, decide, letter_similarity
from engine.data.rules import rules

COLUMNS = ("row", "partner", "place", "partner_place", "score", "letters", "same", "guard", "reason", "encoder")
LETTERS = "letters"  # the encoder of a pair that only letters and numbers compared: never removed by a cosine
SAME_WORDING = "same wording"


@dataclass(frozen=True)
class Rows:
    """Questions and answers by position, and how they hang together."""

    prompts: Sequence[str]
    answers: Sequence[str]
    labels: bool
    groups: list[list[int]] = field(init=False)
    keys: list[str] = field(init=False)
    rank: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        groups: dict[str, list[int]] = {}
        for row, prompt in enumerate(self.prompts):
            groups.setdefault(text_key(prompt), []).append(row)
        size = [len(prompt) + len(answer) for prompt, answer in zip(self.prompts, self.answers, strict=True)]
        order = sorted(range(len(size)), key=lambda row: (-size[row], row))
        object.__setattr__(self, "groups", list(groups.values()))
        object.__setattr__(self, "keys", [text_key(answer) for answer in self.answers])
        object.__setattr__(self, "rank", {row: place for place, row in enumerate(order)})

    @property
    def texts(self) -> list[str]:
        """Different questions, one per group."""
        return [self.prompts[rows[0]] for rows in self.groups]


@dataclass(frozen=True)
class _Found:
    row: int
    partner: int
    score: float
    letters: float
    same: bool
    guard: str
    reason: str
    encoder: str


def judge_rows(
    rows: Rows, candidates: Candidates, load: Load, report: Report
) -> tuple[pd.DataFrame, int]:  # fmt: skip
    """Return `(pairs, pairs not looked at or not stored)`; columns as in `COLUMNS`, rows as positions."""
    judge = _Judge(rows, candidates)
    judge.same_questions()
    judge.close_questions(report)
    judge.settle_answers(load)
    return judge.table(), judge.cut


class _Judge:
    """Collects pairs, best first, with a limit per row."""

    def __init__(self, rows: Rows, candidates: Candidates) -> None:
        self.rows, self.candidates = rows, candidates
        self.cut = candidates.pairs.cut
        self.limits = rules().near
        self.found: dict[int, list[_Found]] = {}
        self.open: list[_Found] = []
        self.looks = np.zeros(len(rows.groups), dtype=np.int32)
        self.contradicting = {row for row, _ in contradictions(rows.prompts, rows.answers)}

    def same_questions(self) -> None:
        """Rows with the same question and answer; with another answer the conflict step lists them."""
        for group in self.rows.groups:
            if len(group) < 2:
                continue
            members = sorted(group, key=self.rows.rank.__getitem__)
            first: dict[str, int] = {}
            for row in members:
                kept = first.setdefault(self.rows.keys[row], row)
                if kept != row:
                    self._add(_Found(row, kept, 1.0, 1.0, True, "", SAME_WORDING, self.candidates.encoder))

    def close_questions(self, report: Report) -> None:
        """Judge pairs of different questions, the closest first."""
        pairs = self.candidates.pairs
        order = np.argsort(-pairs.score, kind="stable")
        most = self.limits.looks_per_row
        places = (place for start in range(0, len(order), 65536) for place in order[start : start + 65536].tolist())
        for number, place in enumerate(places):
            left, right = int(pairs.left[place]), int(pairs.right[place])
            if self.looks[left] >= most and self.looks[right] >= most:
                self.cut += 1
                continue
            self.looks[left] += 1
            self.looks[right] += 1
            self._groups(left, right, float(pairs.score[place]))
            if number % 4096 == 0:
                report(number, len(order), "Comparing rows")

    def _groups(self, left: int, right: int, score: float) -> None:
        rows = self.rows
        one, other = rows.groups[left], rows.groups[right]
        if rows.rank[one[0]] < rows.rank[other[0]]:
            one, other = other, one  # a reason names what the row that would go says first
        judged = self._decide(rows.prompts[one[0]], rows.prompts[other[0]], score)
        if not judged.same and (judged.lane == "keep" or score < self.candidates.thresholds.remove):
            return
        a, b = features(rows.prompts[one[0]]), features(rows.prompts[other[0]])
        letters = letter_similarity(a, b)
        encoder = LETTERS if a.foreign or b.foreign else self.candidates.encoder
        for x in one:
            for y in other:
                row, partner = (x, y) if rows.rank[x] > rows.rank[y] else (y, x)
                pair = _Found(
                    row, partner, judged.score, letters, judged.same, judged.guard, judged.reason, encoder
                )  # fmt: skip
                self._row_pair(pair)

    def _row_pair(self, pair: _Found) -> None:
        keys = self.rows.keys
        if keys[pair.row] == keys[pair.partner]:
            self._add(self._not_contradicting(pair))
        elif pair.same and pair.score >= self.candidates.thresholds.remove:
            if self.rows.labels:
                self._add(_other_answer(pair))
            else:
                self.open.append(pair)

    def _not_contradicting(self, pair: _Found) -> _Found:
        """A row that contradicts another one is never removed before somebody decided."""
        if pair.same and pair.row in self.contradicting:
            reason = "kept: the row contradicts another row"
            return _Found(pair.row, pair.partner, pair.score, pair.letters, False, "conflict", reason, pair.encoder)
        return pair

    def settle_answers(self, load: Load) -> None:
        """Free text answers under close questions: do they say the same as well?"""
        if not self.open:
            return
        answers = self.rows.answers
        scores = scores_of([(answers[p.row], answers[p.partner]) for p in self.open], load(self.candidates.encoder))
        for pair, score in zip(self.open, scores.tolist(), strict=True):
            judged = self._decide(answers[pair.row], answers[pair.partner], score)
            if not judged.same:
                self._add(_other_answer(pair))
                continue
            same = _Found(
                pair.row, pair.partner, min(pair.score, judged.score), min(pair.letters, _letters(answers, pair)),
                True, "", pair.reason, pair.encoder,
            )  # fmt: skip
            self._add(self._not_contradicting(same))

    def _decide(self, a: str, b: str, score: float) -> PairDecision:
        limits = self.candidates.thresholds
        if self.candidates.encoder == "static":
            return decide(a, b, static=score, thresholds=limits)
        return decide(a, b, cosine=score, thresholds=limits)

    def _add(self, pair: _Found) -> None:
        kept = self.found.setdefault(pair.row, [])
        if len(kept) < self.limits.pairs_per_row:
            kept.append(pair)
            return
        self.cut += 1
        if pair.same:  # a pair that may leave a row out is worth more than one that only explains why it stays
            worst = next((i for i in range(len(kept) - 1, -1, -1) if not kept[i].same), None)
            if worst is not None:
                kept[worst] = pair

    def table(self) -> pd.DataFrame:
        """All pairs, by the place of the row that would go, best first."""
        pairs = [pair for kept in self.found.values() for pair in kept]
        rank = self.rows.rank
        return pairs_frame(
            {
                "row": [pair.row for pair in pairs],
                "partner": [pair.partner for pair in pairs],
                "place": [rank[pair.row] for pair in pairs],
                "partner_place": [rank[pair.partner] for pair in pairs],
                "score": [pair.score for pair in pairs],
                "letters": [pair.letters for pair in pairs],
                "same": [pair.same for pair in pairs],
                "guard": [pair.guard for pair in pairs],
                "reason": [pair.reason for pair in pairs],
                "encoder": [pair.encoder for pair in pairs],
            }
        )


def pairs_frame(columns: dict[str, list[object]] | dict[str, list[int]] | dict[str, object]) -> pd.DataFrame:
    """Table of pairs with fixed types, sorted: row that would go first, then score."""
    kinds = {
        "row": "int64", "partner": "int64", "place": "int32", "partner_place": "int32", "score": "float32",
        "letters": "float32", "same": "bool", "guard": "str", "reason": "str", "encoder": "str",
    }  # fmt: skip
    frame = pd.DataFrame(columns, columns=list(COLUMNS)).astype(kinds)
    return frame.sort_values(["place", "score", "partner_place"], ascending=[True, False, True], ignore_index=True)


def _other_answer(pair: _Found) -> _Found:
    reason = f"similar question ({pair.reason}), different answer"
    return _Found(pair.row, pair.partner, pair.score, pair.letters, False, "answer", reason, pair.encoder)


def _letters(answers: Sequence[str], pair: _Found) -> float:
    return letter_similarity(features(answers[pair.row]), features(answers[pair.partner]))
