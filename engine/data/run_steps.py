"""Run the cleaning steps of a recipe one after the other, on plain frames."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from engine.data.check.fixes import fix_step
from engine.data.clean import StepResult, empty, short_answers, short_answers_note, whitespace
from engine.data.decisions import Decision
from engine.data.encoders import Report, load_encoder, silent
from engine.data.exact_duplicates import conflicts, exact_duplicates
from engine.data.near_pairs import Load
from engine.data.near_run import NearChoices, near_step
from engine.data.recipe import FIX_STEPS, StepName
from engine.data.records import CleaningStep
from engine.errors import DatasetError


@dataclass(frozen=True)
class StepOutcome:
    """What one step gave."""

    frame: pd.DataFrame
    decisions: list[Decision]
    step: CleaningStep
    pairs: pd.DataFrame | None = None  # judged pairs by row id, of the step that compares meanings


def run_step(
    name: StepName,
    frame: pd.DataFrame,
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
    near: NearChoices | None = None,
) -> StepOutcome:
    """Run one step. Raises DatasetError when no row would be left."""
    start = time.perf_counter()
    note, pairs, settings = "", None, {}
    if name == "near_duplicates":
        found = near_step(frame, near or NearChoices(encoder), load, report)
        after, decisions, pairs, settings, note = found.frame, found.decisions, found.pairs, found.settings, found.note
    else:
        after, decisions = fix_step(name, frame) if name in FIX_STEPS else _SIMPLE[name](frame)
        if name == "short_answers":
            note = short_answers_note(frame)
    if after.empty:
        raise DatasetError(
            f"No row is left after the step {name!r}.",
            decisions[0].detail if decisions else "Check which column is the question and which the answer.",
        )
    step = CleaningStep(
        name=name,
        settings=settings,
        rows_in=len(frame),
        rows_out=len(after),
        changed=sum(decision.action == "change" for decision in decisions),
        counts=dict(Counter(decision.reason for decision in decisions)),
        note=note,
        seconds=round(time.perf_counter() - start, 3),
    )
    return StepOutcome(after, decisions, step, pairs)


def run_steps(
    names: Sequence[StepName],
    frame: pd.DataFrame,
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
    near: NearChoices | None = None,
) -> Iterator[StepOutcome]:
    """Run steps in order, yielding after each one."""
    for name in names:
        outcome = run_step(name, frame, encoder=encoder, load=load, report=report, near=near)
        frame = outcome.frame
        yield outcome


_SIMPLE = {
    "whitespace": whitespace,
    "empty": empty,
    "short_answers": short_answers,
    "exact_duplicates": exact_duplicates,
    "conflicts": conflicts,
}


__all__ = ["StepOutcome", "StepResult", "run_step", "run_steps"]
