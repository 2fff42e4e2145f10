"""Rows waiting to be looked at: a batch is made once, every verdict is saved at once, what was accepted is added."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import pandas as pd
from pydantic import Field

from engine.data.edits import add_rows
from engine.data.grow.candidate import Candidate, Refused, candidates_frame
from engine.data.grow.rulebook import grow_rules
from engine.data.messages import Message, dumps
from engine.data.records import DatasetVersion
from engine.data.versions import chain, load_version, require_version, to_parquet
from engine.errors import Conflict, InputError
from engine.project.files import inside, sha256_bytes, write_atomic, write_json
from engine.project.project import Project
from engine.project.records import Record, new_id

Verdict: TypeAlias = Literal["use", "leave"]


class GrowBatch(Record):
    """Candidates of one run, kept as they were made."""

    kind: ClassVar[str] = "grow_batch"

    dataset_id: str = Field(description="Version they were made from and compared with")
    method: str = Field(description="How they were made")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the run")
    path: str = Field(description="Parquet file of the candidates")
    sha256: str = Field(description="Fingerprint of that file")
    rows: int = Field(description="Candidates to look at")
    refused: dict[str, int] = Field(default_factory=dict, description="Candidates that were not usable, by reason")
    note: str = Field(default="", description="What the reader should know")


class GrowVerdict(Record):
    """What a person said of one candidate; its id is `<batch>-<place>`."""

    kind: ClassVar[str] = "grow_verdict"

    batch_id: str = Field(description="Batch")
    place: int = Field(description="Place in the batch, from 0")
    verdict: Verdict = Field(description="Use the row, or leave it")
    messages: str = Field(default="", description="The row as corrected; empty when it is used as it is")


class GrowAdded(Record):
    """A batch's accepted rows were added; its id is the batch's."""

    kind: ClassVar[str] = "grow_added"

    dataset_id: str = Field(description="Version that has them")
    places: list[int] = Field(description="Places of the candidates that were added")


def save_batch(
    project: Project,
    candidates: Sequence[Candidate],
    refused: Sequence[Refused],
    method: str,
    settings: dict[str, Any],
    note: str = "",
) -> GrowBatch:
    """Keep candidates for review. Raises Conflict without a dataset, InputError for more than may wait at once."""
    version = require_version(project)
    most = grow_rules().pending_most
    if len(candidates) > most:
        raise InputError(f"{len(candidates):,} new rows are too many to look at.", f"Make at most {most:,} at once.")
    name = new_id()
    data = to_parquet(candidates_frame(candidates))
    folder = project.dir("data")
    write_atomic(folder / f"grow-{name}.parquet", data)
    write_json(folder / f"grow-{name}.refused.json", [_refused(item) for item in refused])
    batch = GrowBatch(
        id=name,
        dataset_id=version.id,
        method=method,
        settings=settings,
        path=f"data/grow-{name}.parquet",
        sha256=sha256_bytes(data),
        rows=len(candidates),
        refused=dict(Counter(item.reason for item in refused)),
        note=note,
    )
    project.records.save(batch)
    details = {"method": method, "rows": batch.rows, "refused": len(refused)}
    project.audit.append("grow.make", {"batch": batch.id, "dataset": version.id, "sha256": batch.sha256}, details)
    return batch


def _refused(item: Refused) -> dict[str, Any]:
    """Rows that resemble the sealed test part are counted, not kept: the text would give the test away."""
    text = "" if item.reason == "test row" else dumps(item.candidate.messages)
    return {"reason": item.reason, "detail": item.detail, "partner": item.partner, "messages": text}


def batch_rows(project: Project, batch: GrowBatch) -> pd.DataFrame:
    """Candidates as canonical rows; row_id is the place. Raises InputError when the file was changed."""
    data = inside(project.path, batch.path).read_bytes()
    if sha256_bytes(data) != batch.sha256:
        raise InputError("The new rows were changed outside Tuneworth.", "Make them again.")
    return pd.read_parquet(io.BytesIO(data))


def verdicts(project: Project, batch: GrowBatch) -> dict[int, GrowVerdict]:
    """Verdicts so far by place."""
    return {item.place: item for item in project.records.list(GrowVerdict) if item.batch_id == batch.id}


def judge(
    project: Project, batch: GrowBatch, places: Sequence[int], verdict: Verdict, corrected: list[Message] | None = None
) -> None:
    """Save a verdict for each place; a later one replaces it. Raises InputError for a place that is not there."""
    for place in places:
        if not 0 <= place < batch.rows:
            raise InputError(f"There is no new row {place}.", f"The batch has {batch.rows:,} rows.")
        text = dumps(corrected) if corrected is not None else ""
        item = GrowVerdict(id=f"{batch.id}-{place}", batch_id=batch.id, place=place, verdict=verdict, messages=text)
        project.records.save(item, replace=True)


def waiting(project: Project) -> list[GrowBatch]:
    """Batches that were not added yet, newest first."""
    done = _added(project)
    return [batch for batch in reversed(project.records.list(GrowBatch)) if batch.id not in done and batch.rows]


def use_accepted(project: Project, batch: GrowBatch) -> DatasetVersion:
    """Add the accepted rows behind the rows in use: one undoable step. Raises Conflict when none was accepted."""
    said = verdicts(project, batch)
    places = sorted(place for place, item in said.items() if item.verdict == "use")
    if not places:
        raise Conflict("No new row was accepted yet.", "Look at them and choose those to use.")
    if batch.id in _added(project):
        raise Conflict("These rows were added before.", "Undo that step in History first, or make new ones.")
    rows = batch_rows(project, batch).iloc[places].reset_index(drop=True)
    rows["messages"] = [said[place].messages or text for place, text in zip(places, rows["messages"], strict=True)]
    _within_share(project, rows)
    settings = {"method": batch.method, "batch": batch.id, "accepted": len(places), "looked_at": len(said)}
    version = add_rows(project, rows, "grow", settings, batch.note)
    project.records.save(GrowAdded(id=batch.id, dataset_id=version.id, places=places), replace=True)
    return version


def _added(project: Project) -> set[str]:
    """Batches whose rows are among those in use; an undone step gives its batch back."""
    line = {version.id for version in chain(project)}
    return {added.id for added in project.records.list(GrowAdded) if added.dataset_id in line}


def _within_share(project: Project, rows: pd.DataFrame) -> None:
    """Real rows stay the majority."""
    frame = load_version(project, require_version(project).id)
    made = int(frame["synthetic"].sum()) + int(rows["synthetic"].sum())
    most = grow_rules().most_share
    total = len(frame) + len(rows)
    if made > most * total:
        raise Conflict(
            f"{made:,} of {total:,} rows would be made, not real: more than {most:.0%}.",
            "Use fewer of them, or collect more real rows.",
        )


def refused_rows(project: Project, batch: GrowBatch) -> list[dict[str, Any]]:
    """Candidates that were not usable: reason, detail, partner, messages (empty for those like test rows)."""
    path = inside(project.path, batch.path.replace(".parquet", ".refused.json"))
    return list(json.loads(path.read_text(encoding="utf-8")))
