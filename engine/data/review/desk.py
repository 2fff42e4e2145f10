"""What lies on the desk: the rows of a queue as they are now, the verdicts, the readers, and what was applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import pandas as pd

from engine.data.messages import Message, loads
from engine.data.page_view import sealed_rows
from engine.data.records import DatasetVersion
from engine.data.review.book import Book, load_book
from engine.data.review.queue import fingerprint, queue_items, require_queue
from engine.data.review.records import Judgement, QueueItem, Rater, RaterDone, ReviewQueue
from engine.data.review.rules import review_rules
from engine.data.version_sample import rows_by_id
from engine.data.versions import chain, load_decisions
from engine.errors import InputError, NotFound
from engine.project.project import Project

STEP = "review"  # name of the step that applies verdicts


@dataclass(frozen=True)
class Desk:
    """One look at a queue. `texts` are the conversations (JSON) of the version in use, only of rows of the queue."""

    project: Project
    queue: ReviewQueue
    version: DatasetVersion
    items: list[QueueItem]
    texts: dict[int, str]
    labels: dict[int, str]
    sealed: frozenset[int]
    applied: frozenset[int]
    raters: tuple[str, ...]
    stopped: frozenset[str]
    book: Book = field(repr=False)

    @property
    def open_items(self) -> list[QueueItem]:
        """Rows that can be read: not in the test part, and still there."""
        return [item for item in self.items if item.row_id not in self.sealed and item.row_id in self.texts]

    @property
    def sealed_items(self) -> int:
        """Rows of the queue that became part of the sealed test rows since: never shown."""
        return sum(item.row_id in self.sealed for item in self.items)

    @property
    def gone_items(self) -> int:
        """Rows of the queue that another step has left out since (not by applying this review)."""
        missing = {item.row_id for item in self.items} - set(self.texts) - self.applied
        return len(missing - self.sealed)

    def messages(self, row_id: int) -> list[Message]:
        """The conversation as it is now. Raises NotFound when the row is gone."""
        if row_id not in self.texts:
            raise NotFound(f"Row {row_id} is not there any more.", "Look at the queue again.")
        return loads(self.texts[row_id])

    def print_of(self, row_id: int) -> str:
        """Fingerprint of the row as it is now, or an empty text."""
        return fingerprint(self.texts[row_id]) if row_id in self.texts else ""

    def changed(self, line: Judgement) -> bool:
        """Whether the row's text is another than the one that was read, by a step other than this review."""
        return line.row_id in self.texts and line.row_id not in self.applied and line.seen != self.print_of(line.row_id)

    def left(self, rater: str) -> list[int]:
        """Rows the reader has still to read, without those already applied.

        A fix or drop of a text that was changed since counts as unread.
        """
        verdicts = self.book.of(rater)
        rows = [item.row_id for item in self.open_items if item.row_id not in self.applied]
        return [row for row in rows if not self._holds(verdicts.get(row))]

    def _holds(self, line: Judgement | None) -> bool:
        return line is not None and (line.action == "keep" or not self.changed(line))

    def finished(self, rater: str) -> bool:
        """Whether the reader has read every row or has stopped."""
        return rater in self.stopped or not self.left(rater)

    @property
    def waiting_for(self) -> list[str]:
        """With two or more readers: who is not done. Until then nobody sees what the others said."""
        return [rater for rater in self.raters if not self.finished(rater)] if len(self.raters) > 1 else []

    def pace(self, rater: str) -> float:
        """Seconds per row: the median gap between verdicts, breaks left out; a first guess before there are five."""
        limits = review_rules().queue
        moments = self.book.moments(rater)
        gaps = [b - a for a, b in pairwise(moments) if 0 < b - a < limits.break_seconds]
        return median(gaps) if len(gaps) >= 5 else limits.seconds_per_row


def open_desk(project: Project, queue: ReviewQueue | None = None, frame: pd.DataFrame | None = None) -> Desk:
    """Collect everything about a queue (default: the one in use). `frame` = rows of the version in use, if at hand.

    Raises Conflict without a queue.
    """
    queue = queue or require_queue(project)
    versions = chain(project)
    items = queue_items(project, queue)
    frame = rows_by_id(project, versions[-1], [item.row_id for item in items]) if frame is None else frame
    part = frame[frame["row_id"].isin([item.row_id for item in items])]
    ids = part["row_id"].tolist()
    prefix = f"{queue.id}:"
    return Desk(
        project,
        queue,
        versions[-1],
        items,
        dict(zip(ids, part["messages"].tolist(), strict=True)),
        dict(zip(ids, part["label"].tolist(), strict=True)),
        sealed_rows(project, queue.source_id),
        _applied(project, queue, versions),
        tuple(rater.name for rater in project.records.list(Rater, prefix=prefix)),
        frozenset(done.name for done in project.records.list(RaterDone, prefix=prefix)),
        load_book(project, queue.id),
    )


def _applied(project: Project, queue: ReviewQueue, versions: list[DatasetVersion]) -> frozenset[int]:
    found: set[int] = set()
    for version in versions:
        if version.step.name == STEP and version.step.settings.get("queue") == queue.id:
            found |= set(load_decisions(project, version.id)["row_id"].tolist())
    return frozenset(found)


def add_rater(project: Project, queue: ReviewQueue, name: str) -> str:
    """Register a reader and return the name as it is kept; a name that is there already (in any case) is that reader.

    Raises InputError for an empty or overlong name.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40:
        raise InputError("A reader needs a name of 1 to 40 characters.", "Initials are enough.")
    known = {rater.name.casefold(): rater.name for rater in project.records.list(Rater, prefix=f"{queue.id}:")}
    if name.casefold() in known:
        return known[name.casefold()]
    project.records.save(Rater(id=f"{queue.id}:{name.casefold()}", queue_id=queue.id, name=name), replace=True)
    return name


def stop_reading(project: Project, queue: ReviewQueue, name: str) -> None:
    """The reader stops before the end: the rows read so far count. Raises NotFound for an unknown reader."""
    project.records.get(Rater, f"{queue.id}:{name.casefold()}")
    project.records.save(RaterDone(id=f"{queue.id}:{name.casefold()}", queue_id=queue.id, name=name), replace=True)
