"""Jobs are real processes here: started, killed, stopped, resumed and found again from disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.errors import Conflict, NotFound
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.workspace import Workspace

MODULE = "tests.fixtures.worker_script"


def start(project: Project, heavy: bool = False, **settings: Any) -> Job:
    return JobManager(project).start("test", MODULE, settings, title="A test job", heavy=heavy)


def wait_for(project: Project, job_id: str, *states: str, seconds: float = 30) -> Job:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = JobManager(project).get(job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(f"still {job.state}, log: {job.log_tail()}")


def worker_pid(job: Job) -> int:
    return int(json.loads((job.folder / "heartbeat.json").read_text())["worker"]["pid"])


def shim_pid(job: Job) -> int:
    return int(json.loads((job.folder / "heartbeat.json").read_text())["shim"]["pid"])


class Reached(Exception):
    pass


def until_step_1(job: Job) -> None:
    if job.step:
        raise Reached


def test_a_job_runs_to_its_result(project: Project) -> None:
    job = JobManager(project).wait(start(project, steps=3).id, timeout=30)
    assert job.state == "succeeded"
    assert job.result == {"steps": 3}
    assert [m["step"] for m in job.metrics()] == [1, 2, 3]
    assert job.progress.fraction == 1.0
    assert job.total_steps == 3


def test_five_megabytes_of_output_with_no_reader(project: Project) -> None:
    job = JobManager(project).wait(start(project, print_bytes=5_000_000, steps=1).id, timeout=30)
    assert job.state == "succeeded"
    assert len(job.log_tail(4000)) == 4000


def test_bad_input_becomes_one_sentence(project: Project) -> None:
    job = JobManager(project).wait(start(project, bad_input=True).id, timeout=30)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["message"] == "Row 3 has no answer."
    assert job.error["hint"] == "Fill it or drop it."


def test_a_fault_is_explained_without_a_traceback(project: Project) -> None:
    job = JobManager(project).wait(start(project, crash_text="boom").id, timeout=30)
    assert job.state == "failed"
    assert job.error is not None
    assert "boom" not in job.error["message"]
    assert "RuntimeError: boom" in job.log_tail()


def test_stop_saves_and_resume_goes_on(project: Project) -> None:
    job = start(project, steps=400, step_seconds=0.01)
    wait_for(project, job.id, "running")
    JobManager(project).stop(job.id)
    JobManager(project).stop(job.id)
    stopped = JobManager(project).wait(job.id, timeout=30)
    assert stopped.state == "stopped"
    assert stopped.result is not None
    saved = stopped.result["saved_step"]
    assert stopped.exit is not None
    assert stopped.exit["phase"] == "flag"
    JobManager(project).resume(job.id)
    done = JobManager(project).wait(job.id, timeout=60)
    assert done.state == "succeeded"
    assert [m["step"] for m in done.metrics()] == list(range(1, 401))
    assert saved < 400


def test_a_worker_that_ignores_stop_is_killed_in_the_end(project: Project) -> None:
    manager = JobManager(project)
    settings = {"ignore_stop": True, "steps": 1000, "step_seconds": 0.1}
    job = manager.start("test", MODULE, settings, title="Deaf", heavy=False, stop_patience=(0.3, 0.5))
    wait_for(project, job.id, "running")
    time.sleep(1)
    manager.stop(job.id)
    assert wait_for(project, job.id, "stopping").state == "stopping"
    ended = manager.wait(job.id, timeout=30)
    assert ended.state == "stopped"
    assert ended.exit is not None
    assert (ended.exit["phase"], ended.exit["signal"]) == ("kill", 9)


def test_kill_9_of_the_worker_is_told_as_such(project: Project) -> None:
    job = JobManager(project).wait(start(project, kill_self=True).id, timeout=30)
    assert job.state == "failed"
    assert job.error is not None
    assert "signal 9" in job.error["message"]


def test_kill_9_of_the_guard_ends_the_worker_which_saves(project: Project) -> None:
    manager = JobManager(project)
    job = start(project, heavy=True, steps=10_000, step_seconds=0.01)
    running = wait_for(project, job.id, "running")
    worker = psutil.Process(worker_pid(running))
    os.kill(shim_pid(running), signal.SIGKILL)
    stopped = wait_for(project, job.id, "stopped")
    assert stopped.ended is not None
    worker.wait(timeout=10)
    step = stopped.step or 0
    assert stopped.result == {"stopped": True, "saved_step": step}
    spec = json.loads((job.folder / "job.json").read_text())
    spec["settings"]["steps"] = step + 20
    (job.folder / "job.json").write_text(json.dumps(spec))
    manager.resume(job.id)
    assert manager.wait(job.id, timeout=30).state == "succeeded"


def test_a_reused_pid_is_not_taken_for_the_job(project: Project) -> None:
    job = start(project, steps=10_000, step_seconds=0.01)
    running = wait_for(project, job.id, "running")
    os.kill(shim_pid(running), signal.SIGKILL)
    wait_for(project, job.id, "stopped")
    (job.folder / "outcome.json").unlink()
    beat = json.loads((job.folder / "heartbeat.json").read_text())
    beat["shim"] = {"pid": os.getpid(), "create_time": 1.0}
    (job.folder / "heartbeat.json").write_text(json.dumps(beat))
    assert JobManager(project).get(job.id).state == "lost"


def test_a_moved_clock_does_not_lose_the_job(project: Project) -> None:
    job = start(project, steps=10_000, step_seconds=0.01)
    running = wait_for(project, job.id, "running")
    beat = json.loads((job.folder / "heartbeat.json").read_text())
    beat["shim"]["create_time"] -= 86_400
    (job.folder / "heartbeat.json").write_text(json.dumps(beat))
    assert JobManager(project).get(job.id).state in {"running", "queued"}
    JobManager(project).stop(running.id)
    JobManager(project).wait(running.id, timeout=30)


def test_heavy_jobs_run_one_at_a_time_in_order(project: Project) -> None:
    manager = JobManager(project)
    first = start(project, heavy=True, steps=100_000, step_seconds=0.02)
    second = start(project, heavy=True, steps=2)
    third = start(project, heavy=True, steps=2)
    wait_for(project, first.id, "running")
    time.sleep(0.5)
    assert manager.get(second.id).state == "queued"
    manager.stop(third.id)
    assert manager.wait(third.id, timeout=30).state == "stopped"
    assert manager.get(second.id).state == "queued"
    manager.stop(first.id)
    assert manager.wait(second.id, timeout=60).state == "succeeded"
    done = manager.get(first.id)
    assert done.ended is not None
    assert done.ended <= (manager.get(second.id).started or 0)


def test_jobs_survive_the_death_of_the_app(project: Project) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.project.project import Project;"
        "from engine.jobs.manager import JobManager; from engine.jobs.kinds import add_program;"
        f"add_program('test', {MODULE!r});"
        f"p = Project(Path({str(project.path)!r}));"
        f"print(JobManager(p).start('test', {MODULE!r}, {{'steps': 100, 'step_seconds': 0.02}},"
        "title='t', heavy=False).id,"
        "flush=True); import time; time.sleep(60)"
    )
    app = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert app.stdout is not None
    job_id = app.stdout.readline().strip()
    wait_for(project, job_id, "running")
    app.kill()
    app.wait()
    app.stdout.close()
    assert [job.id for job in JobManager(project).active()] == [job_id]
    assert JobManager(project).wait(job_id, timeout=30).state == "succeeded"


def test_leftover_children_are_ended_and_counted(project: Project) -> None:
    job = JobManager(project).wait(start(project, child=True, steps=1).id, timeout=30)
    assert job.state == "succeeded"
    assert job.exit is not None
    assert job.exit["leftovers"] == 1


def test_a_worker_that_outlives_its_guard_is_stopping_and_blocks_a_second_one(project: Project) -> None:
    manager = JobManager(project)
    job = start(project, ignore_stop=True, steps=150, step_seconds=0.02)
    running = wait_for(project, job.id, "running")
    os.kill(shim_pid(running), signal.SIGKILL)
    psutil.wait_procs([psutil.Process(shim_pid(running))], timeout=10)
    orphan = manager.get(job.id)
    assert (orphan.state, orphan.can_resume) == ("stopping", False)
    with pytest.raises(Conflict):
        manager.resume(job.id)
    done = manager.wait(job.id, timeout=30)
    assert (done.state, done.result) == ("succeeded", {"steps": 150})
    assert 0 < done.seconds < 30


def test_an_orphan_that_never_looks_is_ended(project: Project) -> None:
    job = start(project, ignore_stop=True, steps=100_000, step_seconds=0.05, orphan_seconds=0.5)
    running = wait_for(project, job.id, "running")
    with pytest.raises(Reached):
        JobManager(project).wait(job.id, timeout=30, watch=until_step_1)
    worker = psutil.Process(worker_pid(running))
    os.kill(shim_pid(running), signal.SIGKILL)
    worker.wait(timeout=10)
    lost = wait_for(project, job.id, "lost")
    assert lost.error is not None
    assert lost.can_resume


def test_killed_before_the_ending_is_recorded_the_result_counts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNEWORTH_CRASH_AT", "shim.before_exit_record")
    done = JobManager(project).wait(start(project, heavy=True, steps=3).id, timeout=30)
    assert (done.state, done.result) == ("succeeded", {"steps": 3})
    assert done.ended is not None


@pytest.mark.parametrize("point", ["shim.before_worker", "worker.before_result"])
def test_killed_at_a_named_point_it_can_be_resumed(
    project: Project, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    manager = JobManager(project)
    monkeypatch.setenv("TUNEWORTH_CRASH_AT", point)
    job = start(project, heavy=True, steps=3)
    ended = wait_for(project, job.id, "lost", "failed")
    assert ended.error is not None
    monkeypatch.delenv("TUNEWORTH_CRASH_AT")
    manager.resume(job.id)
    assert manager.wait(job.id, timeout=30).result == {"steps": 3}


def test_only_unfinished_jobs_resume(project: Project) -> None:
    job = JobManager(project).wait(start(project, steps=1).id, timeout=30)
    with pytest.raises(Conflict):
        JobManager(project).resume(job.id)
    with pytest.raises(NotFound):
        JobManager(project).get("../../etc")


def test_a_full_disk_is_named_as_the_reason(small_disk: Path) -> None:
    project = Workspace(small_disk / "w").create("Full")
    job = start(project, steps=10_000, step_seconds=0.01)
    wait_for(project, job.id, "running")
    fill = small_disk / "fill"
    subprocess.run(["dd", "if=/dev/zero", f"of={fill}", "bs=4k"], check=False, stderr=subprocess.DEVNULL)
    ended = JobManager(project).wait(job.id, timeout=30)
    assert ended.state in ("lost", "failed")
    assert ended.error is not None
    assert ended.error["message"].startswith("The disk is full")
    fill.unlink()
    assert ended.can_resume
