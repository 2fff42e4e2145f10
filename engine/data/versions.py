"""Dataset versions: saved once, never changed; undo and redo move a pointer."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.decisions import Decision, decisions_frame
from engine.data.messages import COLUMNS
from engine.data.records import CleaningStep, DatasetVersion
from engine.errors import Conflict, InputError, NotFound
from engine.project.files import inside, sha256_bytes, sha256_file, write_atomic
from engine.project.project import Project
from engine.project.records import new_id

POINTER = "dataset"


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Parquet bytes of a frame; equal frames give equal bytes."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer, compression="zstd")
    return buffer.getvalue()


def save_version(
    project: Project,
    frame: pd.DataFrame,
    step: CleaningStep,
    parent: str | None,
    source_id: str,
    decisions: Iterable[Decision] = (),
    *,
    use: bool = True,
) -> DatasetVersion:
    """Write rows and decisions, then the record, then move the pointer. Raises StorageError.

    Without `use` the version in use stays. The audit gets counts and fingerprints only.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(f"The rows lack the column {missing[0]!r}.")
    name = new_id()
    data = to_parquet(frame)
    write_atomic(project.dir("data") / f"{name}.parquet", data)
    return _recorded(project, name, sha256_bytes(data), len(frame), step, parent, source_id, decisions, use)


def adopt_version(
    project: Project,
    written: Path,
    rows: int,
    step: CleaningStep,
    parent: str | None,
    source_id: str,
    decisions: Iterable[Decision] = (),
    *,
    use: bool = True,
) -> DatasetVersion:
    """Like `save_version` for rows already written as Parquet in the project's data folder: the file is moved."""
    name = new_id()
    with written.open("rb+") as file:
        os.fsync(file.fileno())
    fingerprint = sha256_file(written)
    os.replace(written, project.dir("data") / f"{name}.parquet")
    return _recorded(project, name, fingerprint, rows, step, parent, source_id, decisions, use)


def _recorded(
    project: Project,
    name: str,
    fingerprint: str,
    rows: int,
    step: CleaningStep,
    parent: str | None,
    source_id: str,
    decisions: Iterable[Decision],
    use: bool,
) -> DatasetVersion:
    write_atomic(project.dir("data") / f"{name}.decisions.parquet", to_parquet(decisions_frame(decisions)))
    version = DatasetVersion(
        id=name,
        source_id=source_id,
        parent=parent,
        step=step,
        path=f"data/{name}.parquet",
        decisions_path=f"data/{name}.decisions.parquet",
        sha256=fingerprint,
        rows=rows,
    )
    project.records.save(version)
    if use:
        project.records.set_pointer(POINTER, version.id)
    details = {"step": step.name, "rows_in": step.rows_in, "rows_out": step.rows_out, "changed": step.changed}
    project.audit.append("dataset.clean", {"dataset": version.id, "sha256": version.sha256}, details)
    return version


def load_version(project: Project, version_id: str) -> pd.DataFrame:
    """Rows of a version. Raises NotFound; InputError when the file was changed since."""
    version = project.records.get(DatasetVersion, version_id)
    return pd.read_parquet(io.BytesIO(_checked(project, version)))


def version_bytes(project: Project, version_id: str) -> bytes:
    """Parquet bytes of a version, checked against its fingerprint."""
    return _checked(project, project.records.get(DatasetVersion, version_id))


def load_decisions(project: Project, version_id: str) -> pd.DataFrame:
    """What the version's step decided: row_id, step, action, reason, detail, partner, score, snippet."""
    version = project.records.get(DatasetVersion, version_id)
    return pd.read_parquet(_existing(inside(project.path, version.decisions_path)))


