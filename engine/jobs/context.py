"""What a worker sees of its job: settings in, progress and results out.

A worker module defines `main(job: JobContext) -> dict` and ends with `run_worker(main)`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from engine.errors import TuneworthError
from engine.jobs.crash import crash_point
from engine.jobs.events import append_event, heal
from engine.jobs.folder import JobFolder
from engine.project.files import storage_error, write_json
from engine.project.project import Project

ORPHAN_SECONDS = 50.0  # as STOP_PATIENCE of the manager: 30 s to notice the flag, 20 s after TERM
PROGRESS_EVERY = 0.2  # seconds between progress lines; the first and the last one of a stage are always written


class Stopped(Exception):
    """Raised to leave after a graceful stop; `result` is kept as the job's result."""

    def __init__(self, result: dict[str, Any] | None = None) -> None:
        super().__init__("stopped")
        self.result = result or {}


class JobContext:
    """The worker's side of one job."""

    def __init__(self, folder: Path, guard: int | None = None) -> None:
        self._files = JobFolder(folder)
        self._spec = self._files.spec()
        self._terminated = False
        self._parent = guard or os.getppid()  # the guard may be gone before we look
        self._last_progress, self._last_stage = 0.0, ""

    @property
    def id(self) -> str:
        """The job's id."""
        return self.folder.name

    @property
    def settings(self) -> dict[str, Any]:
        """Frozen settings, as given at the start."""
        return dict(self._spec["settings"])

    @property
    def folder(self) -> Path:
        """The job's folder; a worker may keep its own files here."""
        return self._files.path

    @property
    def attempt(self) -> int:
        """0 for the first start, then how often it was resumed."""
        body = self._files.optional(self.folder / "attempts.json") or {}
        return int(body.get("resumed", 0))

    def project(self) -> Project:
        """The project this job belongs to."""
        return Project(self.folder.parent.parent)

    def progress(self, done: float, total: float, text: str) -> None:
        """Tell how far the job is, in words fit for the screen. Cheap to call often."""
        now, stage = time.monotonic(), text.partition(":")[0]
        if done < total and stage == self._last_stage and now - self._last_progress < PROGRESS_EVERY:
            return
        self._last_progress, self._last_stage = now, stage
        self._event("progress", {"done": done, "total": total, "text": text})

    def metric(self, step: int, **numbers: Any) -> None:
        """Record numbers of one step (loss, eval_loss, learning_rate, ...)."""
        self._event("metric", {"step": step, **numbers})

    def notice(self, text: str) -> None:
        """Say something the user should read later, for example what was left out and why."""
        self._event("notice", {"text": text}, durable=True)

    def stop_requested(self) -> bool:
        """Whether the worker should save and leave: the flag, a TERM signal, or a dead guard."""
        return self._terminated or self._files.stop_file.exists() or self.orphaned()

    def orphaned(self) -> bool:
        """Whether the guard is gone."""
        return os.getppid() != self._parent

    def check_stop(self) -> None:
        """Raise Stopped when a stop was requested."""
        if self.stop_requested():
            raise Stopped

    def _event(self, kind: str, data: dict[str, Any], *, durable: bool = False) -> None:
        append_event(self._files.events_file, kind, data, durable=durable)

    def _on_term(self, number: int, frame: FrameType | None) -> None:
        self._terminated = True

    def _finish(self, state: str, result: dict[str, Any]) -> None:
        crash_point("worker.before_result")
        self._event("result", {"state": state, "result": result}, durable=True)
        write_json(self._files.outcome_file, {"state": state, "result": result})

    def _fail(self, error: TuneworthError) -> None:
        self._event("error", error.to_json(), durable=True)


def run_worker(main: Callable[[JobContext], dict[str, Any]]) -> None:
    """Run `main` on the job folder named on the command line and turn every ending into one clear state."""
    job = JobContext(Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
    heal(job.folder / "events.jsonl")
    signal.signal(signal.SIGTERM, job._on_term)
    _die_with_parent()
    threading.Thread(target=_end_orphan, args=(job,), daemon=True).start()
    job._event("started", {"attempt": job.attempt})
    try:
        result = main(job)
        job._finish("stopped" if result.get("stopped") else "succeeded", result)
    except Stopped as stop:
        job._finish("stopped", {"stopped": True, **stop.result})
    except TuneworthError as error:
        traceback.print_exc()
        job._fail(error)
        sys.exit(1)
    except OSError as error:
        traceback.print_exc()
        job._fail(storage_error(error, Path(str(error.filename or "a file"))))
        sys.exit(1)
    except MemoryError:
        traceback.print_exc()
        job._fail(TuneworthError("This computer ran out of memory.", "Close other programs or use less data at once."))
        sys.exit(1)


def _end_orphan(job: JobContext) -> None:
    """Kill this process when its guard has been gone for as long as a guard waits after a stop.

    Nobody else could: an orphan in a phase that never looks would go on working on a project that may be resumed.
    """
    while not job.orphaned():
        time.sleep(1)
    time.sleep(ORPHAN_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _die_with_parent() -> None:
    """Ask Linux for a TERM when the guard dies, so that an orphan saves and leaves. Elsewhere the pid check does it."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
