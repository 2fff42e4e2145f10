"""Near duplicates: which rows say the same thing, in three lanes, as stars around the row that is kept.

Pure: vectors come through an encoder loader, so tests need no model. A pair of rows is judged by question and answer:
removed only when both say the same; a similar question with another answer is a contradiction for a person.
Other languages than English: letters and numbers are compared, and nothing is removed by meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.clean import drop
from engine.data.decisions import Action, Decision
from engine.data.encoders import Report, load_encoder, silent
from engine.data.messages import prompts_and_answers
from engine.data.near_judge import Rows, judge_rows, pairs_frame
from engine.data.near_lanes import Forced, LaneRules, Lanes, lane_rules, sort_lanes, words_of
from engine.data.near_pairs import Load, close_pairs
from engine.data.rules import rules
from engine.errors import DatasetError

STEP = "near_duplicates"


@dataclass(frozen=True)
class NearResult:
    """`pairs` by positions, as in `near_judge.COLUMNS`; `cut` pairs were not looked at or not stored, for memory."""

    pairs: pd.DataFrame
    labels: bool
    encoder: str
    cut: int = 0

    def lanes(self, limits: LaneRules | None = None, forced: Forced | None = None) -> Lanes:
        """Sort the pairs; by default with the limits of the rules file and without a limit of questions."""
        return sort_lanes(self.pairs, limits or lane_rules(self.encoder, labels=self.labels), forced)


@dataclass(frozen=True)
class NearStep:
    """A cleaning step and the judged pairs by row id it was made from."""

    frame: pd.DataFrame
    decisions: list[Decision]
    pairs: pd.DataFrame
    lanes: Lanes


def decided(frame: pd.DataFrame, pairs: pd.DataFrame, limits: LaneRules, forced: Forced) -> NearStep:
    """Sort stored pairs (by row id) of these rows and drop what goes."""
    lanes = sort_lanes(pairs, limits, forced)
    decisions = lane_decisions(frame, pairs, lanes, forced)
    return NearStep(drop(frame, decisions), decisions, pairs, lanes)


def lane_decisions(frame: pd.DataFrame, pairs: pd.DataFrame, lanes: Lanes, forced: Forced) -> list[Decision]:
    """One decision per row that goes, pair that is asked, and contradicting pair; by row id."""
    numbers = [*lanes.removed.values(), *lanes.ask, *lanes.conflicts]
    taken: dict[int, Any] = dict(zip(numbers, pairs.iloc[numbers].itertuples(index=False), strict=True))
    rows = [*lanes.removed, *(taken[number].row for number in [*lanes.ask, *lanes.conflicts])]
    some = frame[frame["row_id"].isin(rows)]
    snippets = dict(zip(some["row_id"].tolist(), prompts_and_answers(some)[0], strict=True))
    found = []
    for row, number in lanes.removed.items():
        pair = taken[number]
        detail = "you called them the same" if (pair.row, pair.partner) in forced else words_of(pair, "remove")
        found.append(_decision(row, lanes.kept_by[row], pair, "near duplicate", detail, "drop", snippets))
    for number in lanes.ask:
        pair = taken[number]
        found.append(_decision(pair.row, pair.partner, pair, "look at it", words_of(pair, "ask"), "ask", snippets))
    for number in lanes.conflicts:
        pair = taken[number]
        found.append(_decision(pair.row, pair.partner, pair, "conflict", str(pair.reason), "conflict", snippets))
    return sorted(found, key=lambda decision: decision.row_id)


def _decision(
    row: int, partner: int, pair: Any, reason: str, detail: str, action: Action, snippets: dict[int, str]
) -> Decision:
    score = round(float(pair.score), 4)
    return Decision(row, STEP, reason, detail, action, partner, score, snippets.get(row, ""))


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
    labels = answers_are_labels(answers)
    if len(prompts) < 2:
        return NearResult(pairs_frame({}), labels, encoder)
    rows = Rows(prompts, answers, labels)
    candidates = close_pairs(rows.texts, load, encoder, part_of(report, 0.0, 0.8))
    pairs, cut = judge_rows(rows, candidates, load, part_of(report, 0.8, 1.0))
    return NearResult(pairs, labels, encoder, cut)


def part_of(report: Report, start: float, stop: float) -> Report:
    """Report a phase as its share of the whole, with the numbers in the text."""

    def inner(done: float, total: float, text: str) -> None:
        share = done / total if total else 1.0
        report(start + (stop - start) * share, 1.0, f"{text}: {int(done):,} of {int(total):,}")

    return inner
