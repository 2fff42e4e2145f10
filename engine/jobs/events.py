"""The event log of a job: JSON lines, appended by the worker, read by anybody at any time.

Types: `progress` (done, total, text), `metric` (step and numbers), `notice` (text), `result`, `error`, `started`.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Event:
    """One line of events.jsonl; `number` is its 1-based line."""

    number: int
    type: str
    time: float
    data: dict[str, Any]


def append_event(path: Path, kind: str, data: dict[str, Any], *, durable: bool = False) -> None:
    """Append one event in a single write, so that readers see whole lines. `durable` also syncs to disk."""
    line = json.dumps({"type": kind, "time": time.time(), **_finite(data)}, ensure_ascii=False) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode("utf-8"))
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def _finite(data: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: write such numbers as the strings `nan`, `inf`, `-inf`, so that they are not hidden."""
    return {
        key: str(value)
        if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf")))
        else value
        for key, value in data.items()
    }


def read_events(path: Path, after: int = 0) -> list[Event]:
    """Return the events after line number `after`. A torn last line (a crash mid-write) is left out."""
    if not path.exists():
        return []
    found = []
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if number <= after or not raw.endswith(b"\n"):
                continue
            try:
                body = json.loads(raw)
            except ValueError:
                continue  # the torn line of a killed writer, completed by the next writer's newline
            kind, when = str(body.pop("type", "")), float(body.pop("time", 0.0))
            found.append(Event(number, kind, when, body))
    return found


def heal(path: Path) -> None:
    """End a torn last line with a newline, so that a resumed worker starts on a fresh one."""
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
