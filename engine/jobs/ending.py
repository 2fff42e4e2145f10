"""How a job ended, in one sentence, when the worker could not say it itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from engine.errors import JobError

NEARLY_FULL_BYTES = 32 * 2**20  # less than the smallest checkpoint of ours: a job that saves needs more


def explain_ending(
    state: str, ending: dict[str, Any], folder: Path | None = None, *, imported: bool = False
) -> dict[str, Any]:
    """Return the inner error body for a `failed` or `lost` job without a reported error; `folder` is the job's."""
    error = JobError(*_IMPORTED) if imported and state == "lost" else _error(state, ending, _free(folder))
    body: dict[str, Any] = error.to_json()["error"]
    return body


_IMPORTED = (
    "The job had not ended when the project was exported, and does not go on here.",
    "Start the work again from its page.",
)


def _free(folder: Path | None) -> int | None:
    """Bytes free where the job works, now; None when it cannot be told."""
    try:
        return shutil.disk_usage(folder).free if folder else None
    except OSError:
        return None


def _error(state: str, ending: dict[str, Any], free: int | None) -> JobError:
    if free is not None and free < NEARLY_FULL_BYTES and ending.get("signal") is None:
        return JobError(
            f"The disk is full ({free / 2**20:.0f} MB free), so the job could not save and ended.",
            "Free some space, then resume it. What was saved before is unchanged.",
        )
    if state == "lost":
        return JobError(
            "The job ended without a word: its process was killed or the computer was switched off.",
            "Everything saved before is still there. Start it again, or resume it.",
        )
    number = ending.get("signal")
    if number == 9 and ending.get("oom_kills"):
        gigabytes = ending.get("peak_rss_bytes", 0) / 2**30
        return JobError(
            f"The computer ran out of memory and ended the job (it used {gigabytes:.1f} GB).",
            "Use a smaller batch, shorter texts or a smaller model, then resume.",
        )
    if number is not None:
        return JobError(f"The job was killed from outside (signal {number}).", "Resume it, or start it again.")
    return JobError(
        "The job stopped because of a fault inside Tuneworth or one of its libraries.",
        "Open the log for details. Your data is unchanged.",
    )
