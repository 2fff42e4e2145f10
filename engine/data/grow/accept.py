"""A person's verdict on each new row, and the accepted ones put behind the rows in use as one undoable step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias

import pandas as pd
from pydantic import Field

from engine.data.edits import add_rows
from engine.data.grow.batch import GrowBatch, batch_rows
from engine.data.grow.candidate import Candidate, candidates_frame, candidates_of
from engine.data.grow.novel import novel
from engine.data.grow.rulebook import grow_rules
from engine.data.messages import Message, answer_of, dumps, loads, prompt_of
from engine.data.page_view import sealed_rows
from engine.data.records import DatasetVersion
from engine.data.versions import chain, load_version, require_version
from engine.errors import Conflict, InputError
from engine.project.project import Project
from engine.project.records import Record

Verdict: TypeAlias = Literal["use", "leave"]


class GrowVerdict(Record):
    """What a person said of one candidate; its id is `<batch>-<place>`."""

    kind: ClassVar[str] = "grow_verdict"

    batch_id: str = Field(description="Batch")
    place: int = Field(description="Place in the batch, from 0")
    verdict: Verdict = Field(description="Use the row, or leave it")
    messages: str = Field(default="", description="The row as corrected; empty when it is used as it is")


class GrowAdded(Record):
    """A batch's accepted rows were added; its id is the version's that has them."""

    kind: ClassVar[str] = "grow_added"

    batch_id: str = Field(description="Batch")
    places: list[int] = Field(description="Places of the candidates that were added")


def verdicts(project: Project, batch: GrowBatch) -> dict[int, GrowVerdict]:
    """Verdicts so far by place."""
    return {item.place: item for item in project.records.list(GrowVerdict, f"{batch.id}-")}


def judge(project: Project, batch: GrowBatch, places: Sequence[int], verdict: Verdict) -> None:
    """Save a verdict for each place; a later one replaces it, a correction made before stays.

    Raises InputError for a place that is not there.
    """
    before = verdicts(project, batch)
    for place in places:
        _save(project, batch, place, verdict, before[place].messages if place in before else "")


def correct(project: Project, batch: GrowBatch, place: int, messages: Sequence[Message]) -> None:
    """Use a row with other words. Raises InputError when the question or the answer is empty."""
    if not prompt_of(messages).strip() or not answer_of(messages).strip():
        raise InputError(f"New row {place + 1} has no question or no answer.", "Fill both, or leave the row.")
    _save(project, batch, place, "use", dumps(messages))


def _save(project: Project, batch: GrowBatch, place: int, verdict: Verdict, messages: str) -> None:
    if not 0 <= place < batch.rows:
        raise InputError(f"There is no new row {place}.", f"The batch has {batch.rows:,} rows, counted from 0.")
    item = GrowVerdict(id=f"{batch.id}-{place}", batch_id=batch.id, place=place, verdict=verdict, messages=messages)
    project.records.save(item, replace=True)


def waiting(project: Project) -> list[GrowBatch]:
    """Batches for the file in use that were not added yet, newest first. An undone step gives its batch back."""
    version = require_version(project)
    line = {item.id for item in chain(project)}
    done = {added.batch_id for added in project.records.list(GrowAdded) if added.id in line}
    found = [item for item in project.records.list(GrowBatch) if item.source_id == version.source_id]
    return [batch for batch in reversed(found) if batch.id not in done and batch.rows]


def use_accepted(project: Project, batch: GrowBatch) -> DatasetVersion:
    """Add the accepted rows behind the rows in use: one undoable step. Rows without a verdict are never added.

    Wording is compared once more, since rows may have come or been corrected since; what is not new any more is left
    out and counted in the step. Raises Conflict when nothing was accepted, when it was added before, when all of it is
    there by now, or when made rows would be the majority.
    """
    said = verdicts(project, batch)
    places = sorted(place for place, item in said.items() if item.verdict == "use")
    if not places:
        raise Conflict("No new row was accepted yet.", "Look at them and choose those to use.")
    if batch.id not in {item.id for item in waiting(project)}:
        raise Conflict("These rows were added before.", "Undo that step in History first, or make new ones.")
    frame = load_version(project, require_version(project).id)
    every = candidates_of(batch_rows(project, batch))
    chosen = {place: _corrected(every[place], said[place].messages) for place in places}
    sealed = sealed_rows(project, batch.source_id)
    fresh, refused = novel(list(chosen.values()), frame, sealed)
    if not fresh:
        raise Conflict("None of these rows is new any more.", refused[0].detail)
    rows = candidates_frame(fresh)
    _within_share(frame, rows)
    settings = {
        "method": batch.method, "batch": batch.id, "accepted": len(fresh), "looked_at": len(said),
        "not new any more": len(refused),
    }  # fmt: skip
    version = add_rows(project, rows, "grow", settings, batch.note)
    kept = {id(candidate) for candidate in fresh}
    added = [place for place, candidate in chosen.items() if id(candidate) in kept]
    project.records.save(GrowAdded(id=version.id, batch_id=batch.id, places=added))
    return version


def _corrected(candidate: Candidate, messages: str) -> Candidate:
    """The candidate with a person's words; a label that was the answer follows it."""
    if not messages:
        return candidate
    talk = loads(messages)
    label = answer_of(talk).strip() if candidate.label == answer_of(candidate.messages).strip() else candidate.label
    meta = {**candidate.meta, "corrected": True}
    return Candidate(talk, candidate.method, label, candidate.seed_row, candidate.synthetic, candidate.source, meta)


def _within_share(frame: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Real rows stay the majority."""
    made = int(frame["synthetic"].sum()) + int(rows["synthetic"].sum())
    most = grow_rules().most_share
    total = len(frame) + len(rows)
    if made > most * total:
        raise Conflict(
            f"{made:,} of {total:,} rows would be made, not real: more than {most:.0%}.",
            "Use fewer of them, or collect more real rows.",
        )
