"""Rows waiting to be looked at: a batch is made once and kept as it was made; what was refused is listed beside it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

import pandas as pd
from pydantic import Field

from engine.data.grow.candidate import Candidate, Refused, candidates_frame
from engine.data.grow.rulebook import grow_rules
from engine.data.messages import dumps
from engine.data.versions import require_version, to_parquet
from engine.errors import InputError
from engine.project.files import inside, sha256_bytes, write_atomic, write_json
from engine.project.project import Project
from engine.project.records import Record, new_id


class GrowBatch(Record):
    """Candidates of one run, kept as they were made."""

    kind: ClassVar[str] = "grow_batch"

    dataset_id: str = Field(description="Version they were made from and compared with")
    source_id: str = Field(description="File that version came from")
    method: str = Field(description="How they were made")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings of the run")
    path: str = Field(description="Parquet file of the candidates")
    sha256: str = Field(description="Fingerprint of that file")
    rows: int = Field(description="Candidates to look at")
    refused: dict[str, int] = Field(default_factory=dict, description="Candidates that were not usable, by reason")
    note: str = Field(default="", description="What the reader should know")


def save_batch(
    project: Project,
    candidates: Sequence[Candidate],
    refused: Sequence[Refused],
    method: str,
    settings: dict[str, Any],
    note: str = "",
    left: Sequence[dict[str, Any]] = (),
) -> GrowBatch:
    """Keep candidates for review; `left` are rows of a log that were not taken (reason, detail, row).

    Raises Conflict without a dataset, InputError for more than may wait at once.
    """
    version = require_version(project)
    most = grow_rules().pending_most
    if len(candidates) > most:
        raise InputError(f"{len(candidates):,} new rows are too many to look at.", f"Make at most {most:,} at once.")
    name = new_id()
    data = to_parquet(candidates_frame(candidates))
    folder = project.dir("data")
    write_atomic(folder / f"grow-{name}.parquet", data)
    unused = [*left, *(_refused(item) for item in refused)]
    write_json(folder / f"grow-{name}.refused.json", unused)
    batch = GrowBatch(
        id=name,
        dataset_id=version.id,
        source_id=version.source_id,
        method=method,
        settings=settings,
        path=f"data/grow-{name}.parquet",
        sha256=sha256_bytes(data),
        rows=len(candidates),
        refused=dict(Counter(str(item["reason"]) for item in unused)),
        note=note,
    )
    project.records.save(batch)
    details = {"method": method, "rows": batch.rows, "refused": len(unused)}
    project.audit.append("grow.make", {"batch": batch.id, "dataset": version.id, "sha256": batch.sha256}, details)
    return batch


def _refused(item: Refused) -> dict[str, Any]:
    """Rows that resemble the sealed test part are counted, not kept: the text would give the test away."""
    secret = item.reason == "test row"
    text = "" if secret else dumps(item.candidate.messages)
    partner = None if secret else item.partner
    return {"reason": item.reason, "detail": item.detail, "partner": partner, "messages": text}


def batch_rows(project: Project, batch: GrowBatch) -> pd.DataFrame:
    """Candidates as canonical rows; row_id is the place. Raises InputError when the file was changed."""
    data = inside(project.path, batch.path).read_bytes()
    if sha256_bytes(data) != batch.sha256:
        raise InputError("The new rows were changed outside Tuneworth.", "Make them again.")
    return pd.read_parquet(io.BytesIO(data))


def refused_rows(project: Project, batch: GrowBatch) -> list[dict[str, Any]]:
    """What was not usable: reason, detail, and partner and messages (empty for those like test rows) or a log's row."""
    path = inside(project.path, batch.path.replace(".parquet", ".refused.json"))
    return list(json.loads(path.read_text(encoding="utf-8")))
