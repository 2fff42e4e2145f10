"""What the review in use showed, in sentences, for other pages and for reports."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.review.desk import open_desk
from engine.data.review.queue import current_queue
from engine.data.review.resolution import agreements
from engine.data.review.result import measure
from engine.project.project import Project


@dataclass(frozen=True)
class ReviewSaid:
    """`share`: how many rows are wrong, with its interval; `reasons` per reason; `agreement` of every two readers."""

    share: str
    reasons: str
    agreement: str


def review_said(project: Project, frame: pd.DataFrame | None = None) -> ReviewSaid | None:
    """The sentences, or None before a row was read, or while one of several readers is not done.

    `frame` = rows of the version in use, if at hand. Raises Conflict without a dataset.
    """
    queue = current_queue(project)
    if queue is None:
        return None
    desk = open_desk(project, queue, frame)
    if desk.waiting_for or not any(desk.book.of(name) for name in desk.raters):
        return None
    found = measure(desk)
    reasons = ", ".join(f"{one.reason.replace('_', ' ')} {one.count:,}" for one in found.shares)
    said = [f"{first} and {second}: {one.words}" for first, second, one in agreements(desk)]
    return ReviewSaid(found.sentence, f"By reason: {reasons}." if reasons else "", " ".join(said))
