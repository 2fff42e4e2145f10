"""Tracebacks go to a file in the workspace, never to the screen. The user sees an error id to look it up."""

from __future__ import annotations

import logging
import uuid
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG = logging.getLogger("tuneworth.app")


def log_file(root: Path) -> Path:
    """Where the app of this workspace logs to."""
    return root / "logs" / "app.log"


def log_exception(root: Path, error: BaseException) -> str:
    """Write the traceback and return the id under which it can be found."""
    error_id = uuid.uuid4().hex[:8]
    path = log_file(root)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    except OSError:  # a read-only or full disk must not hide the first error: the terminal gets it instead
        _LOG.error("error %s (no log file could be written)", error_id, exc_info=error)
        return error_id
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _LOG.addHandler(handler)
    try:
        _LOG.error("error %s", error_id, exc_info=error)
    finally:
        _LOG.removeHandler(handler)
        handler.close()
    return error_id
