"""Start a job that makes rows on this computer: varied ones, general ones, rows of a log. Pages call this."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.data.grow.logs import LogPlan
from engine.data.mapping import Mapping
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.read_table import read_table
from engine.data.versions import require_version
from engine.errors import Conflict
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.files import inside, sha256_bytes, write_atomic
from engine.project.project import Project

KIND, LOCAL = "grow", "grow_local"  # kinds of jobs: by a model, on this computer
TITLES = {"vary": "Vary rows", "general": "Choose general rows", "logs": "Choose rows of a log"}


class Stored(BaseModel):
    """A file in the project's uploads that is no source of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(description="Fingerprint, and name in the uploads")
    name: str = Field(description="Name of the file")


class Local(BaseModel):
    """What is wanted without any model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["vary", "general", "logs"] = Field(description="How rows are made or chosen")
    slots: dict[str, list[str]] = Field(default_factory=dict, description="vary: values that may be exchanged")
    numbers: bool = Field(default=False, description="vary: exchange long numbers too")
    per_row: int = Field(default=2, ge=1, le=10, description="vary: new rows from each row")
    rows: int | None = Field(default=None, ge=1, description="At most so many new rows")
    share: float | None = Field(default=None, description="general: share of the mix, 0..1")
    file: Stored | None = Field(default=None, description="general: a file of one's own; logs: the log")
    mapping: Mapping | None = Field(default=None, description="logs: which column is what; guessed when left out")
    plan: LogPlan = Field(default_factory=LogPlan, description="logs: which rows are good")
    seed: int = Field(default=0, description="Decides what chance chooses")
    encoder: Literal["minilm", "static", "none"] = Field(default="minilm", description="How meaning is compared")


def store_file(project: Project, data: bytes, name: str) -> tuple[Stored, ReadResult]:
    """Keep a file under its fingerprint and read it. Raises InputError; bytes that cannot be read are not kept."""
    stored = Stored(sha256=sha256_bytes(data), name=name)
    path = inside(project.dir("uploads"), stored.sha256)
    new = not path.exists()
    if new:
        write_atomic(path, data)
    try:
        return stored, read_stored(project, stored)
    except Exception:
        if new:
            path.unlink(missing_ok=True)
        raise


def read_stored(project: Project, stored: Stored) -> ReadResult:
    """Read a kept file again."""
    return read_table(inside(project.dir("uploads"), stored.sha256), ReaderSettings(), name=stored.name)


def start_local(project: Project, wish: Local) -> Job:
    """Make rows in a job. Raises Conflict without a dataset or while rows are being made."""
    settings: Table[str, object] = {"wish": wish.model_dump(mode="json"), "dataset_id": require_version(project).id}
    refuse_second(project)
    return JobManager(project).start(LOCAL, "engine.data.grow.worker_local", dict(settings), title=TITLES[wish.method])


def refuse_second(project: Project) -> None:
    """Raise Conflict while rows are being made: two at once would not know of one another."""
    if any(job.kind in (KIND, LOCAL) for job in JobManager(project).active()):
        raise Conflict("New rows are being made already.", "Wait for them, or stop that first.")
