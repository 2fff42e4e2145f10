"""Start, find, stop and resume the jobs of one project. State lives on disk; this class keeps none."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import Conflict, InputError, NotFound
from engine.jobs.crash import crash_point
from engine.jobs.device_lock import reserve
from engine.jobs.environment import guard_environment
from engine.jobs.folder import JobFolder
from engine.jobs.job import Job
from engine.jobs.kinds import check_program
from engine.project.files import read_json, storage_guard, write_atomic, write_json
from engine.project.project import Project
from engine.project.records import new_id

STOP_PATIENCE = (30.0, 20.0)  # seconds from the stop flag to TERM, and from TERM to KILL (facts/compliance.md 4)


class JobManager:
    """Jobs of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def start(
        self,
        kind: str,
        module: str,
        settings: dict[str, Any],
        *,
        title: str,
        heavy: bool = True,
        online: bool = False,
        stop_patience: tuple[float, float] = STOP_PATIENCE,
    ) -> Job:
        """Start a job and return at once. Heavy jobs queue for the device. Raises StorageError.

        Raises Conflict when `module` is not the program of this kind (engine/jobs/kinds.py).
        """
        check_program(kind, module, online=online)
        folder = self._project.dir("jobs") / new_id()
        now = time.time()
        spec = {
            "kind": kind,
            "title": title,
            "module": module,
            "settings": settings,
            "heavy": heavy,
            "online": online,
            "stop_patience": stop_patience,
            "created": now,
            "queued_at": now,
            "token": uuid.uuid4().hex,
        }
        with storage_guard(folder):
            folder.mkdir()
        write_json(folder / "job.json", spec)
        self._spawn(JobFolder(folder), spec)
        return self.get(folder.name)

    def get(self, job_id: str) -> Job:
        """Return a fresh view. Raises NotFound."""
        folder = self._project.dir("jobs") / job_id
        if not job_id.isalnum() or not (folder / "job.json").exists():
            raise NotFound("There is no such job in this project.")
        return Job(folder, time.time())

    def list(self, kind: str | None = None) -> list[Job]:
        """Return all jobs, oldest first, found on disk: nothing has to be remembered over a restart."""
        jobs = []
        for folder in self._project.dir("jobs").iterdir():
            try:
                jobs.append(Job(folder, time.time()))
            except (NotFound, InputError, NotADirectoryError):
                continue  # half-made or damaged: it is no job, and must not hide the others
        return sorted((job for job in jobs if kind in (None, job.kind)), key=lambda job: job.created)

    def active(self) -> Sequence[Job]:
        """Jobs that have not ended."""
        return [job for job in self.list() if not job.ended_state]

    def stop(self, job_id: str) -> None:
        """Ask a job to save and leave; the guard escalates when it does not. Stopping twice is harmless."""
        job = self.get(job_id)
        if job.ended_state:
            return
        write_atomic(JobFolder(job.folder).stop_file, b"")

    def resume(self, job_id: str) -> Job:
        """Start another attempt of a job that failed, was stopped or lost. Raises Conflict."""
        job = self.get(job_id)
        if job.imported:
            raise Conflict(
                "This job came with an imported project, so it cannot be resumed here.",
                "Start the work again from its page; the data and settings of the project are there.",
            )
        if not job.can_resume:
            raise Conflict("Only a job that ended before it was done can be resumed.")
        files = JobFolder(job.folder)
        online = bool(files.spec().get("online"))
        check_program(job.kind, job.module, online=online)
        attempts = files.optional(job.folder / "attempts.json") or {"resumed": 0, "endings": []}
        attempts["resumed"] += 1
        attempts["endings"].append(job.exit or {"state": "lost"})
        write_json(job.folder / "attempts.json", attempts)
        spec = {**files.spec(), "online": online, "token": uuid.uuid4().hex, "queued_at": time.time()}
        write_json(files.spec_file, spec)
        for name in ("stop", "outcome.json", "heartbeat.json", "exit.json"):
            (job.folder / name).unlink(missing_ok=True)
        self._spawn(files, spec)
        return self.get(job_id)

    def wait(self, job_id: str, timeout: float | None = None, watch: Callable[[Job], None] | None = None) -> Job:
        """Block until a job has ended (or `timeout` seconds passed) and return it. For commands, never for pages."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            job = self.get(job_id)
            if watch:
                watch(job)
            if job.ended_state or (end is not None and time.monotonic() > end):
                return job
            time.sleep(0.1)

    def _spawn(self, files: JobFolder, spec: dict[str, Any]) -> None:
        """Take a place in the queue and start the guard, with the program on its command line."""
        token, module = str(spec["token"]), str(spec["module"])
        if spec["heavy"]:
            reserve(files.locks, token, float(spec["queued_at"]))
        crash_point("manager.before_spawn")
        with files.log_file.open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.jobs.shim", str(files.path), token, module],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                close_fds=True,
                env=guard_environment(),
                cwd=self._project.workspace_root,
            )


def frozen_settings(job: Job) -> dict[str, Any]:
    """Return the settings as written on disk (the run's own, never a form's draft)."""
    return dict(read_json(JobFolder(job.folder).spec_file)["settings"])
