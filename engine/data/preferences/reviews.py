"""Pairs from review edits: the corrected answer is better, the one before worse."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.messages import loads
from engine.data.preferences.pair import Pair, split_talk
from engine.data.review.desk import STEP
from engine.data.versions import chain, load_decisions, load_version
from engine.project.project import Project


@dataclass(frozen=True)
class ReviewPairs:
    """`question_changed` fixes gave no pair, since the worse answer was given to another question."""

    pairs: list[Pair]
    question_changed: int


def pairs_from_reviews(project: Project, frame: pd.DataFrame) -> ReviewPairs:
    """Compare each applied review with the version before it; only rows still in `frame` (the rows in use) count."""
    there = set(frame["row_id"].tolist())
    pairs: list[Pair] = []
    changed = 0
    for version in chain(project):
        if version.step.name != STEP or version.parent is None:
            continue
        decisions = load_decisions(project, version.id)
        rows = [int(row) for row in decisions.loc[decisions["action"] == "change", "row_id"] if row in there]
        before, after = _texts(project, version.parent, rows), _texts(project, version.id, rows)
        for row in rows:
            (prompt, worse), (asked, better) = split_talk(loads(before[row])), split_talk(loads(after[row]))
            if prompt != asked:
                changed += 1
            else:
                pairs.append(Pair(asked, better, worse, "review", row))
    return ReviewPairs(pairs, changed)


def _texts(project: Project, version_id: str, rows: list[int]) -> dict[int, str]:
    frame = load_version(project, version_id)
    part = frame[frame["row_id"].isin(rows)]
    return dict(zip(part["row_id"].tolist(), part["messages"].tolist(), strict=True))
