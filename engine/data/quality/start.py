"""Start the comparison of meanings as a job, and find what it left."""

from __future__ import annotations

from engine.data.quality.meaning import MeaningReport
from engine.data.quality.rules import measures
from engine.data.versions import require_version
from engine.errors import NotFound
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project

KIND = "meaning"


def start_meaning(project: Project) -> Job:
    """Compare the questions of the version in use. Returns the running job when there is one for it already."""
    version = require_version(project)
    manager = JobManager(project)
    for job in manager.active():
        if job.kind == KIND and job.settings.get("dataset_id") == version.id:
            return job
    rows = min(version.rows, measures().meaning.rows)
    settings = {"dataset_id": version.id}
    return manager.start(
        KIND, "engine.data.quality.worker_meaning", settings, title=f"Compare the meaning of {rows:,} rows"
    )


def meaning_of(project: Project, version_id: str) -> MeaningReport | None:
    """The report of a version, or None before the job."""
    try:
        return project.records.get(MeaningReport, version_id)
    except NotFound:
        return None


def meaning_job(project: Project, version_id: str) -> Job | None:
    """The newest job for a version that runs or ended badly."""
    jobs = [job for job in JobManager(project).list(KIND) if job.settings.get("dataset_id") == version_id]
    return jobs[-1] if jobs and jobs[-1].state != "succeeded" else None
