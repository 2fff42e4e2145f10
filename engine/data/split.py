"""A split as a record: made from the version in use, read part by part, with a test part that is sealed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from engine.data.assign import assign
from engine.data.column_values import values_at
from engine.data.encoders import Report, silent
from engine.data.near_pairs import Load
from engine.data.read_result import ReadResult
from engine.data.records import DatasetVersion, Source, Split, TestLook
from engine.data.sources import read_source
from engine.data.split_plan import PARTS, Part, SplitPlan
from engine.data.split_rows import Cells, SplitResult, label_counts, split_frame
from engine.data.versions import load_version, require_version, to_parquet
from engine.errors import Conflict, InputError
from engine.project.files import inside, read_json, sha256_bytes, write_atomic, write_json
from engine.project.project import Project
from engine.project.records import new_id

POINTER = "split"


def make_split(
    project: Project,
    plan: SplitPlan | None = None,
    *,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
    version: DatasetVersion | None = None,
    read: ReadResult | None = None,
) -> Split:
    """Split the version in use, save it and make it the split in use. Raises Conflict without a dataset.

    With `version` that one is split instead, and the split in use stays. `read` is its source when it is at hand.
    """
    base = version or require_version(project)
    plan = plan or SplitPlan()
    frame = load_version(project, base.id)
    cells = cells_of(project, base, read)
    result = split_frame(frame, plan, cells=cells, load=load, encoder=encoder, report=report)
    report(len(frame), len(frame), "Dividing the rows")  # the last place where a job can be stopped: then it is saved
    split = _save(project, base, plan, result)
    if version is None:
        project.records.set_pointer(POINTER, split.id)
    return split


def cells_of(project: Project, version: DatasetVersion, read: ReadResult | None = None) -> Cells:
    """Look up cells of the version's file, which is read once and only when asked."""
    known: list[ReadResult] = [read] if read is not None else []

    def cells(column: str, row_ids: np.ndarray) -> list[str]:
        if not known:
            known.append(read_source(project, project.records.get(Source, version.source_id)))
        return values_at(known[0], column, row_ids)

    return cells


def _save(project: Project, version: DatasetVersion, plan: SplitPlan, result: SplitResult) -> Split:
    name = new_id()
    data = to_parquet(result.table)
    folder = project.dir("data")
    write_atomic(folder / f"split-{name}.parquet", data)
    write_json(folder / f"split-{name}.leaks.json", result.leaks.to_json(result.table["row_id"].tolist()))
    write_json(folder / f"split-{name}.labels.json", result.labels)
    split = Split(
        id=name,
        dataset_id=version.id,
        seed=plan.seed,
        ratios=plan.ratios,
        counts=result.counts,
        leaks=result.leaks.counts,
        near_checked=result.leaks.near_checked,
        stratified=result.stratified,
        grouped=result.grouped,
        plan=plan,
        joined_from=result.joined_from,
        leaks_between=result.leaks.between,
        notes=result.notes,
        clusters=int(result.table["cluster"].nunique()),
        minimum_detectable_difference=result.detectable,
        path=f"data/split-{name}.parquet",
        sha256=sha256_bytes(data),
    )
    project.records.save(split)
    details = {**split.counts, "seed": split.seed, "leaks": split.leaks}
    project.audit.append("split.create", {"split": split.id, "dataset": version.id, "sha256": split.sha256}, details)
    return split


def current_split(project: Project) -> Split | None:
    """The split in use, or None."""
    pointer = project.records.pointer(POINTER)
    return project.records.get(Split, pointer) if pointer else None


def split_table(project: Project, split: Split) -> pd.DataFrame:
    """row_id, split, cluster of every row, and `when` for a split by date. Raises InputError when it was changed."""
    data = inside(project.path, split.path).read_bytes()
    if sha256_bytes(data) != split.sha256:
        raise InputError("The split was changed outside Tuneworth.", "Make a new split.")
    return pd.read_parquet(io.BytesIO(data))


def rows_of(project: Project, split: Split, part: Part, purpose: str = "") -> pd.DataFrame:
    """Canonical rows of one part. The test part is sealed: it needs a purpose, and each look is counted.

    Raises Conflict for the test part without a purpose.
    """
    if part not in PARTS:
        raise InputError(f"There is no part {part!r}.", "Use train, validation or test.")
    if part == "test" and not purpose.strip():
        raise Conflict("The test rows are sealed.", "They are opened by the evaluation, which says what for.")
    table = split_table(project, split)
    frame = load_version(project, split.dataset_id)
    wanted = table.loc[table["split"] == part, "row_id"]
    rows = frame[frame["row_id"].isin(wanted)].reset_index(drop=True)
    if part == "test":
        look = TestLook(split_id=split.id, purpose=purpose[:200], rows=len(rows))
        project.records.save(look)
        project.audit.append("test.look", {"split": split.id}, {"rows": len(rows), "looks": looks(project, split)})
    return rows


def looks(project: Project, split: Split) -> int:
    """How often the test rows of a split were opened."""
    return sum(look.split_id == split.id for look in project.records.list(TestLook))


def leak_list(project: Project, split: Split) -> list[dict[str, object]]:
    """Held-out rows found in train when the split was made: kind, part, row_id, train_row_id, score, reason."""
    return [leak for leak in _leaks(project, split) if leak.get("other", "train") == "train"]


def open_leaks(project: Project, split: Split) -> list[dict[str, Any]]:
    """Pairs that may be looked at: validation rows that repeat a training row (row_id, train_row_id), best first."""
    found = [leak for leak in leak_list(project, split) if leak["part"] == "validation"]
    order = {"exact": 0, "near": 1, "prefix": 2}
    return sorted(found, key=lambda leak: (order[str(leak["kind"])], -float(str(leak["score"]))))


def labels_by_part(project: Project, split: Split) -> dict[str, list[int]]:
    """Rows per label in train, validation and test, most frequent first; empty without labels."""
    path = inside(project.path, split.path.replace(".parquet", ".labels.json"))
    if path.exists():
        return dict(read_json(path))
    frame = load_version(project, split.dataset_id)
    parts = split_table(project, split).set_index("row_id")["split"].reindex(frame["row_id"])
    return label_counts(frame["label"].tolist(), parts.to_numpy(dtype=object))


def _leaks(project: Project, split: Split) -> list[dict[str, object]]:
    return list(read_json(inside(project.path, split.path.replace(".parquet", ".leaks.json"))))


__all__ = [
    "PARTS", "Part", "SplitPlan", "SplitResult", "assign", "cells_of", "current_split", "label_counts",
    "labels_by_part", "leak_list", "looks", "make_split", "open_leaks", "rows_of", "split_frame", "split_table",
]  # fmt: skip
