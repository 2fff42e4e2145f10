"""The rows as plain lists, read once for all measures; of a large dataset a seeded sample that is stated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.messages import answer_of, loads, prompt_of
from engine.data.quality.rules import measures
from engine.data.tokens import tokens_of_talk

Z = 1.96  # 95 %


@dataclass(frozen=True)
class Texts:
    """Parallel lists, one entry per measured row; `whole` is the number of rows of the dataset."""

    row_ids: list[int]
    prompts: list[str]
    answers: list[str]
    labels: list[str]
    tokens: list[int]
    whole: int
    hidden: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.row_ids)

    @cached_property
    def are_labels(self) -> bool:
        """Whether answers are one of a few fixed values."""
        return answers_are_labels(self.answers)

    @property
    def sampled(self) -> bool:
        """Whether fewer rows are measured than there are."""
        return len(self) < self.whole

    @property
    def note(self) -> str:
        """How a sample was drawn and how far its shares may be off (95 %, worst case); empty without a sample."""
        if not self.sampled:
            return ""
        off = Z * math.sqrt(0.25 / len(self)) * math.sqrt(1 - len(self) / self.whole)
        return (
            f"Measured on {len(self):,} of {self.whole:,} rows drawn at random; "
            f"shares are right within {off:.1%} (95 % of the time). Copies, contradictions and shared "
            "beginnings need two rows: there are at least as many as found here."
        )

    def scaled(self, count: int) -> int:
        """A count of measured rows carried over to all rows."""
        return round(count * self.whole / len(self)) if len(self) else 0


def read_texts(frame: pd.DataFrame, hidden: frozenset[int] = frozenset(), most: int | None = None) -> Texts:
    """Read canonical rows; above `most` rows a seeded sample in row order. `hidden` rows are measured, never quoted."""
    whole, limits = len(frame), measures().sample
    most = limits.measured_rows if most is None else most
    if whole > most:
        frame = frame.iloc[sample_places(whole, most)]
    talks = [loads(text) for text in frame["messages"]]
    return Texts(
        row_ids=[int(row_id) for row_id in frame["row_id"]],
        prompts=[prompt_of(talk) for talk in talks],
        answers=[answer_of(talk) for talk in talks],
        labels=[str(label) for label in frame["label"]],
        tokens=[tokens_of_talk(talk) for talk in talks],
        whole=whole,
        hidden=hidden,
    )


def sample_places(whole: int, wanted: int) -> np.ndarray:
    """Positions of a seeded sample, ascending; all of them when there are no more than `wanted`."""
    if whole <= wanted:
        return np.arange(whole)
    draw = np.random.default_rng(measures().sample.seed)
    return np.sort(draw.choice(whole, wanted, replace=False))
