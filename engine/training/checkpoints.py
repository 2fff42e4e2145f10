"""Checkpoints that are whole or do not count.

A checkpoint is complete when its marker file lists every file with its size and all of them are there. The marker is
written last, after the files were synced, so a kill or a power cut leaves an unmarked folder that is passed over.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from engine.errors import TuneworthError
from engine.project.files import read_json, write_json

MARKER = "tuneworth-complete.json"
_NAME = re.compile(r"checkpoint-(\d+)")


def step_of(folder: Path) -> int:
    """Return the step in the folder's name; -1 for another folder."""
    found = _NAME.fullmatch(folder.name)
    return int(found.group(1)) if found else -1


def mark_complete(folder: Path) -> None:
    """Sync all files of a checkpoint, then write the marker. Raises StorageError."""
    sizes = {}
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name != MARKER:
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
            sizes[file.name] = file.stat().st_size
    write_json(folder / MARKER, {"files": sizes})


def is_complete(folder: Path) -> bool:
    """Whether the marker is there and every file has the size it says."""
    try:
        sizes = read_json(folder / MARKER)["files"]
        return bool(sizes) and all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (TuneworthError, OSError, KeyError, TypeError, AttributeError):
        return False


def complete(folder: Path) -> list[Path]:
    """Return the complete checkpoints in a folder, oldest step first."""
    if not folder.exists():
        return []
    found = [path for path in folder.iterdir() if step_of(path) >= 0 and is_complete(path)]
    return sorted(found, key=step_of)


def newest_complete(folder: Path) -> Path | None:
    """Return the complete checkpoint with the highest step, or None."""
    found = complete(folder)
    return found[-1] if found else None


def drop_incomplete(folder: Path) -> list[Path]:
    """Delete half-written checkpoints (they can never be used) and return them."""
    if not folder.exists():
        return []
    broken = [path for path in folder.iterdir() if step_of(path) >= 0 and not is_complete(path)]
    for path in broken:
        shutil.rmtree(path)
    return broken


def keep_best_and_last(folder: Path, best_step: int | None) -> None:
    """Delete complete checkpoints other than the best and the newest."""
    found = complete(folder)
    for path in found[:-1]:
        if step_of(path) != best_step:
            shutil.rmtree(path)
