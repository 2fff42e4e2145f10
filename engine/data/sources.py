"""Uploads: bytes go into the project at once, under their fingerprint, and stay as they came."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engine.data.decisions import Decision
from engine.data.mapping import Mapping, apply_mapping
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.read_table import read_table
from engine.data.records import CleaningStep, DatasetVersion, Source
from engine.data.versions import save_version
from engine.errors import DatasetError
from engine.project.files import inside, safe_name, sha256_bytes, sha256_file, write_atomic
from engine.project.project import Project


def add_upload(
    project: Project, data: bytes, name: str, settings: ReaderSettings | None = None
) -> tuple[Source, ReadResult]:
    """Store uploaded bytes, read them and make them the project's source. Raises InputError, StorageError.

    Bytes that cannot be read are not kept.
    """
    path = _stored(project, sha256_bytes(data))
    new = not path.exists()
    if new:
        write_atomic(path, data)
    try:
        result = read_table(path, settings, name=_shown(name))
    except Exception:
        if new:
            path.unlink(missing_ok=True)
        raise
    return record_source(project, result, path), result


def add_file(project: Project, path: Path, settings: ReaderSettings | None = None) -> tuple[Source, ReadResult]:
    """Copy a file from disk into the project and read it. Raises InputError, StorageError."""
    result = read_table(path, settings)
    stored = _stored(project, sha256_file(path))
    if not stored.exists():
        write_atomic(stored, path.read_bytes())
    return record_source(project, result, stored), result


def reread(project: Project, source: Source, settings: ReaderSettings) -> tuple[Source, ReadResult]:
    """Read the same upload with other settings (encoding, delimiter, sheet); that becomes the source."""
    path = _stored(project, source.sha256)
    result = read_table(path, settings, name=source.file)
    return record_source(project, result, path), result


def read_source(project: Project, source: Source) -> ReadResult:
    """Read an upload again exactly as it was read before."""
    settings = ReaderSettings(
        encoding=source.encoding if source.format in ("csv", "tsv", "json", "jsonl") else None,
        delimiter=source.delimiter,
        sheet=source.sheet,
    )
    return read_table(_stored(project, source.sha256), settings, name=source.file)


def current_source(project: Project) -> Source | None:
    """The source in use, or None."""
    pointer = project.records.pointer("source")
    return project.records.get(Source, pointer) if pointer else None


def start_dataset(
    project: Project, source: Source, mapping: Mapping, result: ReadResult | None = None, *, use: bool = True
) -> DatasetVersion:
    """Map a source's columns into conversations: the first version. Raises MappingError, DatasetError.

    Without `use` the version in use stays.
    """
    read = result or read_source(project, source)
    frame, decisions = apply_mapping(read.frame, mapping, source.file)
    if frame.empty:
        raise DatasetError("No row could be read as a conversation.", decisions[0].detail if decisions else "")
    step = CleaningStep(
        name="map",
        settings=mapping.model_dump(mode="json"),
        rows_in=read.rows,
        rows_out=len(frame),
        counts=_counts(decisions),
    )
    return save_version(project, frame, step, None, source.id, decisions, use=use)


def _counts(decisions: list[Decision]) -> dict[str, int]:
    reasons = pd.Series([decision.reason for decision in decisions], dtype="str").value_counts()
    return {str(reason): int(count) for reason, count in reasons.items()}


def record_source(project: Project, result: ReadResult, path: Path, *, use: bool = True) -> Source:
    """Save what reading a stored file gave; with `use` it becomes the project's source."""
    source = Source(
        file=result.file,
        sha256=result.sha256,
        bytes=path.stat().st_size,
        format=result.format,
        encoding=result.encoding,
        delimiter=result.delimiter,
        sheet=result.sheet,
        header_line=result.header_line,
        columns=result.columns,
        rows=result.rows,
        rejects=result.reject_count,
        warnings=result.warnings,
    )
    project.records.save(source)
    if use:
        project.records.set_pointer("source", source.id)
    details = {"format": source.format, "rows": source.rows, "rejects": source.rejects, "bytes": source.bytes}
    project.audit.append("source.import", {"source": source.id, "sha256": source.sha256}, details)
    return source


def _stored(project: Project, sha256: str) -> Path:
    return inside(project.dir("uploads"), sha256)


def _shown(name: str) -> str:
    """The file's own name without folders; only a name, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return last if last.strip() else safe_name(name)
