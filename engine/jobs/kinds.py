"""The programs a job may be, one line per kind. A new kind of job needs its line here.

A job folder can come from somebody else's archive. So nothing written in it chooses code or opens the network: the
manager looks its kind up here whenever it starts or resumes a job, and hands the program to the guard itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Conflict


@dataclass(frozen=True)
class Program:
    """Module that does the work; `online`: whether the user may allow its jobs to load from the model hub."""

    module: str
    online: bool = False


PROGRAMS = {
    "clean": Program("engine.data.worker"),
    "evaluate": Program("engine.evaluation.worker"),
    "export": Program("engine.data.worker_export"),
    "grow": Program("engine.providers.worker_grow"),
    "grow_local": Program("engine.data.grow.worker_local"),
    "import": Program("engine.data.worker_import"),
    "map": Program("engine.data.worker_map"),
    "meaning": Program("engine.data.quality.worker_meaning"),
    "prepare": Program("engine.data.worker_prepare"),
    "privacy": Program("engine.privacy.worker"),
    "split": Program("engine.data.worker_split"),
    "tokens": Program("engine.training.worker_model_view"),
    "train": Program("engine.training.worker", online=True),
}
_added: set[tuple[str, str]] = set()


def check_program(kind: str, module: str, *, online: bool = False) -> None:
    """Raise Conflict unless this module is the program of this kind, and `online` only where that is foreseen."""
    if (kind, module) in _added:
        return
    known = PROGRAMS.get(kind)
    if known is None or known.module != module:
        raise Conflict(
            f"No program {module[:80]!r} is known for jobs of the kind {kind[:40]!r}, so it was not started.",
            "Start the work again from its page. (In the code: the list is engine/jobs/kinds.py.)",
        )
    if online and not known.online:
        raise Conflict(f"Jobs of the kind {kind!r} never go online.", "Start the work again from its page.")


def add_program(kind: str, module: str) -> None:
    """Let this process start one more program, as tests do with their own workers. Forgotten when it ends."""
    _added.add((kind, module))
