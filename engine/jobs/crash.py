"""Named places where a test may kill the process, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

CRASH_VARIABLE = "TUNEWORTH_CRASH_AT"


def crash_point(name: str) -> None:
    """Kill this process (SIGKILL) when the environment names this point. Does nothing otherwise."""
    if os.environ.get(CRASH_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
