"""Hidden folders of an import or a deletion that a crash cut short: swept when the workspace opens.

Whoever works in one holds it with an flock on the folder itself, which the kernel drops when the process dies.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIXES = (".importing-", ".deleting-")
SETTLE_SECONDS = 60.0  # between making a folder and holding it


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, so that nobody sweeps it. It may be renamed or deleted meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(projects: Path) -> None:
    """Delete what is left behind and held by nobody. What cannot be deleted stays for the next time."""
    for folder in projects.iterdir():
        if folder.name.startswith(PREFIXES):
            with suppress(OSError):  # gone by itself, held by its owner, or not ours to delete
                _delete_unheld(folder)


def _delete_unheld(folder: Path) -> None:
    if time.time() - folder.stat().st_ctime < SETTLE_SECONDS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(handle)
