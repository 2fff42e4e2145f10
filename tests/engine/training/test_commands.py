"""`train` and `jobs` as commands: documents, exit codes, errors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from engine.commands import jobs, train
from engine.commands.outcome import Outcome
from engine.errors import Conflict, InputError, JobError, NotFound
from engine.jobs.manager import JobManager
from engine.project.project import Project
from tests.engine.training.conftest import until
from tests.engine.training.project_with_rows import fill, small_config


def call(*words: str) -> Outcome:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path, default=None)
    subparsers = parser.add_subparsers()
    train.register(subparsers)
    jobs.register(subparsers)
    args = parser.parse_args(list(words))
    outcome: Outcome = args.run(args)
    return outcome


@pytest.fixture
def job_id(project: Project) -> str:
    settings = {"steps": 400, "step_seconds": 0.01}
    return JobManager(project).start("test", "tests.fixtures.worker_script", settings, title="A job", heavy=False).id


def test_jobs_are_found_over_the_workspace_and_stopped_and_resumed(project: Project, job_id: str) -> None:
    until(project, job_id, lambda job: (job.step or 0) > 2)
    listed = call("jobs", "list").document["jobs"]
    assert [row["id"] for row in listed] == [job_id]
    assert {"id", "kind", "state", "step", "total_steps", "started", "ended", "exit"} <= set(listed[0])
    assert call("jobs", "list", "--project", project.id).document["jobs"][0]["project"] == project.id
    assert call("jobs", "show", job_id).document["total_steps"] == 400
    assert call("jobs", "stop", job_id).document["state"] in {"stopping", "stopped"}
    assert JobManager(project).wait(job_id, timeout=60).state == "stopped"
    assert call("jobs", "show", job_id).document["result"]["saved_step"] < 400
    assert call("jobs", "resume", job_id).document["state"] in {"queued", "running"}
    assert JobManager(project).wait(job_id, timeout=60).state == "succeeded"
    with pytest.raises(Conflict):
        call("jobs", "resume", job_id)
    with pytest.raises(NotFound, match="no such job"):
        call("jobs", "show", "abc")


def test_no_jobs_is_said(project: Project) -> None:
    assert call("jobs", "list").text == "No jobs yet."


def test_training_needs_a_split(project: Project, base: Path) -> None:
    with pytest.raises(Conflict, match="not split yet"):
        call("train", "--project", project.id, "--preset", "recommended", "--base", f"folder:{base}")


def test_a_config_file_is_checked(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "run.yml"
    file.write_text("learning_rate: fast\n")
    with pytest.raises(InputError, match="learning_rate"):
        call("train", "--project", project.id, "--config", str(file))


def finished(project: Project, monkeypatch: pytest.MonkeyPatch, base: Path, tmp_path: Path, **settings: Any) -> Outcome:
    """Run `train --wait` with the test worker in the place of the real one."""
    fill(project)
    file = tmp_path / "run.yml"
    file.write_text(json.dumps(small_config(base, learning_rate=0.9).model_dump(mode="json")))
    real = JobManager.start

    def start(self: JobManager, kind: str, module: str, given: dict[str, Any], **options: Any) -> Any:
        return real(self, kind, "tests.fixtures.worker_script", {**given, **settings}, **options)

    monkeypatch.setattr(JobManager, "start", start)
    return call("train", "--project", project.id, "--config", str(file), "--wait")


def test_waiting_prints_progress_and_the_contracts_fields(
    project: Project, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = finished(project, monkeypatch, base, tmp_path, steps=3)
    assert {"job", "state", "events", "best_step", "eval_loss", "adapter", "seconds"} <= set(outcome.document)
    assert outcome.document["state"] == "succeeded"
    assert outcome.exit_code == 0
    told = capsys.readouterr().err
    assert "Step 3 of 3" in told
    assert "learning_rate 0.9 is above the usual" in told


def test_a_failed_run_is_its_own_error(
    project: Project, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="Row 3 has no answer"):
        finished(project, monkeypatch, base, tmp_path, bad_input=True)


def test_a_killed_run_is_told(project: Project, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(JobError, match="signal 9"):
        finished(project, monkeypatch, base, tmp_path, kill_self=True)
