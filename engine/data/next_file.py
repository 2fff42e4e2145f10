"""The next file of the same kind: kept at once, checked against the recipe's columns, prepared in one job."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from engine.data.recipe import Recipe
from engine.data.recipe_columns import MissingColumn, missing_columns, missing_sentence, require_columns
from engine.data.recipe_reader import read_for
from engine.errors import Conflict
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.files import inside, sha256_bytes, write_atomic
from engine.project.project import Project
from engine.project.records import Record

POINTER = "next_file"


class NextFile(Record):
    """A file waiting to be prepared: its bytes are in the project, its rows are not in use yet."""

    kind: ClassVar[str] = "next_file"

    file: str = Field(description="Name of the file")
    sha256: str = Field(description="Fingerprint of its bytes")
    columns: list[str] = Field(description="Column names")
    rows: int = Field(description="Usable rows")
    notes: list[str] = Field(default_factory=list, description="What was read differently from the last file")
    recipe: Recipe = Field(description="Steps that will run on it")

    @property
    def missing(self) -> list[MissingColumn]:
        """Columns the recipe reads and the file lacks."""
        return missing_columns(self.recipe, self.columns)

    @property
    def sentence(self) -> str:
        """What is missing, as one sentence; '' when nothing is."""
        return missing_sentence(self.missing, self.file) if self.missing else ""


def receive(project: Project, data: bytes, name: str, recipe: Recipe) -> NextFile:
    """Keep uploaded bytes and read their columns. Raises InputError when nothing can be read; then nothing is kept."""
    sha256 = sha256_bytes(data)
    path = inside(project.dir("uploads"), sha256)
    new = not path.exists()
    if new:
        write_atomic(path, data)
    shown = name.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        read, notes = read_for(path, recipe, shown)
    except Exception:
        if new:
            path.unlink(missing_ok=True)
        raise
    waiting = NextFile(file=shown, sha256=sha256, columns=read.columns, rows=read.rows, notes=notes, recipe=recipe)
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
    """Prepare the file in one job: mapping, all steps and the split. `recipe` is the one with renamed columns.

    Raises MappingError while a column is missing, Conflict while rows are being cleaned or prepared.
    """
    chosen = recipe or waiting.recipe
    require_columns(chosen, waiting.columns, waiting.file)
    manager = JobManager(project)
    if any(job.kind in ("clean", "prepare") for job in manager.active()):
        raise Conflict("Rows are being cleaned or prepared already.", "Wait for it, or stop it first.")
    settings = {
        "recipe": chosen.model_dump(mode="json"),
        "file": waiting.file,
        "sha256": waiting.sha256,
        "before": {name: project.records.pointer(name) for name in ("source", "dataset", "split")},
    }
    job = manager.start(
        "prepare", "engine.data.worker_prepare", settings, title=f"Prepare {waiting.rows:,} rows of {waiting.file}"
    )
    forget(project)
    return job