def load_some_decisions(
    project: Project, version_id: str, most: int | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Like `load_decisions`, but at most `most` per action; also how many there are of each action."""
    if most is None:
        frame = load_decisions(project, version_id)
        return frame, {str(action): int(count) for action, count in frame["action"].value_counts().items()}
    version = project.records.get(DatasetVersion, version_id)
    counts: Counter[str] = Counter()
    parts = []
    with pq.ParquetFile(_existing(inside(project.path, version.decisions_path))) as file:
        schema = file.schema_arrow
        for batch in file.iter_batches(batch_size=50_000):
            actions = batch.column("action").to_pylist()
            if any(counts[action] < most for action in set(actions)):
                seen = dict(counts)
                wanted = []
                for place, action in enumerate(actions):
                    seen[action] = seen.get(action, 0) + 1
                    if seen[action] <= most:
                        wanted.append(place)
                parts.append(batch.take(pa.array(wanted, pa.int64())))
            counts.update(actions)
    frame = pa.Table.from_batches(parts, schema=schema).to_pandas()
    return frame, dict(counts)


def get_version(project: Project, version_id: str) -> DatasetVersion:
    """Record of a version. Raises NotFound."""
    return project.records.get(DatasetVersion, version_id)


def current_version(project: Project) -> DatasetVersion | None:
    """The version in use, or None before the first mapping."""
    pointer = project.records.pointer(POINTER)
    return project.records.get(DatasetVersion, pointer) if pointer else None


def require_version(project: Project) -> DatasetVersion:
    """The version in use. Raises Conflict with the next step when there is none."""
    version = current_version(project)
    if version is None:
        raise Conflict("There is no dataset yet.", "Choose a file in Data Studio and say which column is what.")
    return version


def chain(project: Project) -> list[DatasetVersion]:
    """From the first version to the one in use."""
    return line_to(project, current_version(project))


def line_to(project: Project, version: DatasetVersion | None) -> list[DatasetVersion]:
    """From the first version to a given one."""
    found: list[DatasetVersion] = []
    while version is not None:
        found.append(version)
        version = project.records.get(DatasetVersion, version.parent) if version.parent else None
    return found[::-1]


def next_version(project: Project) -> DatasetVersion | None:
    """The newest version made from the one in use (what redo would return to), or None."""
    here = project.records.pointer(POINTER)
    children = [version for version in project.records.list(DatasetVersion) if version.parent == here]
    return children[-1] if here and children else None


def undo(project: Project) -> DatasetVersion:
    """Go back one step and return that version. Raises Conflict at the first one."""
    version = require_version(project)
    if version.parent is None:
        raise Conflict("There is nothing to undo: these are the rows as they were read.")
    return _move(project, version.parent, "dataset.undo", version)


def redo(project: Project) -> DatasetVersion:
    """Go forward one step again. Raises Conflict when there is none."""
    version, after = require_version(project), next_version(project)
    if after is None:
        raise Conflict("There is nothing to redo.")
    return _move(project, after.id, "dataset.redo", version, after)


def undo_to(project: Project, version_id: str) -> DatasetVersion:
    """Go back to an earlier version of the chain. Raises Conflict when it is not part of it."""
    if version_id not in {version.id for version in chain(project)}:
        raise Conflict("That version is not part of the history of these rows.")
    return _move(project, version_id, "dataset.undo", require_version(project))


def _move(
    project: Project, target: str, action: str, before: DatasetVersion, named: DatasetVersion | None = None
) -> DatasetVersion:
    """`named` is the version whose step is undone or done again; by default the one that was in use."""
    project.records.set_pointer(POINTER, target)
    project.audit.append(action, {"from": before.id, "to": target}, {"step": (named or before).step.name})
    return project.records.get(DatasetVersion, target)


def _checked(project: Project, version: DatasetVersion) -> bytes:
    data = _existing(inside(project.path, version.path)).read_bytes()
    if sha256_bytes(data) != version.sha256:
        raise InputError("The rows of this version were changed outside Tuneworth.", "Undo to an earlier version.")
    return data


def _existing(path: Path) -> Path:
    if not path.exists():
        raise NotFound(f"The file {path.name} is missing from the project.", "Import the project from an export.")
    return path
