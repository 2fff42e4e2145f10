"""The files of one job, and who writes which.

job.json (manager, once) · state files exit.json and heartbeat.json (shim) · events.jsonl and outcome.json (worker) ·
log.txt (both) · stop (manager: a flag) · attempts.json (manager: how often it was resumed) · imported (archives).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, NotFound
from engine.project.archive_files import IMPORTED
from engine.project.files import read_json

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "title": str,
    "module": str,
    "settings": dict,
    "heavy": bool,
    "created": (int, float),
    "queued_at": (int, float),
    "token": str,
}


@dataclass(frozen=True)
class JobFolder:
    """Paths inside `jobs/<id>/`."""

    path: Path

    @property
    def spec_file(self) -> Path:
        """Kind, module, frozen settings."""
        return self.path / "job.json"

    @property
    def events_file(self) -> Path:
        """Append-only events."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """Everything the worker printed."""
        return self.path / "log.txt"

    @property
    def heartbeat_file(self) -> Path:
        """Written by the shim every 2 s."""
        return self.path / "heartbeat.json"

    @property
    def exit_file(self) -> Path:
        """How it ended; its presence means that it ended."""
        return self.path / "exit.json"

    @property
    def outcome_file(self) -> Path:
        """Written by the worker last: state and result."""
        return self.path / "outcome.json"

    @property
    def stop_file(self) -> Path:
        """Presence asks the worker to save and leave."""
        return self.path / "stop"

    @property
    def imported(self) -> bool:
        """Whether it came in an archive: it never ran here, and what it says about processes means nothing."""
        return (self.path / IMPORTED).exists()

    @property
    def locks(self) -> Path:
        """Folder of the device queue, from where the job lies: `workspace/projects/ID/jobs/ID`."""
        return self.path.parents[3] / "locks"

    def spec(self) -> dict[str, Any]:
        """Return job.json. Raises NotFound, InputError when it is damaged."""
        found = read_json(self.spec_file)
        if not isinstance(found, dict) or any(not isinstance(found.get(key), kind) for key, kind in _FIELDS.items()):
            raise InputError("job.json is damaged.")
        return found

    def optional(self, file: Path) -> dict[str, Any] | None:
        """Return a JSON object, or None when the file is not there yet."""
        try:
            found = read_json(file)
        except (NotFound, InputError):
            return None
        return found if isinstance(found, dict) else None
