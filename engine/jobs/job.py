"""A job as anybody sees it: a frozen view read from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from engine.jobs.device_lock import queue_position
from engine.jobs.ending import explain_ending
from engine.jobs.events import Event, read_events
from engine.jobs.folder import JobFolder
from engine.project.busy import START_SECONDS
from engine.project.processes import alive

State = Literal["queued", "running", "stopping", "succeeded", "failed", "stopped", "lost"]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "stopped", "lost"})


@dataclass(frozen=True)
class Progress:
    """`fraction` 0..1 and a sentence for the screen."""

    fraction: float
    text: str


class Job:
    """View on one job folder. Reads at first use and keeps what it read: make a new one to look again."""

    def __init__(self, folder: Path, now: float) -> None:
        self._files = JobFolder(folder)
        self._now = now
        self.folder = folder
        self.id = folder.name
        spec = self._files.spec()
        self.kind: str = spec["kind"]
        self.title: str = spec["title"]
        self.module: str = spec["module"]
        self.settings: dict[str, Any] = spec["settings"]
        self.heavy: bool = spec["heavy"]
        self.created: float = spec["created"]
        self._queued_at: float = spec["queued_at"]
        self._token: str = spec["token"]
        self._locks = self._files.locks
        self.imported = self._files.imported
        # Who lives is looked at before the ending: both write their ending last, so "no ending" stands on fresh facts.
        self._alive_first = self._guard_alive()
        self._orphan = not self._alive_first and alive((self._beat or {}).get("worker"), self._token)
        self.exit = self._files.optional(self._files.exit_file)
        if self.exit is None and not self._alive_first and not self._orphan:
            self.exit = self._own_ending()

    def _guard_alive(self) -> bool:
        beat = None if self.imported else self._files.optional(self._files.heartbeat_file)
        self._beat = beat
        if self.imported:
            return False
        if beat is None:
            return self._now - self._queued_at < START_SECONDS
        return alive(beat.get("shim"), self._token)

    def _own_ending(self) -> dict[str, Any] | None:
        """What a worker wrote about its end when no guard was left to record it; None when it wrote nothing."""
        file = self._files.outcome_file
        outcome = self._files.optional(file)
        state = outcome.get("state") if outcome else None
        if state not in ("succeeded", "stopped"):
            return None
        times = {"started": (self._beat or {}).get("started"), "ended": file.stat().st_mtime}
        return {"state": state, "code": None, "signal": None, "phase": None, **times}

    @cached_property
    def state(self) -> State:
        """One of the seven states. A worker that outlived its guard saves and leaves by itself: it is stopping."""
        if self.exit is not None:
            ended: State = self.exit["state"]
            return ended
        if self._orphan:
            return "stopping"
        if not self._alive_first:
            return "lost"
        if self._files.stop_file.exists():
            return "stopping"
        return "running" if self._beat and self._beat.get("worker") else "queued"

    @property
    def ended_state(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ENDED

    @cached_property
    def _events(self) -> list[Event]:
        return read_events(self._files.events_file)

    def events(self, after: int = 0) -> list[Event]:
        """Events after line `after`."""
        return [event for event in self._events if event.number > after]

    def _last(self, kind: str) -> Event | None:
        """The newest event of a kind in the current attempt: an earlier attempt's error is history."""
        for event in reversed(self._events):
            if event.type == kind:
                return event
            if event.type == "started":
                return None
        return None

    @cached_property
    def progress(self) -> Progress:
        """How far, in words."""
        if self.state == "queued":
            ahead = self.queue_position
            return Progress(0.0, f"Waiting: {ahead} ahead" if ahead else "Starting")
        event = self._last("progress")
        if event is None:
            return Progress(1.0 if self.state == "succeeded" else 0.0, "Starting")
        total = float(event.data["total"]) or 1.0
        return Progress(min(1.0, float(event.data["done"]) / total), str(event.data["text"]))

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the last sign of progress; 0 before the first one."""
        event = self._last("progress")
        return max(0.0, self._now - event.time) if event else 0.0

    @property
    def queue_position(self) -> int | None:
        """How many jobs are ahead; None when it does not wait."""
        return queue_position(self._locks, self._token)

    def metrics(self) -> list[dict[str, Any]]:
        """Metric events by step; after a resume a repeated step keeps the numbers of the last attempt."""
        merged: dict[int, dict[str, Any]] = {}
        for event in self._events:
            if event.type == "metric":
                merged.setdefault(int(event.data["step"]), {}).update(event.data)
        return [merged[step] for step in sorted(merged)]

    @property
    def step(self) -> int | None:
        """Last step with a metric."""
        found = self.metrics()
        return int(found[-1]["step"]) if found else None

    @property
    def total_steps(self) -> int | None:
        """Planned steps, when the worker told."""
        return next((int(e.data["max_steps"]) for e in reversed(self._events) if "max_steps" in e.data), None)

    @property
    def notices(self) -> list[str]:
        """What the worker wanted the user to read."""
        return [str(event.data["text"]) for event in self._events if event.type == "notice"]

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """What the worker returned; None unless it succeeded or was stopped with a result."""
        outcome = self._files.optional(self._files.outcome_file)
        return dict(outcome["result"]) if outcome and self.exit is not None else None

    @cached_property
    def error(self) -> dict[str, Any] | None:
        """`{"code", "message", "hint", "where"}` for a failed, lost or killed job; None otherwise."""
        if self.state in {"failed", "lost"}:
            event = self._last("error")
            reported = event.data["error"] if event and self.state == "failed" else None
            return reported or explain_ending(self.state, self.exit or {}, self.folder, imported=self.imported)
        return None

    @property
    def started(self) -> float | None:
        """When the worker started (seconds since 1970)."""
        source = self.exit or self._beat or {}
        return source.get("started")

    @property
    def ended(self) -> float | None:
        """When it ended; None while it runs."""
        return self.exit["ended"] if self.exit else None

    @property
    def seconds(self) -> float:
        """How long the worker has run so far."""
        if self.started is None:
            return 0.0
        return max(0.0, (self.ended or self._now) - self.started)

    @property
    def can_resume(self) -> bool:
        """Whether it ended before it was done. A job of an imported project never ran here: it cannot go on."""
        return not self.imported and self.state in {"failed", "stopped", "lost"}

    def log_tail(self, limit: int = 8000) -> str:
        """Return the last `limit` bytes of the log, never reading the whole file."""
        try:
            with self._files.log_file.open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - limit))
                return file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def to_json(self) -> dict[str, Any]:
        """The contract's fields of `jobs show`."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "state": self.state,
            "step": self.step,
            "total_steps": self.total_steps,
            "progress": self.progress.fraction,
            "text": self.progress.text,
            "started": self.started,
            "ended": self.ended,
            "exit": self.exit,
            "error": self.error,
        }
