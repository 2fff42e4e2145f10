"""Run the cleaning steps of a recipe one after the other, on plain frames."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from engine.data.clean import StepResult, empty, short_answers, short_answers_note, whitespace
from engine.data.decisions import Decision
from engine.data.encoders import Report, load_encoder, silent
from engine.data.exact_duplicates import conflicts, exact_duplicates
from engine.data.guards import features
from engine.data.messages import prompts_and_answers
from engine.data.near_duplicates import near_duplicates
from engine.data.near_pairs import Load
from engine.data.recipe import StepName
from engine.data.records import CleaningStep
from engine.errors import DatasetError

FOREIGN_SAMPLE = 500  # rows looked at to tell the language
FOREIGN_SHARE = 0.3


@dataclass(frozen=True)
class StepOutcome:
    """What one step gave."""

    frame: pd.DataFrame
    decisions: list[Decision]
    step: CleaningStep


def run_step(
    name: StepName,
    frame: pd.DataFrame,
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
) -> StepOutcome:
    """Run one step. Raises DatasetError when no row would be left."""
    start = time.perf_counter()
    note = ""
    if name == "near_duplicates":
        result = near_duplicates(frame, encoder=encoder, load=load, report=report)
        note = _language_note(frame)
    else:
        result = _SIMPLE[name](frame)
        if name == "short_answers":
            note = short_answers_note(frame)
    after, decisions = result
    if after.empty:
        raise DatasetError(
            f"No row is left after the step {name!r}.",
            decisions[0].detail if decisions else "Check which column is the question and which the answer.",
        )
    settings = {"encoder": encoder} if name == "near_duplicates" else {}
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
    return StepOutcome(after, decisions, step)


def run_steps(
    names: Sequence[StepName],
    frame: pd.DataFrame,
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
) -> Iterator[StepOutcome]:
    """Run steps in order, yielding after each one."""
    for name in names:
        outcome = run_step(name, frame, encoder=encoder, load=load, report=report)
        frame = outcome.frame
        yield outcome


_SIMPLE = {
    "whitespace": whitespace,
    "empty": empty,
    "short_answers": short_answers,
    "exact_duplicates": exact_duplicates,
    "conflicts": conflicts,
}


def _language_note(frame: pd.DataFrame) -> str:
    prompts, _ = prompts_and_answers(frame.head(FOREIGN_SAMPLE))
    foreign = sum(features(prompt).foreign for prompt in prompts)
    if foreign <= FOREIGN_SHARE * max(len(prompts), 1):
        return ""
    return (
        "Many rows are not English. Meaning is only compared for English; "
        "in other languages numbers and letters decide, and nothing but exact copies is left out."
    )


__all__ = ["StepOutcome", "StepResult", "run_step", "run_steps"]
