"""Is that process still the one we started? Pid, start time and a token decide, since pids are reused."""

from __future__ import annotations

from typing import Any

import psutil

CREATE_TIME_TOLERANCE = 2.0  # seconds; the clock may be corrected while a job runs


def describe(pid: int) -> dict[str, Any]:
    """Return what identifies a live process: pid and create_time."""
    return {"pid": pid, "create_time": psutil.Process(pid).create_time()}


def alive(identity: dict[str, Any] | None, token: str) -> bool:
    """Whether the described process still runs. A zombie does not; nor does another process with the same pid."""
    if not identity:
        return False
    try:
        process = psutil.Process(int(identity["pid"]))
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if abs(process.create_time() - float(identity["create_time"])) <= CREATE_TIME_TOLERANCE:
            return True
        return any(token in part for part in process.cmdline())  # the machine's clock moved: the token decides
    except (psutil.NoSuchProcess, psutil.AccessDenied, KeyError, TypeError, ValueError):
        return False
