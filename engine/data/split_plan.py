"""How to divide rows: the settings of a split, the same on screen, in a recipe and on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from engine.data.rules import rules
from engine.errors import InputError

Part: TypeAlias = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


class SplitPlan(BaseModel):
    """How to divide the rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ratios: tuple[float, float, float] = Field(
        default_factory=lambda: rules().split.ratios, description="Shares of train, validation and test"
    )
    seed: int = Field(default=0, ge=0, description="The same seed gives the same split")
    stratify: bool = Field(default=True, description="Spread every label evenly when there are labels")
    label: str | None = Field(default=None, description="Column to balance by; left out means the mapped label")
    group: str | None = Field(
        default=None, description="Column whose equal values stay on one side; left out means as mapped, '' means none"
    )
    time: str | None = Field(default=None, description="Column with dates: the newest rows become the test")
    day_first: bool | None = Field(default=None, description="Whether 03/04/2026 is 3 April; left out means: find out")
    compare: bool | None = Field(
        default=None, description="Keep rows that say the same together; left out means: when near duplicates are found"
    )

    def columns(self) -> list[str]:
        """Columns of the file the plan reads beside the mapped ones."""
        return [name for name in (self.label, self.group, self.time) if name]


def check_ratios(ratios: Sequence[float]) -> None:
    """Raise InputError unless there are three shares from 0 to 1 that add up to 1, with rows for training."""
    if len(ratios) != 3 or not all(0 <= share <= 1 for share in ratios):
        raise InputError("The three shares must each be between 0 and 1.", "For example .8 .1 .1.")
    if ratios[0] <= 0 or abs(sum(ratios) - 1) > 1e-6:
        raise InputError("The three shares must add up to 1, with some rows for training.", "For example .8 .1 .1.")
