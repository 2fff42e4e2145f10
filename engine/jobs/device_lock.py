"""One heavy job at a time on this machine: the others queue in the order they were started.

The lock is an flock whose file descriptor the worker inherits, so it stays held until the last of shim and worker is
gone, even after kill -9 of one of them. Tickets give the order; a ticket whose owner died is passed over.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.project.processes import alive, describe

RESERVED_SECONDS = 15.0  # a guard that has not come up by then never will


class DeviceLock:
    """Queue for the one heavy slot of a workspace."""

    def __init__(self, folder: Path, token: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._token = folder, token
        self._ticket: Path | None = None
        self.handle: int | None = None

    def acquire(self, give_up: Callable[[], bool], started: float) -> bool:
        """Wait for the slot; False when `give_up()` came true first. `started` (seconds) is the place in the queue."""
        self._ticket = _ticket(self._folder, self._token, started)
        _write(self._ticket, {**describe(os.getpid()), "token": self._token})
        while not give_up():
            if self._is_first() and self._try_lock():
                return True
            time.sleep(0.2)
        self._leave_queue()
        return False

    def release(self) -> None:
        """Free the slot (the kernel does it too when all holders are gone)."""
        self._leave_queue()
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    def _leave_queue(self) -> None:
        if self._ticket is not None:
            self._ticket.unlink(missing_ok=True)

    def _is_first(self) -> bool:
        for ticket in sorted(self._folder.glob("*.ticket")):
            if ticket == self._ticket:
                return True
            if _owner_lives(ticket):
                return False
            ticket.unlink(missing_ok=True)
        return True

    def _try_lock(self) -> bool:
        handle = os.open(self._folder / "device.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        os.set_inheritable(handle, True)
        self.handle = handle
        return True


def reserve(folder: Path, token: str, started: float) -> None:
    """Take a place in the queue for a guard that is about to start: guards come up in any order."""
    folder.mkdir(parents=True, exist_ok=True)
    _drop_stale(folder)
    _write(_ticket(folder, token, started), {"reserved": time.time(), "token": token})


def _ticket(folder: Path, token: str, started: float) -> Path:
    return folder / f"{int(started * 1e6):020d}-{token}.ticket"


def _write(ticket: Path, owner: dict[str, Any]) -> None:
    """Replace in one move, so that nobody reads half a ticket."""
    draft = ticket.with_suffix(".draft")
    draft.write_text(json.dumps(owner))
    os.replace(draft, ticket)


def queue_position(folder: Path, token: str) -> int | None:
    """Return how many jobs are ahead of the one with this token; None when it does not wait."""
    tickets = sorted(folder.glob("*.ticket"))
    for place, ticket in enumerate(tickets):
        if token in ticket.name:
            return sum(_owner_lives(other) for other in tickets[:place])
    return None


def _drop_stale(folder: Path) -> None:
    """Remove tickets of jobs that died or were deleted while they waited, and half-written ones."""
    for ticket in folder.glob("*.ticket"):
        if not _owner_lives(ticket):
            ticket.unlink(missing_ok=True)
    for draft in folder.glob("*.draft"):
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > RESERVED_SECONDS:
                draft.unlink()


def _owner_lives(ticket: Path) -> bool:
    try:
        owner = json.loads(ticket.read_text())
    except FileNotFoundError:
        return False
    except ValueError:
        return False
    if "reserved" in owner:
        return time.time() - float(owner["reserved"]) < RESERVED_SECONDS
    return alive(owner, str(owner.get("token", "")))
