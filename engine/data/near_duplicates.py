"""Near duplicates: which rows say the same thing, in three lanes, as stars around the row that is kept.

Pure: vectors come through an encoder loader, so tests need no model. A pair of rows is judged by question and answer:
removed only when both say the same; a similar question with another answer is put to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.data.clean import StepResult, drop
from engine.data.decisions import Decision
from engine.data.encoders import Report, load_encoder, silent
from engine.data.exact_duplicates import text_key
from engine.data.messages import prompts_and_answers
from engine.data.near_pairs import Candidates, Load, close_pairs
from engine.data.pair_decision import Lane, PairDecision, decide
from engine.data.rules import rules
from engine.errors import DatasetError


@dataclass(frozen=True)
class RowPair:
    """A judged pair of rows (positions): `row` would go, `partner` stays."""

    row: int
    partner: int
    lane: Lane
    score: float
    reason: str
    guard: str = ""


@dataclass
class NearResult:
    """Judged pairs, best first per row; `cut` pairs were not looked at, for memory."""

    removed: dict[int, RowPair] = field(default_factory=dict)
    ask: dict[int, RowPair] = field(default_factory=dict)
    pairs: list[RowPair] = field(default_factory=list)
    cut: int = 0
    foreign: int = 0


def near_duplicates(
    frame: pd.DataFrame, *, encoder: str = "minilm", load: Load = load_encoder, report: Report = silent
) -> StepResult:
    """Drop rows that say the same as a kept row; list pairs for a person. Raises DatasetError above 1M rows."""
    prompts, answers = prompts_and_answers(frame)
    result = find_near(prompts, answers, encoder=encoder, load=load, report=report)
    ids = [int(row_id) for row_id in frame["row_id"]]
    decisions = [_decision(pair, ids, prompts, "drop") for pair in result.removed.values()]
    decisions += [_decision(pair, ids, prompts, "ask") for pair in result.ask.values()]
    decisions.sort(key=lambda decision: decision.row_id)
    return drop(frame, decisions), decisions


def _decision(pair: RowPair, ids: list[int], prompts: list[str], action: str) -> Decision:
    reason = "near duplicate" if action == "drop" else "look at it"
    return Decision(
        ids[pair.row], "near_duplicates", reason, pair.reason, "drop" if action == "drop" else "ask",
        ids[pair.partner], round(pair.score, 4), prompts[pair.row],
    )  # fmt: skip


def find_near(
    prompts: Sequence[str],
    answers: Sequence[str],
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
) -> NearResult:
    """Judge rows by position. Longer rows are kept before shorter ones, earlier before later."""
    limit = rules().near.refuse_rows
    if len(prompts) > limit:
        raise DatasetError(
            f"Similar rows are searched in at most {limit:,} rows; this dataset has {len(prompts):,}.",
            "Take a sample, or leave out this step: exact duplicates are found at any size.",
        )
    groups: dict[str, list[int]] = {}
    for row, prompt in enumerate(prompts):
        groups.setdefault(text_key(prompt), []).append(row)
    texts = [prompts[rows[0]] for rows in groups.values()]
    if len(texts) < 2 and len(prompts) < 2:
        return NearResult()
    candidates = close_pairs(texts, load, encoder, part_of(report, 0.0, 0.8))
    return _Star(prompts, answers, list(groups.values()), texts, candidates).run(part_of(report, 0.8, 1.0))


def part_of(report: Report, start: float, stop: float) -> Report:
    """Report a phase as its share of the whole, with the numbers in the text."""

    def inner(done: float, total: float, text: str) -> None:
        share = done / total if total else 1.0
        report(start + (stop - start) * share, 1.0, f"{text}: {int(done):,} of {int(total):,}")

    return inner


class _Star:
    """Greedy star groups: a kept row removes its own neighbours; a removed row removes nobody."""

    def __init__(
        self,
        prompts: Sequence[str],
        answers: Sequence[str],
        groups: list[list[int]],
        texts: list[str],
        candidates: Candidates,
    ) -> None:
        self.prompts, self.answers = prompts, answers
        self.keys = [text_key(answer) for answer in answers]
        self.groups, self.texts, self.candidates = groups, texts, candidates
        self.order = sorted(range(len(prompts)), key=lambda row: (-len(prompts[row]) - len(answers[row]), row))
        self.rank = {row: place for place, row in enumerate(self.order)}
        self.group_of = {row: number for number, rows in enumerate(groups) for row in rows}
        self.result = NearResult(cut=candidates.pairs.cut)
        self.judged: dict[tuple[int, int], PairDecision] = {}
        self._adjacency()

    def _adjacency(self) -> None:
        pairs = self.candidates.pairs
        left = np.r_[pairs.left, pairs.right]
        right = np.r_[pairs.right, pairs.left]
        score = np.r_[pairs.score, pairs.score]
        order = np.lexsort((-score, left))
        self.neighbours, self.scores = right[order], score[order]
        self.starts = np.searchsorted(left[order], np.arange(len(self.groups) + 1))

    def run(self, report: Report) -> NearResult:
        most = rules().near.pairs_per_row
        for place, row in enumerate(self.order):
            if row in self.result.removed:
                continue
            asked = 0
            for other, prompt in self._partners(row):
                if other in self.result.removed or self.rank[other] < self.rank[row]:
                    continue
                pair = self._judge(row, other, prompt)
                if pair is None or (pair.lane == "ask" and asked >= most):
                    continue
                self.result.pairs.append(pair)
                if pair.lane == "remove":
                    self.result.removed[other] = pair
                    self.result.ask.pop(other, None)
                else:
                    asked += 1
                    best = self.result.ask.get(other)
                    if best is None or best.score < pair.score:
                        self.result.ask[other] = pair
            report(place + 1, len(self.order), "Comparing rows")
        return self.result

    def _partners(self, row: int) -> Iterator[tuple[int, PairDecision]]:
        """Rows with the same or a close question, with the judgement on the questions."""
        group = self.group_of[row]
        same = PairDecision("remove", 1.0, "same wording", same=True)
        yield from ((other, same) for other in self.groups[group] if other != row)
        for place in range(self.starts[group], self.starts[group + 1]):
            other_group = int(self.neighbours[place])
            members = [other for other in self.groups[other_group] if other not in self.result.removed]
            if not members:
                continue
            prompt = self._prompts(group, other_group, float(self.scores[place]))
            if prompt.lane != "keep":
                yield from ((other, prompt) for other in members)

    def _prompts(self, group: int, other: int, score: float) -> PairDecision:
        key = (min(group, other), max(group, other))
        if key not in self.judged:
            self.judged[key] = self._decide(self.texts[key[0]], self.texts[key[1]], score)
        return self.judged[key]

    def _decide(self, a: str, b: str, score: float) -> PairDecision:
        limits = self.candidates.thresholds
        if self.candidates.encoder == "static":
            return decide(a, b, static=score, thresholds=limits)
        return decide(a, b, cosine=score, thresholds=limits)

    def _judge(self, row: int, other: int, prompt: PairDecision) -> RowPair | None:
        """Join the judgements on question and answer; None means: leave both, nothing to say."""
        if self.keys[row] == self.keys[other]:
            return RowPair(other, row, prompt.lane, prompt.score, prompt.reason, prompt.guard)
        answer = decide(self.answers[row], self.answers[other])
        if prompt.reason == "same wording" and answer.lane == "keep":
            return None  # listed by the conflict step
        if prompt.lane == "remove":
            reason = f"similar question ({prompt.reason}), different answer"
            return RowPair(other, row, "ask", prompt.score, reason, "answer")
        return None
