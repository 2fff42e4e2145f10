"""Files being read and rows being made: the jobs behind large files, and the choice between a job and doing it now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from engine.data.import_files import import_uploads, upload_of
from engine.data.ingest_rules import ingest_rules
from engine.data.mapping_model import Mapping
from engine.data.read_result import ReaderSettings
from engine.data.records import Source
from engine.data.source_table import SourceTable
from engine.data.sources import reread_uploads, start_dataset
from engine.data.start import open_job, start_import, start_mapping
from engine.data.uploads import Upload, needs_job, store_upload
from engine.project.project import Project
from pages.parts.jobs import show_job


def reading(project: Project, source: Source | None) -> bool:
    """Show the job that reads files, when there is one. True while it runs: there is nothing else to do."""
    return _shown(project, "import", source.created if source else 0.0)


def making(project: Project, newest: float) -> bool:
    """Show the job that makes rows from the columns, when there is one. True while it runs."""
    return _shown(project, "map", newest)


def _shown(project: Project, kind: str, since: float) -> bool:
    job = open_job(project, kind, since)
    if job is None:
        return False
    show_job(job.id)
    return not job.ended_state


def bring(project: Project, files: Sequence[IO[bytes]], settings: ReaderSettings, base: Source | None) -> None:
    """Put files into the project and read them: at once when that takes about a second, else in a job."""
    uploads = []
    for file in files:
        file.seek(0)
        uploads.append(store_upload(project, file, file.name, settings))
    _read(project, uploads, base)
    _release(files)


def _release(files: Sequence[IO[bytes]]) -> None:
    """Streamlit keeps uploads in memory as long as the session lives; ours are on disk now."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context is not None else None
    if context is None or not isinstance(manager, MemoryUploadedFileManager):
        return
    for file in files:
        if isinstance(file, UploadedFile):
            manager.remove_file(context.session_id, file.file_id)


def read_again(project: Project, source: Source, settings: ReaderSettings, part: int) -> None:
    """Read one file of a source with other settings."""
    _read(project, reread_uploads(source, settings, part), None)


def _read(project: Project, uploads: list[Upload], base: Source | None) -> None:
    before = [upload_of(part) for part in base.files()] if base else []
    if needs_job([*before, *uploads]):
        start_import(project, uploads, base)
    else:
        import_uploads(project, uploads, base=base)


def make_rows(project: Project, source: Source, read: SourceTable, mapping: Mapping) -> None:
    """Make conversations: at once for a usual file, in a job for a large one."""
    if source.rows > ingest_rules().job.map_rows:
        start_mapping(project, source, mapping)
    else:
        start_dataset(project, source, mapping, read)
