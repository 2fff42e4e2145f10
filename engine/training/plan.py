"""What a training job is about to do, checked before anything heavy is loaded: data, settings, base as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import Conflict, DatasetError, NotFound
from engine.jobs.context import JobContext
from engine.project.files import sha256_bytes
from engine.training.config import TrainConfig
from engine.training.models import find_base, fingerprint
from engine.training.records import TrainingRun
from engine.training.rows import TrainingRow, load_rows, rows_hash

START_ANEW = "Start a new run with what is there now; this one keeps its checkpoints."


@dataclass(frozen=True)
class Plan:
    """Rows and base of a run; `folder` is None when the base has to be downloaded first."""

    run: TrainingRun
    train: list[TrainingRow]
    validation: list[TrainingRow]
    folder: Path | None


def config_hash(config: TrainConfig) -> str:
    """Return one hash over all settings."""
    return sha256_bytes(config.model_dump_json().encode())


def make_plan(job: JobContext) -> Plan:
    """Read the run's record, rows and base. Raises Conflict when they are not those the run began with."""
    project = job.project()
    asked = TrainingRun(id=job.id, **job.settings["run"])
    try:
        run = project.records.get(TrainingRun, job.id)
    except NotFound:  # the app ended between starting the job and saving its record
        project.records.save(asked)
        run = asked
    if config_hash(asked.config) != run.config_sha256:
        raise Conflict("The settings of this run were changed after it began.", START_ANEW)
    train = load_rows(project, run.split_id, "train")
    validation = load_rows(project, run.split_id, "validation")
    if not train:
        raise DatasetError("There are no training rows.", "Make a split in the Data Studio.")
    if rows_hash(train, validation) != run.data_sha256:
        raise Conflict("The rows of this run were changed after it began.", START_ANEW)
    base = find_base(run.config.base, online=run.online)
    if base.path is not None and run.base_sha256 and fingerprint(base.path) != run.base_sha256:
        raise Conflict("The base model's files were changed after this run began.", START_ANEW)
    return Plan(run, train, validation, base.path)
