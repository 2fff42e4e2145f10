"""Files of a project: bytes go in at once, under their fingerprint, and stay as they came; rows become a table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from engine.data.encoders import Report, silent
from engine.data.import_files import import_uploads, rebuild_table, upload_of
from engine.data.map_source import map_source
from engine.data.mapping import Mapping
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.records import DatasetVersion, Source
from engine.data.source_table import SourceTable, saved_table
from engine.data.uploads import Upload, store_upload
from engine.errors import NotFound
from engine.project.project import Project


def add_upload(
    project: Project, data: bytes, name: str, settings: ReaderSettings | None = None
) -> tuple[Source, SourceTable]:
    """Store uploaded bytes, read them and make them the project's source. Raises InputError, StorageError.

    Bytes that cannot be read are not kept.
    """
    return import_uploads(project, [store_upload(project, io.BytesIO(data), name, settings)])


def add_file(project: Project, path: Path, settings: ReaderSettings | None = None) -> tuple[Source, SourceTable]:
    """Copy a file from disk into the project and read it. Raises InputError, StorageError."""
    return add_files(project, [path], settings)


def add_files(
    project: Project, paths: Sequence[Path], settings: ReaderSettings | None = None, base: Source | None = None
) -> tuple[Source, SourceTable]:
    """Copy files from disk into the project: their rows become one source, behind those of `base` when given.

    A file that cannot be read is named in the source's `failed`. Raises InputError when none can be read.
    """
    uploads = []
    for path in paths:
        with path.open("rb") as file:
            uploads.append(store_upload(project, file, path.name, settings))
    return import_uploads(project, uploads, base=base)


def reread(
    project: Project, source: Source, settings: ReaderSettings, part: int = 0, report: Report = silent
) -> tuple[Source, SourceTable]:
    """Read one file of a source with other settings (encoding, delimiter, sheet); that becomes the source."""
    return import_uploads(project, reread_uploads(source, settings, part), report=report)


def reread_uploads(source: Source, settings: ReaderSettings, part: int = 0) -> list[Upload]:
    """The files of a source as they will be read: one of them with other settings."""
    uploads = [upload_of(item) for item in source.files()]
    old = uploads[part]
    uploads[part] = Upload(old.file, old.sha256, old.bytes, settings)
    return uploads


def read_source(project: Project, source: Source) -> SourceTable:
    """The rows of a source as they were read; written now when an older version made the source."""
    try:
        return saved_table(project, source)
    except NotFound:
        return rebuild_table(project, source)


def current_source(project: Project) -> Source | None:
    """The source in use, or None."""
    pointer = project.records.pointer("source")
    return project.records.get(Source, pointer) if pointer else None


def start_dataset(
    project: Project,
    source: Source,
    mapping: Mapping,
    result: ReadResult | None = None,
    report: Report = silent,
    *,
    use: bool = True,
) -> DatasetVersion:
    """Map a source's columns into conversations: the first version. Raises MappingError, DatasetError.

    Without `use` the version in use stays.
    """
    table = result if isinstance(result, SourceTable) else read_source(project, source)
    return map_source(project, source, table, mapping, report, use=use)


def record_source(project: Project, result: ReadResult, path: Path, *, use: bool = True) -> Source:
    """Save what reading a stored file gave; with `use` it becomes the project's source."""
    upload = Upload(result.file, result.sha256, path.stat().st_size, result.settings)
    return import_uploads(project, [upload], use=use)[0]
