"""What people's decisions say about this project's threshold: proposed with its evidence, used only when accepted.

Method: of all thresholds between two decided scores, the one with the highest balanced accuracy (mean of the shares
judged right among "same" and among "different"); of equal ones the middle. The interval is the 95 % bootstrap
percentile interval over the votes (B = 400, fixed seed). Only pairs that passed every guard count: a guard, not the
threshold, keeps the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from engine.data.near_votes import PairVote
from engine.errors import NotFound
from engine.project.project import Project
from engine.project.records import Record

FEWEST, FEWEST_EACH, DRAWS = 20, 5, 400
Floats = np.ndarray[Any, np.dtype[np.float64]]


class NearThreshold(Record):
    """An accepted threshold of this project; its id is the encoder it belongs to."""

    kind: ClassVar[str] = "near_threshold"

    threshold: float = Field(description="Likeness from which rows say the same (0..1)")
    low: float = Field(description="Lower end of the 95 % interval")
    high: float = Field(description="Upper end")
    votes: int = Field(description="Decisions it was learnt from")


@dataclass(frozen=True)
class Proposal:
    """A threshold and how the votes lie around it (`same` of `above` votes at or above it, `different` of `below`)."""

    threshold: float
    low: float
    high: float
    accuracy: float
    above: int
    above_same: int
    below: int
    below_different: int

    @property
    def votes(self) -> int:
        """Votes it rests on."""
        return self.above + self.below


def usable(votes: Sequence[PairVote], encoder: str) -> list[PairVote]:
    """Votes that teach the threshold: guards passed, scored by this encoder."""
    return [vote for vote in votes if vote.passed and vote.encoder == encoder and vote.choice != "open"]


def still_needed(votes: Sequence[PairVote], encoder: str) -> tuple[int, int, int]:
    """How many more votes are needed before a threshold is proposed: `(in all, same, different)`."""
    some = usable(votes, encoder)
    same = sum(vote.choice == "same" for vote in some)
    different = len(some) - same
    return max(0, FEWEST - len(some)), max(0, FEWEST_EACH - same), max(0, FEWEST_EACH - different)


def propose(votes: Sequence[PairVote], encoder: str) -> Proposal | None:
    """The threshold that parts the votes best, or None while there are too few of a kind."""
    if any(still_needed(votes, encoder)):
        return None
    some = usable(votes, encoder)
    scores = np.array([vote.score for vote in some], dtype=np.float64)
    same = np.array([vote.choice == "same" for vote in some])
    best = best_threshold(scores, same)
    rng = np.random.default_rng(0)
    draws: list[float] = []
    while len(draws) < DRAWS:
        take = rng.integers(0, len(some), len(some))
        if 0 < same[take].sum() < len(some):
            draws.append(best_threshold(scores[take], same[take]))
    low, high = np.percentile(draws, (2.5, 97.5))
    above = scores >= best
    return Proposal(
        best, round(float(low), 3), round(float(high), 3), balanced_accuracy(scores, same, best),
        int(above.sum()), int((above & same).sum()), int((~above).sum()), int((~above & ~same).sum()),
    )  # fmt: skip


def best_threshold(scores: Floats, same: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Threshold (4 digits) with the highest balanced accuracy; of equal ones the middle one."""
    points = np.unique(scores)
    cuts = np.r_[points[0] - 0.001, (points[:-1] + points[1:]) / 2, points[-1] + 0.001]
    above = scores[None, :] >= cuts[:, None]
    right = (above & same).sum(axis=1) / max(same.sum(), 1) + (~above & ~same).sum(axis=1) / max((~same).sum(), 1)
    best = np.flatnonzero(right >= right.max() - 1e-9)
    return round(float(cuts[best[len(best) // 2]]), 4)


def balanced_accuracy(scores: Floats, same: np.ndarray[Any, np.dtype[np.bool_]], threshold: float) -> float:
    """Mean of the shares judged right among `same` and among the others (0..1)."""
    above = scores >= threshold
    return float(((above & same).sum() / same.sum() + (~above & ~same).sum() / (~same).sum()) / 2)


def accepted(project: Project, encoder: str) -> NearThreshold | None:
    """The project's threshold for an encoder, when one was accepted."""
    try:
        return project.records.get(NearThreshold, encoder)
    except NotFound:
        return None


def accept(project: Project, encoder: str, proposal: Proposal) -> NearThreshold:
    """Use a proposal for this project from now on."""
    record = NearThreshold(
        id=encoder, threshold=proposal.threshold, low=proposal.low, high=proposal.high, votes=proposal.votes
    )
    project.records.save(record, replace=True)
    return record
