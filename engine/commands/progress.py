"""Progress of a command: words on standard error, at most once a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.data.encoders import Report


def progress() -> Report:
    """Report on standard error."""
    last = time.monotonic()

    def report(done: float, total: float, text: str) -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            sys.stderr.write(f"{text}\n")

    return report
