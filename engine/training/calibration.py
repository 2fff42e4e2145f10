"""How fast this machine really trained: one figure per base and device, kept in the workspace."""

from __future__ import annotations

from pathlib import Path

from engine.errors import TuneworthError
from engine.project.files import read_json, write_json

FILE = "calibration.json"


def remember(workspace: Path, base_sha256: str, device: str, seconds: float, tokens: int) -> None:
    """Keep seconds per training token (checks and saves included) of the newest run. A full disk is no failure here."""
    if not base_sha256 or tokens <= 0:
        return
    try:
        known = _read(workspace)
        known[f"{device} {base_sha256}"] = seconds / tokens
        write_json(workspace / FILE, known)
    except TuneworthError:
        return  # an estimate less; the run itself is saved


def seconds_per_token(workspace: Path, base_sha256: str, device: str) -> float | None:
    """Return the measured figure, or None when this base never ran here."""
    return _read(workspace).get(f"{device} {base_sha256}")


def _read(workspace: Path) -> dict[str, float]:
    file = workspace / FILE
    if not file.exists():
        return {}
    try:
        return {str(key): float(value) for key, value in dict(read_json(file)).items()}
    except (TuneworthError, ValueError, TypeError):
        return {}  # damaged: it will be measured again
