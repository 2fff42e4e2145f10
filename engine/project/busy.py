"""Is somebody still working in a job folder? Guard and worker are looked at, not only the file that says so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from engine.errors import InputError, NotFound
from engine.project.archive_files import IMPORTED
from engine.project.files import read_json
from engine.project.processes import alive

START_SECONDS = 15.0  # a guard that has not beaten by then never came up
BEATS_SECONDS = 10.0  # a guard beats every 2 s


def is_busy(job: Path) -> bool:
    """Whether a process works in this folder, or is about to: not yet ended, and guard or worker lives."""
    if (job / IMPORTED).exists():
        return False
    beat, spec = _object(job / "heartbeat.json"), _object(job / "job.json")
    token = str(spec.get("token") or "no token")
    if alive(beat.get("worker"), token):
        return True  # even behind an ending: it may have been written by hand
    if (job / "exit.json").exists():
        return False
    if beat.get("shim"):
        return alive(beat["shim"], token)
    return _just_written(job, spec)


def _just_written(job: Path, spec: dict[str, Any]) -> bool:
    """A job that starts has no heartbeat yet; one whose heartbeat cannot be read counts while the file is new."""
    queued = spec.get("queued_at")
    if isinstance(queued, (int, float)) and 0 <= time.time() - queued < START_SECONDS:
        return True
    try:
        return time.time() - (job / "heartbeat.json").stat().st_mtime < BEATS_SECONDS
    except FileNotFoundError:
        return False


def _object(file: Path) -> dict[str, Any]:
    try:
        found = read_json(file)
    except (NotFound, InputError, OSError):
        return {}
    return found if isinstance(found, dict) else {}
