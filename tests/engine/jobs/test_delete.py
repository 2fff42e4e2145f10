"""A project is not deleted under a process that works in it; what a crash left behind goes by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.errors import Conflict
from engine.jobs.device_lock import queue_position, reserve
from engine.jobs.manager import JobManager
from engine.project import remains
from engine.project.project import Project
from engine.project.workspace import Workspace
from tests.engine.jobs.test_manager import shim_pid, start, wait_for, worker_pid


def test_a_job_that_has_just_been_started_blocks_delete(workspace: Workspace, project: Project) -> None:
    job = start(project, steps=10)
    with pytest.raises(Conflict, match="still running"):
        workspace.delete(project.id)
    JobManager(project).wait(job.id, timeout=30)
    workspace.delete(project.id)
    assert list(workspace.projects_dir.iterdir()) == []


def test_a_worker_without_guard_blocks_delete_however_old_the_heartbeat(workspace: Workspace, project: Project) -> None:
    job = start(project, ignore_stop=True, steps=10_000, step_seconds=0.02)
    running = wait_for(project, job.id, "running")
    worker = psutil.Process(worker_pid(running))
    os.kill(shim_pid(running), signal.SIGKILL)
    os.utime(job.folder / "heartbeat.json", (1, 1))
    with pytest.raises(Conflict, match="still running"):
        workspace.delete(project.id)
    worker.kill()
    worker.wait(timeout=10)
    workspace.delete(project.id)


def test_a_job_that_died_a_moment_ago_does_not_block_delete(workspace: Workspace, project: Project) -> None:
    job = start(project, steps=10_000)
    running = wait_for(project, job.id, "running")
    os.kill(shim_pid(running), signal.SIGKILL)
    wait_for(project, job.id, "stopped")
    spec = json.loads((job.folder / "job.json").read_text())
    assert time.time() - spec["queued_at"] < 60
    workspace.delete(project.id)


def test_what_a_crash_left_is_swept_but_not_what_is_held(
    workspace: Workspace, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "SETTLE_SECONDS", 0.0)
    for name in (".importing-a", ".deleting-b", ".importing-held", ".other", "holiday"):
        (workspace.projects_dir / name / "data").mkdir(parents=True)
    held = workspace.projects_dir / ".importing-held"
    code = (
        "import sys, time; from pathlib import Path; from engine.project.remains import held\n"
        "with held(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(held)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        Workspace(workspace.root)
        assert names(workspace) == {".importing-held", ".other", "holiday", project.id}
        other.kill()
    Workspace(workspace.root)
    assert names(workspace) == {".other", "holiday", project.id}


def test_a_fresh_hidden_folder_is_left_to_its_maker(workspace: Workspace) -> None:
    (workspace.projects_dir / ".importing-new").mkdir()
    Workspace(workspace.root)
    assert names(workspace) == {".importing-new"}


def test_stale_places_in_the_queue_go(tmp_path: Path) -> None:
    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "00000000000000000001-dead.ticket").write_text(
        json.dumps({"pid": 2**22 - 1, "create_time": 1.0, "token": "dead"})
    )
    (locks / "00000000000000000002-torn.ticket").write_text("{")
    (locks / "00000000000000000003-old.draft").write_text("{")
    os.utime(locks / "00000000000000000003-old.draft", (1, 1))
    (locks / "00000000000000000004-later.ticket").write_text(json.dumps({"reserved": time.time(), "token": "later"}))
    assert queue_position(locks, "later") == 0
    reserve(locks, "new", 9.0)
    assert sorted(path.name[-12:] for path in locks.iterdir()) == ["later.ticket", "0-new.ticket"][::-1]
    assert queue_position(locks, "new") == 1


def names(workspace: Workspace) -> set[str]:
    return {path.name for path in workspace.projects_dir.iterdir()}
