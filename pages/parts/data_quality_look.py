"""What the parts of the quality page share."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.quality.finding import Quality
from engine.data.quality.meaning import MeaningReport
from engine.data.quality.odd_rows import Outlier
from engine.data.quality.recommend import Recommendation
from engine.data.quality.six_questions import SixAnswer
from pages.parts.studio import Studio


@dataclass(frozen=True)
class Look:
    """One version measured. `sealed` rows are counted in every number and never shown."""

    studio: Studio
    known: dict[str, Quality]
    meaning: MeaningReport | None
    odd: list[Outlier]
    answers: list[SixAnswer]
    todo: list[Recommendation]
    sealed: frozenset[int]
    note: str
