"""The next file of the same kind: kept at once, checked against the recipe's columns, prepared in one job."""

from __future__ import annotations

from typing import IO, ClassVar

from pydantic import Field

from engine.data.read_result import ReaderSettings
from engine.data.recipe import Recipe
from engine.data.recipe_columns import MissingColumn, missing_columns, missing_sentence, require_columns
from engine.data.recipe_reader import fit_reader
from engine.data.records import Source
from engine.data.uploads import store_upload
from engine.errors import Conflict
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.records import Record

POINTER = "next_file"


class NextFile(Record):
    """A file waiting to be prepared: its bytes are in the project, its rows are not in use yet."""

    kind: ClassVar[str] = "next_file"

    file: str = Field(description="Name of the file")
    sha256: str = Field(description="Fingerprint of its bytes")
    bytes: int = Field(default=0, description="Size in bytes")
    columns: list[str] = Field(description="Column names")
    reader: ReaderSettings = Field(default_factory=ReaderSettings, description="How it will be read")
    notes: list[str] = Field(default_factory=list, description="What is different from the last file")
    recipe: Recipe = Field(description="Steps that will run on it")
    source_id: str | None = Field(default=None, description="The source, when its rows were read already")

    @property
    def missing(self) -> list[MissingColumn]:
        """Columns the recipe reads and the file lacks."""
        return missing_columns(self.recipe, self.columns)

    @property
    def sentence(self) -> str:
        """What is missing, as one sentence; '' when nothing is."""
        return missing_sentence(self.missing, self.file) if self.missing else ""


def receive(project: Project, data: IO[bytes], name: str, recipe: Recipe) -> NextFile:
    """Keep uploaded bytes and look at their columns. Raises InputError when nothing can be read, and keeps nothing."""
    upload = store_upload(project, data, name)
    path = upload.path(project)
    try:
        fit = fit_reader(path, recipe, upload.file)
    except Exception:
        if upload.new:
            path.unlink(missing_ok=True)
        raise
    waiting = NextFile(
        file=upload.file, sha256=upload.sha256, bytes=upload.bytes, columns=fit.columns, reader=fit.settings,
        notes=fit.notes, recipe=recipe,
    )  # fmt: skip
    return wait_for(project, waiting)


def from_source(source: Source, recipe: Recipe) -> NextFile:
    """Files that were read already, to be prepared with a recipe."""
    return NextFile(
        file=source.file, sha256=source.sha256, bytes=source.bytes, columns=source.columns, recipe=recipe,
        source_id=source.id,
    )  # fmt: skip


def wait_for(project: Project, waiting: NextFile) -> NextFile:
    """Keep a file until the user has said what its columns are called now."""
    project.records.save(waiting)
    project.records.set_pointer(POINTER, waiting.id)
    return waiting


def waiting_file(project: Project) -> NextFile | None:
    """The file that waits to be prepared, or None."""
    pointer = project.records.pointer(POINTER)
    return project.records.get(NextFile, pointer) if pointer else None


def forget(project: Project) -> None:
    """Do not prepare the waiting file."""
    project.records.set_pointer(POINTER, None)


def start_prepare(project: Project, waiting: NextFile, recipe: Recipe | None = None) -> Job:
    """Prepare the file in one job: reading, mapping, all steps and the split. `recipe` has the columns' new names.

    Raises MappingError while a column is missing, Conflict while rows are being cleaned or prepared.
    """
    chosen = recipe or waiting.recipe
    require_columns(chosen, waiting.columns, waiting.file)
    manager = JobManager(project)
    if any(job.kind in ("clean", "prepare") for job in manager.active()):
        raise Conflict("Rows are being cleaned or prepared already.", "Wait for it, or stop it first.")
    settings = {
        "recipe": chosen.model_dump(mode="json"),
        "file": waiting.model_dump(mode="json", include={"file", "sha256", "bytes", "reader", "source_id"}),
        "before": {name: project.records.pointer(name) for name in ("source", "dataset", "split")},
    }
    job = manager.start("prepare", "engine.data.worker_prepare", settings, title=f"Prepare {waiting.file}")
    forget(project)
    return job
