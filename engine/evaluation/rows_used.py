"""The rows of one evaluation.

The sealed part is opened once per job and kept beside the job, so that a resume opens nothing again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from engine.data.messages import answer_of, prompt_of
from engine.data.records import Split
from engine.data.split import leak_list, looks, rows_of
from engine.errors import DatasetError
from engine.evaluation.prompting import Example, examples_in, turns_before_answer, with_examples
from engine.evaluation.rounds import Question
from engine.evaluation.settings import EvaluationSettings
from engine.jobs.context import JobContext
from engine.project.files import storage_guard
from engine.training.rows import with_system

PURPOSE = "final evaluation"
SAVED = "rows.parquet"


@dataclass(frozen=True)
class RowsUsed:
    """Rows asked, rows to choose the number of examples on, training rows; looks at the sealed part, leaked rows."""

    asked: pd.DataFrame
    choosing: pd.DataFrame
    examples: list[Example]
    training_answers: list[str]
    uses: int
    leaks: int


def load_rows(job: JobContext, settings: EvaluationSettings) -> RowsUsed:
    """Return the rows. The number of examples is chosen on rows that are not asked and not shown.

    Raises NotFound for an unknown split, DatasetError when a part has no rows.
    """
    project = job.project()
    split = project.records.get(Split, settings.split_id)
    train = rows_of(project, split, "train")
    validation = rows_of(project, split, "validation")
    if train.empty:
        raise DatasetError("There are no training rows in this split.", "Make a new split on the Data page.")
    asked = _asked(job, settings, split, validation)
    sealed = settings.part == "test"
    choosing = _draw(validation if sealed else train, settings.rows_to_choose_on, settings.seed)
    shown = train[~train["row_id"].isin(choosing["row_id"])]
    return RowsUsed(
        asked=asked,
        choosing=choosing,
        examples=examples_in(list(zip(shown["row_id"].tolist(), shown["messages"].tolist(), strict=True))),
        training_answers=[answer_of(messages) for messages in train["messages"]],
        uses=looks(project, split) if sealed else 0,
        leaks=_leaked(leak_list(project, split), asked) if sealed else 0,
    )


def _leaked(leaks: Sequence[dict[str, object]], asked: pd.DataFrame) -> int:
    """Return how many of the asked rows stand in training too, the same or nearly; a shared opening is no leak."""
    copies = {leak["row_id"] for leak in leaks if leak["kind"] in ("exact", "near")}
    return len(copies & set(asked["row_id"].tolist()))


def _asked(job: JobContext, settings: EvaluationSettings, split: Split, validation: pd.DataFrame) -> pd.DataFrame:
    saved = job.folder / SAVED
    if saved.exists():
        return pd.read_parquet(saved)
    frame = validation
    if settings.part == "test":
        frame = rows_of(job.project(), split, "test", purpose=PURPOSE)
    frame = _draw(frame, settings.limit, settings.seed)
    if frame.empty:
        raise DatasetError(f"There are no {settings.part} rows in this split.", "Make a new split on the Data page.")
    with storage_guard(saved):
        frame.to_parquet(saved.with_suffix(".tmp"))
        saved.with_suffix(".tmp").replace(saved)
    return frame


def _draw(frame: pd.DataFrame, limit: int | None, seed: int) -> pd.DataFrame:
    """Return at most `limit` rows, drawn at random, in their old order."""
    if limit is None or limit >= len(frame):
        return frame
    places = sorted(random.Random(seed).sample(range(len(frame)), limit))
    return frame.iloc[places]


def questions(frame: pd.DataFrame, system_prompt: str = "", examples: Sequence[Example] = ()) -> list[Question]:
    """Return the rows as questions: the instruction where a row has none, then the examples, then the row."""
    return [
        Question(
            row_id=int(row_id),
            turns=tuple(with_examples(with_system(turns_before_answer(messages), system_prompt), examples)),
            prompt=prompt_of(messages),
            expected=answer_of(messages),
        )
        for row_id, messages in zip(frame["row_id"], frame["messages"], strict=True)
    ]
