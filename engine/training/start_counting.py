"""Count tokens of a large version in a job. Small versions are counted while the page waits."""

from __future__ import annotations

from engine.data.records import DatasetVersion
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.models import BaseModelInfo
from engine.training.reading_choice import reading_choice
from engine.training.tokens import counted

KIND = "tokens"
ROWS_AT_ONCE = 20_000  # about 1.5 s (0.75 s per 10,000 short rows on one core)


def needs_job(project: Project, version: DatasetVersion, base: BaseModelInfo) -> bool:
    """Whether counting would keep a page waiting. Raises MissingPackage when the base is not here."""
    prompt = reading_choice(project, base).system_prompt
    return version.rows > ROWS_AT_ONCE and not counted(project, version.id, base, prompt)


def start_counting(project: Project, version: DatasetVersion, base: BaseModelInfo) -> Job:
    """Start the job, or return the one that runs."""
    running = counting_job(project, version, base)
    if running is not None and not running.ended_state:
        return running
    return JobManager(project).start(
        KIND,
        "engine.training.worker_model_view",
        _settings(project, version, base),
        title=f"Count the tokens of {version.rows:,} rows",
        heavy=False,
    )


def counting_job(project: Project, version: DatasetVersion, base: BaseModelInfo) -> Job | None:
    """The newest job for these rows and this base that runs or ended badly."""
    wanted = _settings(project, version, base)
    jobs = [job for job in JobManager(project).list(KIND) if job.settings == wanted]
    return jobs[-1] if jobs and jobs[-1].state != "succeeded" else None


def _settings(project: Project, version: DatasetVersion, base: BaseModelInfo) -> dict[str, str]:
    prompt = reading_choice(project, base).system_prompt
    return {"dataset_id": version.id, "base": base.key, "system_prompt": prompt}
