"""Start a run, find earlier ones."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.split import current_split
from engine.errors import Conflict, MissingPackage
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.models import find_base, fingerprint
from engine.training.plan import config_hash
from engine.training.preflight import blockers, missing_packages, preflight
from engine.training.records import TrainingResult, TrainingRun, result_of
from engine.training.rows import load_rows, rows_hash

KIND = "train"
MODULE = "engine.training.worker"


@dataclass(frozen=True)
class RunView:
    """A run with its job and, when it ended well or was stopped, its result."""

    run: TrainingRun
    job: Job
    result: TrainingResult | None


def start_training(
    project: Project, config: TrainConfig, *, preset: str = "", online: bool = False, module: str = MODULE
) -> Job:
    """Check everything, start the job and save its record.

    Raises Conflict with the list of what is not ready, MissingPackage when training is not installed.
    """
    if missing_packages():
        raise MissingPackage("Training is not installed here.", "Run `make setup` once; it installs the part [local].")
    failed = blockers(preflight(project, config, online=online))
    if failed:
        reasons = " ".join(check.sentence for check in failed)
        raise Conflict(f"Not ready: {reasons}", " ".join(dict.fromkeys(check.fix for check in failed)))
    run = describe(project, config, preset, online)
    settings = {"run": run.model_dump(mode="json", exclude={"id", "created"})}
    job = JobManager(project).start(KIND, module, settings, title=run.title, online=online)
    run = run.model_copy(update={"id": job.id, "created": job.created})
    project.records.save(run, replace=True)  # the worker saves the same record when it comes first
    objects = {"run": run.id, "split": run.split_id, "base_sha256": run.base_sha256, "data_sha256": run.data_sha256}
    details = {"rows_train": run.rows_train, "rows_validation": run.rows_validation, "base": run.base_name}
    project.audit.append("run.start", {**objects, "config_sha256": run.config_sha256}, details)
    return job


def runs(project: Project) -> list[RunView]:
    """All runs, newest first."""
    manager = JobManager(project)
    jobs = {job.id: job for job in manager.list(KIND)}
    records = reversed(project.records.list(TrainingRun))
    results = {result.id: result for result in project.records.list(TrainingResult)}
    return [RunView(run, jobs[run.id], results.get(run.id)) for run in records if run.id in jobs]


def view(project: Project, run_id: str) -> RunView:
    """One run. Raises NotFound."""
    run = project.records.get(TrainingRun, run_id)
    return RunView(run, JobManager(project).get(run_id), result_of(project, run_id))


def describe(project: Project, config: TrainConfig, preset: str = "", online: bool = False) -> TrainingRun:
    """Return the record a run would begin with, fingerprints included. Raises Conflict without a split."""
    split = current_split(project)
    if split is None:
        raise Conflict("Your rows are not split yet.", "Split them in the Data Studio.")
    train, validation = load_rows(project, split.id, "train"), load_rows(project, split.id, "validation")
    base = find_base(config.base, online=online)
    return TrainingRun(
        title=f"LoRA on {'the demo model' if base.demo else base.name}",
        base_name=base.name,
        base_demo=base.demo,
        base_parameters=base.parameters,
        base_sha256=fingerprint(base.path) if base.path else "",
        split_id=split.id,
        dataset_id=split.dataset_id,
        data_sha256=rows_hash(train, validation),
        rows_train=len(train),
        rows_validation=len(validation),
        preset=preset,
        online=online,
        config=config,
        config_sha256=config_hash(config),
    )
