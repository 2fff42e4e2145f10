"""Uploaded bytes on their way into the project: in pieces, hashed while they are written, kept under their hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from engine.data.file_kind import is_workbook_name
from engine.data.ingest_rules import ingest_rules
from engine.data.read_result import ReaderSettings
from engine.project.files import inside, safe_name, storage_guard
from engine.project.project import Project

PIECE = 1 << 20


@dataclass(frozen=True)
class Upload:
    """A file in the project's uploads folder, not read yet. `new` means it was not there before."""

    file: str
    sha256: str
    bytes: int
    settings: ReaderSettings = field(default_factory=ReaderSettings)
    new: bool = False

    def path(self, project: Project) -> Path:
        """Where its bytes are."""
        return stored(project, self.sha256)


def store_upload(project: Project, data: IO[bytes], name: str, settings: ReaderSettings | None = None) -> Upload:
    """Copy a stream into the project without holding it in memory. Raises StorageError; then nothing stays."""
    folder = project.dir("uploads")
    with storage_guard(folder / "upload"):
        handle, temp = tempfile.mkstemp(prefix=".tmp-", dir=folder)
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                while block := data.read(PIECE):
                    digest.update(block)
                    file.write(block)
                    size += len(block)
                file.flush()
                os.fsync(file.fileno())
            path = stored(project, digest.hexdigest())
            new = not path.exists()
            if new:
                os.replace(temp, path)
        finally:
            Path(temp).unlink(missing_ok=True)
    return Upload(shown_name(name), digest.hexdigest(), size, settings or ReaderSettings(), new)


def stored(project: Project, sha256: str) -> Path:
    """Where an upload with this fingerprint lies."""
    return inside(project.dir("uploads"), sha256)


def shown_name(name: str) -> str:
    """The file's own name without folders; only a name, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return last if last.strip() else safe_name(name)


def needs_job(uploads: list[Upload]) -> bool:
    """Whether reading takes more than about a second, so that it is done in a job."""
    return sum(upload.bytes / _limit(upload.file) for upload in uploads) > 1


def _limit(name: str) -> int:
    rules = ingest_rules().job
    if is_workbook_name(name):
        return rules.workbook_bytes
    return rules.parquet_bytes if name.lower().endswith(".parquet") else rules.text_bytes
