"""How a job ended, in one sentence, when the worker could not say it itself."""

from __future__ import annotations

from typing import Any

from engine.errors import JobError


def explain_ending(state: str, ending: dict[str, Any], *, imported: bool = False) -> dict[str, Any]:
    """Return the inner error body for a `failed` or `lost` job without a reported error."""
    body: dict[str, Any] = _error(state, ending, imported).to_json()["error"]
    return body


def _error(state: str, ending: dict[str, Any], imported: bool) -> JobError:
    if imported and state == "lost":
        return JobError(
            "The job had not ended when the project was exported, and does not go on here.",
            "Start the work again from its page.",
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
