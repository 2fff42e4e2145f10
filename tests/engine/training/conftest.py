"""One tiny base and one finished run for all training tests: starting the software takes most of the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.workspace import Workspace
from tests.engine.training.project_with_rows import fill
from tests.engine.training.tiny_base import write_tiny_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny random Llama."""
    return write_tiny_base(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with 120 rows, split."""
    project = Workspace(tmp_path_factory.mktemp("training")).create("Tickets")
    fill(project)
    return project


def until(project: Project, job_id: str, reached: Callable[[Job], bool], seconds: float = 400) -> Job:
    """Wait until a job looks as wanted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = JobManager(project).get(job_id)
        if reached(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"still {job.state}: {job.log_tail()}")
