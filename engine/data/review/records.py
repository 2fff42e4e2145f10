"""What a review saves: the queue, flagged rows, who reads, and every verdict as its own line that is never changed."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from engine.data.messages import Message
from engine.project.records import Record

Action: TypeAlias = Literal["keep", "fix", "drop"]
ACTIONS: tuple[Action, ...] = ("keep", "fix", "drop")
JOINT = ""  # the name under which the joint decision on a disagreement is saved


class QueueItem(BaseModel):
    """One row to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row_id: int = Field(description="Row of the dataset")
    sampled: bool = Field(description="Drawn at random (counts for the measured share) or only flagged")
    why: tuple[str, ...] = Field(default=(), description="Why it was flagged")
    flags: tuple[str, ...] = Field(default=(), description="Ids of the flags it came from")
    fingerprint: str = Field(description="Of its text when it was put in")


class ReviewQueue(Record):
    """Rows to read, drawn once."""

    kind: ClassVar[str] = "review_queue"

    dataset_id: str = Field(description="Version the rows were drawn from")
    source_id: str = Field(description="File of that version")
    seed: int = Field(description="Random seed")
    drawn_from: int = Field(description="Rows outside the test part that could be drawn")
    sealed: int = Field(description="Rows of the test part that could not be drawn")
    items: tuple[QueueItem, ...] = Field(description="Rows in reading order")


class QueuePart(Record):
    """Flagged rows taken in later. Its id starts with the queue's."""

    kind: ClassVar[str] = "review_part"

    queue_id: str = Field(description="Queue it belongs to")
    items: tuple[QueueItem, ...] = Field(description="Rows in reading order")


class RowFlag(Record):
    """Rows that somebody or something wants a person to look at."""

    kind: ClassVar[str] = "review_flag"

    source_id: str = Field(description="File of the rows")
    rows: tuple[int, ...] = Field(description="Rows")
    reason: str = Field(description="Why, shown to the reader")


class Rater(Record):
    """A person who reads this queue. Its id is the queue's and the name in lower case."""

    kind: ClassVar[str] = "review_rater"

    queue_id: str = Field(description="Queue")
    name: str = Field(description="Name as typed", min_length=1, max_length=40)


class RaterDone(Record):
    """A reader has stopped before the end; same id as the reader."""

    kind: ClassVar[str] = "review_done"

    queue_id: str = Field(description="Queue")
    name: str = Field(description="Name")


class Judgement(Record):
    """One verdict, or the undoing of one. Id: queue, reader, row, turn - so that two tabs cannot save the same turn."""

    kind: ClassVar[str] = "review_verdict"

    queue_id: str = Field(description="Queue")
    rater: str = Field(description="Name of the reader; empty = the joint decision")
    row_id: int = Field(description="Row")
    turn: int = Field(description="How often this reader has acted on this row before")
    action: Literal["keep", "fix", "drop", "undo"] = Field(description="Verdict, or undo of the one before")
    reason: str = Field(default="", description="Key of the list of reasons; empty for keep")
    note: str = Field(default="", description="In the reader's own words", max_length=2000)
    messages: list[Message] | None = Field(default=None, description="The corrected conversation of a fix")
    seen: str = Field(default="", description="Fingerprint of the text that was read")
    origin: str = Field(default="screen", description="Where the verdict was given")
