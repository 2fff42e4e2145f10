"""Files that are either the old or the new, never half; and names that cannot leave their folder."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import InputError, NotFound, StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def storage_guard(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk into one sentence. Other OSErrors pass through."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> StorageError:
    """Return the sentence for a failed write to `path`."""
    if error.errno in _FULL:
        return StorageError(
            f"The disk is full: {path.name} could not be written.",
            "Free some space and try again. What was saved before is unchanged.",
        )
    if error.errno in _READ_ONLY:
        return StorageError(
            f"The folder {path.parent.name} does not allow writing.",
            "Choose another workspace folder or change its permissions.",
        )
    return StorageError(f"{path.name} could not be written ({error.strerror}).", "Check the disk and try again.")


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` so that after a crash `path` holds either the old or the new bytes.

    Raises StorageError on a full or read-only disk; then the old file is untouched and no temp file stays.
    Raises InputError when `path` is a folder, a device or a socket.
    """
    with storage_guard(path):
        refuse_special(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temp = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temp, path)
        except BaseException:
            Path(temp).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def refuse_special(path: Path) -> None:
    """Raise InputError when `path` exists and is no regular file: a device would be replaced, not written to."""
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a device, a pipe or a socket"
        raise InputError(f"{path.name} is {kind}, not a file.", "Name a file to write.")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no folder handles to sync
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as UTF-8 JSON, atomically."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8"))


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises NotFound when it is missing, InputError when it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"{path.name} does not exist.") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is damaged: it is not valid JSON.") from error


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inside(root: Path, path: Path | str) -> Path:
    """Return `root / path` resolved; raise InputError when it would leave `root`."""
    whole = (root / path).resolve()
    if not whole.is_relative_to(root.resolve()):
        raise InputError("That path leads outside the project folder.", "Use a plain file name.")
    return whole


_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}


def safe_name(text: str, fallback: str = "file") -> str:
    """Return a plain file name (letters, digits, `.`, `-`, `_`, at most 80) made from any text."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip(".-_")[:80]
    if not name or name.split(".")[0].lower() in _RESERVED:
        return fallback
    return name
