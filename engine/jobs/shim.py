"""The guard of one job: `python -P -m engine.jobs.shim JOB_FOLDER TOKEN MODULE`.

It owns the worker (so that somebody can wait for it even after the app was restarted), waits for the device when the
job is heavy, beats every 2 s, carries out a stop in three phases and records how the worker ended.
The program comes on the command line from the manager, which checked it, never from the job folder; `-P` and a working
folder outside the project keep files of a job from being imported.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from engine.errors import StorageError
from engine.jobs.crash import crash_point
from engine.jobs.device_lock import DeviceLock
from engine.jobs.environment import worker_environment
from engine.jobs.folder import JobFolder
from engine.jobs.memory import oom_kills
from engine.project.files import write_json
from engine.project.processes import describe

BEAT_SECONDS = 2.0
POLL_SECONDS = 0.1


class Shim:
    """Runs one attempt of one job."""

    def __init__(self, folder: Path, token: str, module: str) -> None:
        self.files = JobFolder(folder)
        self.spec = self.files.spec()
        self.token, self.module = token, module
        self.me = describe(os.getpid())
        self.worker: subprocess.Popen[bytes] | None = None
        self.peak_rss = 0
        self.stop_phase = ""
        self.started: float | None = None

    def run(self) -> None:
        """Queue, start, watch, record."""
        self.beat()
        lock = DeviceLock(self.files.locks, self.token) if self.spec["heavy"] else None
        if lock and not lock.acquire(self._waiting_gave_up, float(self.spec["queued_at"])):
            self._record({"state": "stopped", "code": None, "signal": None, "phase": "before start"})
            return
        crash_point("shim.before_worker")
        try:
            oom_before = oom_kills()
            self._start(lock)
            code = self._watch()
            self._record(self._ending(code, oom_kills() - oom_before))
        finally:
            if lock:
                lock.release()

    def _waiting_gave_up(self) -> bool:
        self._beat_if_due()
        return self.files.stop_file.exists()

    def _start(self, lock: DeviceLock | None) -> None:
        command = [sys.executable, "-P", "-m", self.module, str(self.files.path), self.token, str(os.getpid())]
        with self.files.log_file.open("ab") as log:
            self.worker = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock.handle,) if lock and lock.handle is not None else (),
                env=worker_environment(online=bool(self.spec.get("online"))),
                cwd=self.files.locks.parent,
            )
        self.started = time.time()
        self.beat()

    def _watch(self) -> int:
        """Return the worker's exit code (negative = signal), after a stop in phases when asked for."""
        assert self.worker is not None
        asked: float | None = None
        term_after, kill_after = self.spec["stop_patience"]
        while (code := self.worker.poll()) is None:
            self._beat_if_due()
            if asked is None and self.files.stop_file.exists():
                asked, self.stop_phase = time.monotonic(), "flag"
            if asked is not None:
                self._escalate(time.monotonic() - asked, term_after, term_after + kill_after)
            time.sleep(POLL_SECONDS)
        return code

    def _escalate(self, waited: float, term_at: float, kill_at: float) -> None:
        """The flag comes first; TERM to the group at `term_at` seconds, KILL at `kill_at`."""
        if waited > kill_at and self.stop_phase != "kill":
            self.stop_phase = "kill"
            self._signal(signal.SIGKILL)
        elif term_at < waited <= kill_at and self.stop_phase == "flag":
            self.stop_phase = "term"
            self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        assert self.worker is not None
        try:
            os.killpg(self.worker.pid, number)
        except ProcessLookupError:
            self.stop_phase = self.stop_phase or "gone"

    def _ending(self, code: int, oom_delta: int) -> dict[str, Any]:
        killed_by = -code if code < 0 else None
        finished = self.files.optional(self.files.outcome_file) or {}
        if code == 0 and finished.get("state") in {"succeeded", "stopped"}:
            state = finished["state"]
        elif self.stop_phase:
            state = "stopped"
        else:
            state = "failed"
        return {
            "state": state,
            "code": code,
            "signal": killed_by,
            "phase": self.stop_phase or None,
            "oom_kills": oom_delta,
        }

    def _record(self, ending: dict[str, Any]) -> None:
        crash_point("shim.before_exit_record")
        body = {
            **ending,
            "started": self.started,
            "ended": time.time(),
            "peak_rss_bytes": self.peak_rss,
            "leftovers": self._end_leftovers(),
        }
        write_json(self.files.exit_file, body)

    def _end_leftovers(self) -> int:
        """End processes the worker left in its group; return how many there were."""
        if self.worker is None:
            return 0
        group = [p for p in psutil.process_iter(["pid"]) if _group_of(p.pid) == self.worker.pid]
        for process in group:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return len(group)

    def _beat_if_due(self) -> None:
        if time.monotonic() - self._last_beat >= BEAT_SECONDS:
            self.beat()

    def beat(self) -> None:
        """Write heartbeat.json. A full disk must not end the run, so a failed beat is skipped."""
        self._last_beat = time.monotonic()
        worker = None
        rss = 0
        if self.worker is not None and self.worker.poll() is None:
            try:
                worker = describe(self.worker.pid)
                rss = psutil.Process(self.worker.pid).memory_info().rss
            except psutil.NoSuchProcess:
                worker = None
        self.peak_rss = max(self.peak_rss, rss)
        body = {"shim": self.me, "worker": worker, "time": time.time(), "rss_bytes": rss, "started": self.started}
        try:
            write_json(self.files.heartbeat_file, body)
        except StorageError as error:
            sys.stderr.write(f"heartbeat skipped: {error.message}\n")


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None


if __name__ == "__main__":
    Shim(Path(sys.argv[1]), sys.argv[2], sys.argv[3]).run()
