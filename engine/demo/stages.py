"""How long each stage took and what it did to the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import TuneworthError, error_from_json
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project

Tell = Callable[[str], None]


@dataclass
class Stage:
    """One stage; rows are None where it has none."""

    name: str
    seconds: float = 0.0
    rows_in: int | None = None
    rows_out: int | None = None


class Stages:
    """Collects stages in order and tells the watcher about each."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self._found: list[Stage] = []

    @contextmanager
    def measure(self, name: str, words: str) -> Iterator[Stage]:
        """Time one stage."""
        stage = Stage(name)
        self.tell(words)
        begin = time.monotonic()
        yield stage
        stage.seconds = round(time.monotonic() - begin, 2)
        self._found.append(stage)

    def to_json(self) -> list[dict[str, Any]]:
        """All stages so far."""
        return [asdict(stage) for stage in self._found]


def finish(project: Project, job: Job, tell: Tell) -> dict[str, Any]:
    """Wait for a job, telling its progress; return its result. Raises the job's error."""
    last = ""

    def watch(view: Job) -> None:
        nonlocal last
        text = view.progress.text
        if text != last and view.state == "running":
            last = text
            tell(f"  {text}")

    ended = JobManager(project).wait(job.id, watch=watch)
    if ended.state == "stopped":
        raise TuneworthError(f"{ended.title} was stopped.", "Start the demo again.")
    if ended.error is not None:
        raise error_from_json(ended.error)
    return ended.result or {}
