"""Rows made or chosen without any model: candidates of one wish, compared with all rows and kept for review."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.data.columns import guess_columns
from engine.data.encoders import Report, load_encoder, silent
from engine.data.grow.batch import GrowBatch, save_batch
from engine.data.grow.candidate import Candidate
from engine.data.grow.compared import compared
from engine.data.grow.logs import LogRow, collect
from engine.data.grow.mix import general_candidates, pick, rows_for_share
from engine.data.grow.seeds import seed_rows
from engine.data.grow.spread import spread
from engine.data.grow.start import Local, read_stored
from engine.data.grow.vary import vary
from engine.data.page_view import sealed_rows
from engine.data.versions import load_version, require_version
from engine.errors import InputError, MissingPackage
from engine.project.files import inside
from engine.project.project import Project

NOTHING = {
    "vary": ("No row holds one of these values.", "Choose other values, or ask a model instead."),
    "general": ("The file holds no row.", "Choose another file."),
    "logs": ("No row of the log is good and checked.", "Choose other columns or a lower limit."),
}


def make_batch(project: Project, wish: Local, report: Report = silent) -> GrowBatch:
    """Make and keep candidates. Raises InputError when there are none, Conflict without a dataset."""
    version = require_version(project)
    frame = load_version(project, version.id)
    report(0, 10, "Making the new rows")
    made, left = _candidates(project, wish, frame)
    if not made:
        raise InputError(*NOTHING[wish.method])
    sealed = sealed_rows(project, version.source_id)
    report(2, 10, "Comparing the new rows with all others")
    fresh, refused, note = compared(made, frame, sealed, wish.encoder, report)
    notes = [note] if note else []
    if wish.rows is not None and len(fresh) > wish.rows:
        fresh, how = _fewer(fresh, wish, report)
        notes.append(how)
    if wish.method == "general":
        wanted = rows_for_share(len(frame), wish.share)
        notes.append(
            f"{wanted:,} general rows would make up that share; there are {len(fresh):,}."
            if len(fresh) < wanted
            else ""
        )
    settings = wish.model_dump(mode="json", exclude={"mapping"})
    why = [{"reason": row.reason, "detail": row.detail, "row": row.row} for row in left]
    return save_batch(project, fresh, refused, wish.method, settings, " ".join(filter(None, notes)), why)


def _candidates(project: Project, wish: Local, frame: pd.DataFrame) -> tuple[list[Candidate], list[LogRow]]:
    if wish.method == "vary":
        return vary(seed_rows(project), wish.slots, per_row=wish.per_row, numbers=wish.numbers, seed=wish.seed), []
    if wish.method == "general":
        path = inside(project.dir("uploads"), wish.file.sha256) if wish.file else None
        every = general_candidates(path, wish.file.name if wish.file else "")
        return pick(every, rows_for_share(len(frame), wish.share), wish.seed), []
    if wish.file is None:
        raise InputError("There is no log to choose from.", "Choose a file.")
    read = read_stored(project, wish.file)
    mapping = wish.mapping or guess_columns(read.frame).mapping()
    found = collect(read.frame, mapping, wish.plan, read.file)
    return found.candidates, found.left


def _fewer(fresh: list[Candidate], wish: Local, report: Report) -> tuple[list[Candidate], str]:
    """The wanted number: the most different ones where meaning can be compared, else by chance; and how, in words."""
    most = int(wish.rows or len(fresh))
    words = f"{len(fresh):,} rows were new; {most:,} of them were chosen"
    try:
        encoder = None if wish.encoder == "none" else load_encoder(wish.encoder)
    except MissingPackage:
        encoder = None
    if encoder is None:
        return pick(fresh, most, wish.seed), f"{words} by chance."
    return spread(fresh, most, encoder, report), f"{words}, as different as can be."


def result_of(batch: GrowBatch) -> dict[str, Any]:
    """A batch as a job's result."""
    return {"batch": batch.id, "rows": batch.rows, "refused": batch.refused, "note": batch.note}
