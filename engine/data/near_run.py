"""The near-duplicate step as the recipe runs it: what was chosen, what it found, what it tells the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.data.decisions import Decision
from engine.data.encoders import Report
from engine.data.features import features
from engine.data.messages import prompts_and_answers
from engine.data.near_duplicates import NearStep, decided, find_near
from engine.data.near_lanes import Forced, lane_rules
from engine.data.near_pairs import Load
from engine.data.near_votes import PairVote, forced_pairs, row_keys
from engine.data.rules import rules

FOREIGN_SHARE = 0.005  # share of rows from which the reader is told that some are not English


@dataclass(frozen=True)
class NearChoices:
    """What was chosen: the model, and instead of the defaults a threshold (0..1) and whether letters must agree too.

    `votes` are what people said about pairs in this project; they hold for every run. `most` None asks everything.
    """

    encoder: str = "minilm"
    threshold: float | None = None
    same_wording: bool | None = None
    most: int | None = None
    votes: Sequence[PairVote] = ()

    def to_settings(self, labels: bool) -> dict[str, Any]:
        """What the step's record keeps: the limits as they were used."""
        limits = lane_rules(self.encoder, labels=labels, threshold=self.threshold, same_wording=self.same_wording)
        return {
            "encoder": self.encoder,
            "labels": labels,
            "threshold": round(limits.remove, 4),
            "chosen": self.threshold is not None,
            "same_wording": limits.letters > 0,
            "ask_most": self.most,
        }


@dataclass(frozen=True)
class NearOutcome:
    """Rows left, a decision per row or pair, the judged pairs, and the step's settings and note."""

    frame: pd.DataFrame
    decisions: list[Decision]
    pairs: pd.DataFrame
    settings: dict[str, Any]
    note: str


def near_step(frame: pd.DataFrame, choices: NearChoices, load: Load, report: Report) -> NearOutcome:
    """Find, judge and sort. Raises DatasetError above 1M rows."""
    prompts, answers = prompts_and_answers(frame)
    found = find_near(prompts, answers, encoder=choices.encoder, load=load, report=report)
    ids = frame["row_id"].to_numpy()
    pairs = found.pairs.assign(row=ids[found.pairs["row"]], partner=ids[found.pairs["partner"]])
    step = sort_again(frame, pairs, choices, labels=found.labels)
    settings = {**choices.to_settings(found.labels), "pairs_left_out": found.cut, "foreign": _foreign(prompts)}
    return NearOutcome(step.frame, step.decisions, pairs, settings, note_of(settings, step, len(frame)))


def sort_again(frame: pd.DataFrame, pairs: pd.DataFrame, choices: NearChoices, *, labels: bool) -> NearStep:
    """Sort stored pairs of these rows into lanes, with what people said."""
    limits = lane_rules(
        choices.encoder, labels=labels, threshold=choices.threshold, same_wording=choices.same_wording,
        most=choices.most,
    )  # fmt: skip
    keys = row_keys(frame) if choices.votes else {}
    forced: Forced = forced_pairs(keys, pairs, choices.votes)
    return decided(frame, pairs, limits, forced)


def note_of(settings: dict[str, Any], step: NearStep, rows: int) -> str:
    """What the reader should know: categories, other languages, pairs that were not asked or not stored."""
    parts = []
    if settings["labels"] and settings["same_wording"]:
        parts.append(
            "Your answers are categories, so a row is only left out when another row of its category has nearly the "
            "same letters: other words for the same thing are good examples."
        )
    foreign = int(settings.get("foreign", 0))
    if foreign > FOREIGN_SHARE * rows:
        parts.append(
            f"{foreign:,} of {rows:,} rows are not English. Meaning, names and words such as 'not' are only compared "
            "in English; in those rows letters and numbers decide, and nothing but exact copies is left out."
        )
    if step.lanes.not_asked:
        parts.append(f"{step.lanes.not_asked:,} more pairs are alike; they are kept, and you can ask to see them.")
    if settings.get("pairs_left_out"):
        parts.append(
            f"Up to {rules().near.pairs_per_row} pairs per row are kept in mind; "
            f"{settings['pairs_left_out']:,} less alike ones were left out of the comparison."
        )
    return " ".join(parts)


def _foreign(prompts: Sequence[str]) -> int:
    return sum(features(prompt).foreign for prompt in prompts)
