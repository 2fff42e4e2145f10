"""Start the scan job of a project, and find what it left."""

from __future__ import annotations

import pandas as pd

from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.privacy.dataset import current_dataset
from engine.privacy.records import PrivacyScan
from engine.project.files import inside
from engine.project.project import Project

KIND = "privacy"


def start_scan(project: Project, *, deep: bool = False) -> Job:
    """Start scanning the dataset version in use. Raises Conflict when there is none."""
    settings = {"dataset_id": current_dataset(project), "deep": deep}
    title = "Scan for personal data" + (", deep" if deep else "")
    return JobManager(project).start(KIND, "engine.privacy.worker", settings, title=title, heavy=False)


def latest_job(project: Project) -> Job | None:
    """The newest scan job, or None."""
    jobs = JobManager(project).list(KIND)
    return jobs[-1] if jobs else None


def latest_scan(project: Project) -> PrivacyScan | None:
    """The newest finished scan, of whichever version, or None."""
    return project.records.latest(PrivacyScan)


def load_findings(project: Project, scan: PrivacyScan) -> pd.DataFrame:
    """Places of findings: row_id, part, entity, start, end, score, detector."""
    return pd.read_parquet(inside(project.path, scan.findings_path))
