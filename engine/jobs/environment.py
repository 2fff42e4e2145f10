"""The environment of worker processes: offline, quiet, and with threads that do not fight each other."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import engine


def guard_environment() -> dict[str, str]:
    """Return this process's environment with a search path that finds this very `engine` from any folder.

    Relative entries of PYTHONPATH are made absolute here: in another working folder they would name other files.
    """
    own = str(Path(engine.__file__).resolve().parent.parent)
    given = [str(Path(entry).resolve()) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    installed = own == sysconfig.get_path("purelib")  # then it is found anyway, after the standard library
    entries = given if installed else [own, *given]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(entries))}


def worker_environment(*, online: bool = False) -> dict[str, str]:
    """Return the environment for a worker.

    Threads: at most cores - 1 with passive waiting (default OpenMP threads cost up to 25x under contention,
    facts/training.md section 2). The hub is offline unless the user allowed it for this job.
    """
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    keep = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT_")}
    fixed = {
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "0" if online else "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    return {"OMP_NUM_THREADS": threads, **keep, **fixed}
