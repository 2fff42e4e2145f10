"""Uploads -> one source: every file is read by itself, the rows of all of them become one table in the project."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from engine.data.encoders import Report, silent
from engine.data.open_table import OpenTable, open_table
from engine.data.read_result import ReaderSettings, Reject
from engine.data.read_table import no_rows
from engine.data.records import FailedFile, Source, SourcePart
from engine.data.rules import rules
from engine.data.source_table import SourceTable, table_path, write_rejects
from engine.data.table_file import TableWriter
from engine.data.uploads import Upload
from engine.errors import InputError
from engine.project.project import Project
from engine.project.records import new_id


def import_uploads(
    project: Project,
    uploads: Sequence[Upload],
    *,
    base: Source | None = None,
    report: Report = silent,
    use: bool = True,
) -> tuple[Source, SourceTable]:
    """Read uploads and (with `use`) make them the project's source; with `base` their rows follow its rows.

    A file that cannot be read is named in `failed` and its bytes are not kept; the others go on. Raises InputError
    when no file can be read, StorageError; then the project is as it was.
    """
    before = [upload_of(part) for part in base.files()] if base else []
    work = _Import(project, [*before, *uploads], report, kept=len(before))
    try:
        parts = work.run()
    except BaseException:
        work.writer.abandon()
        raise
    failed = [FailedFile(file=name, message=error.message, hint=error.hint) for name, error in work.failed]
    if len(parts) == len(before):
        work.writer.abandon()
        raise _nothing_read(work.failed)
    work.writer.close()
    write_rejects(work.path, work.rejects)
    return _record(project, work, parts, failed, use)


class _Import:
    """One run over the files."""

    def __init__(self, project: Project, uploads: Sequence[Upload], report: Report, kept: int = 0) -> None:
        self.kept = kept  # so many uploads are in use already: they have to be readable
        self.project = project
        self.uploads = uploads
        self.report = report
        self.id = new_id()
        self.path = table_path(project, self.id)
        self.writer = TableWriter(self.path)
        self.rejects: list[tuple[int, Reject]] = []
        self.failed: list[tuple[str, InputError]] = []
        self.total = max(sum(upload.bytes for upload in uploads), 1)
        self.done = 0

    def run(self) -> list[SourcePart]:
        parts: list[SourcePart] = []
        for upload in self.uploads:
            try:
                parts.append(self._part(upload, len(parts)))
            except InputError as error:
                if len(parts) < self.kept:
                    raise
                self.failed.append((upload.file, error))
                if upload.new:
                    upload.path(self.project).unlink(missing_ok=True)
            self.done += upload.bytes
        return parts

    def _part(self, upload: Upload, number: int) -> SourcePart:
        """Read one file. Nothing of it stays in the table when it fails on the way."""
        opened = open_table(upload.path(self.project), upload.settings, name=upload.file)
        mark, rows = self.writer.mark(), 0
        try:
            for table in opened.pieces():
                self._tell(upload, opened, rows)
                if table.num_rows and table.num_columns > 1:
                    self.writer.add(table)
                    rows += table.num_rows
            if not rows:
                raise no_rows(opened)
        except InputError:
            self.writer.back_to(mark)
            raise
        self._keep_rejects(number, opened.rejects.rows)
        return _part_of(upload, opened, rows)

    def _tell(self, upload: Upload, opened: OpenTable, rows: int) -> None:
        done = self.done + opened.fraction * upload.bytes
        self.report(done, self.total, f"{upload.file}: {rows:,} rows")

    def _keep_rejects(self, number: int, rejects: Sequence[Reject]) -> None:
        free = rules().reading.kept_rejects - len(self.rejects)
        self.rejects += [(number, reject) for reject in rejects[: max(free, 0)]]


def _part_of(upload: Upload, opened: OpenTable, rows: int) -> SourcePart:
    return SourcePart(
        file=upload.file,
        sha256=upload.sha256,
        bytes=upload.bytes,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        sheet=opened.sheet,
        sheets=list(opened.sheets),
        header_line=opened.header_line,
        columns=opened.columns,
        rows=rows,
        rejects=opened.rejects.count,
        warnings=[*opened.warnings],
    )


def _record(
    project: Project, work: _Import, parts: list[SourcePart], failed: list[FailedFile], use: bool
) -> tuple[Source, SourceTable]:
    first = parts[0]
    source = Source(
        id=work.id,
        file=first.file if len(parts) == 1 else f"{first.file} and {len(parts) - 1} more",
        sha256=first.sha256 if len(parts) == 1 else _joint([part.sha256 for part in parts]),
        bytes=sum(part.bytes for part in parts),
        format=first.format,
        encoding=first.encoding,
        delimiter=first.delimiter,
        sheet=first.sheet,
        header_line=first.header_line,
        columns=work.writer.columns,
        rows=work.writer.rows,
        rejects=sum(part.rejects for part in parts),
        warnings=[text for part in parts for text in part.warnings],
        parts=parts,
        failed=failed,
        table=work.path.relative_to(project.path.resolve()).as_posix(),
    )
    project.records.save(source)
    if use:
        project.records.set_pointer("source", source.id)
    details = {
        "format": source.format, "files": len(parts), "failed": len(failed), "rows": source.rows,
        "rejects": source.rejects, "bytes": source.bytes,
    }  # fmt: skip
    project.audit.append("source.import", {"source": source.id, "sha256": source.sha256}, details)
    return source, SourceTable(source, work.path)


def rebuild_table(project: Project, source: Source) -> SourceTable:
    """Write the table of a source that has none (made by an older version). Row ids stay what they were."""
    path = table_path(project, source.id)
    work = _Import(project, [upload_of(part) for part in source.files()], silent)
    work.writer, work.path = TableWriter(path), path
    try:
        work.run()
        if work.failed:
            raise work.failed[0][1]
        work.writer.close()
    finally:
        work.writer.abandon()
    write_rejects(path, work.rejects)
    return SourceTable(source, path)


def upload_of(part: SourcePart) -> Upload:
    """The file as it was read before: the same settings give the same rows."""
    text, json_text = part.format in ("csv", "tsv"), part.format in ("json", "jsonl")
    settings = ReaderSettings(
        encoding=part.encoding if text or json_text else None,
        delimiter=part.delimiter if text else None,
        sheet=part.sheet,
    )
    return Upload(part.file, part.sha256, part.bytes, settings)


def _nothing_read(failed: list[tuple[str, InputError]]) -> InputError:
    if len(failed) == 1:
        return failed[0][1]
    first = failed[0][1]
    return InputError(f"None of the {len(failed)} files could be read.", f"{first.message} {first.hint}".strip())


def _joint(fingerprints: list[str]) -> str:
    return hashlib.sha256("\n".join(fingerprints).encode()).hexdigest()
