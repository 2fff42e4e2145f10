"""Cleaning killed at a named point: what was done is kept, and resuming gives what an undisturbed run gives."""

from __future__ import annotations

import pytest

from engine.data.mapping import Mapping
from engine.data.recipe import Recipe
from engine.data.sources import add_upload, start_dataset
from engine.data.start import start_cleaning
from engine.data.versions import chain, load_version, require_version
from engine.jobs.manager import JobManager
from engine.project.project import Project

CSV = "q,a\n" + "".join(f"question number {n % 30} ?,answer {n % 30} which is long enough\n" for n in range(60))
STEPS = ("whitespace", "empty", "short_answers", "exact_duplicates")


def dataset(project: Project) -> None:
    source, result = add_upload(project, CSV.encode(), "t.csv")
    start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant"}), result)


@pytest.mark.parametrize("step", ["whitespace", "exact_duplicates"])
def test_killed_cleaning_resumes_after_the_finished_steps(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    dataset(project)
    monkeypatch.setenv("TUNEWORTH_CRASH_AT", f"clean.{step}")
    job = start_cleaning(project, Recipe(steps=STEPS))
    killed = JobManager(project).wait(job.id, timeout=60)
    assert killed.state == "failed"
    assert killed.error is not None
    assert len(chain(project)) == 1 + STEPS.index(step)
    monkeypatch.delenv("TUNEWORTH_CRASH_AT")
    JobManager(project).resume(job.id)
    done = JobManager(project).wait(job.id, timeout=60)
    assert done.state == "succeeded", done.error
    assert done.result is not None
    assert [item["name"] for item in done.result["steps"]] == list(STEPS)
    assert (done.result["rows_in"], done.result["rows_out"]) == (60, 30)
    assert len(load_version(project, require_version(project).id)) == 30
    assert project.audit.verify().ok
