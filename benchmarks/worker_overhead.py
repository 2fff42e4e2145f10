"""Step time of the training worker against a bare TRL script with the same settings, model and data.

Both run as processes of their own, in turn, three times each, one thread. The time of a step is taken inside each
process from the beginning of one step to the beginning of the next, so that our work between steps counts too. The
median step of each process is taken and the best of three compared. Processor seconds decide, since other programs on
the machine do not change them; wall-clock figures stand beside them.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.result import Result
from engine.data.messages import canonical_frame, dumps, make
from engine.data.records import CleaningStep
from engine.data.split import make_split
from engine.data.versions import save_version
from engine.project.project import Project
from engine.project.workspace import Workspace
from engine.training.config import TrainConfig
from engine.training.models import find_base
from engine.training.rows import load_rows

GOAL = 1.05
ROUNDS = 3
ROWS = 640
SKIPPED = 10  # warm-up steps
PROCESSOR, WALL = 0, 1
SCRIPTS = {"ours": "benchmarks._timed_worker", "peer": "benchmarks._bare_trl"}
REPOSITORY = Path(__file__).resolve().parents[1]


def run() -> Result:
    """Measure both in turn and compare the best medians (processor seconds per step)."""
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(Path(folder))
        medians: dict[str, list[tuple[float, float]]] = {name: [] for name in SCRIPTS}
        for number in range(ROUNDS):
            for name in sorted(SCRIPTS, reverse=bool(number % 2)):
                ticks = _measure(SCRIPTS[name], settings, Path(folder) / f"{name}-{number}.json")
                medians[name].append((_median(ticks, PROCESSOR), _median(ticks, WALL)))
                sys.stderr.write(f"{name}: {medians[name][-1][PROCESSOR] * 1000:.1f} ms of processor time a step\n")
    best = {name: [min(pair[kind] for pair in medians[name]) for kind in (PROCESSOR, WALL)] for name in SCRIPTS}
    ours, peer = best["ours"][PROCESSOR], best["peer"][PROCESSOR]
    details = {
        "wall": {name: best[name][WALL] for name in SCRIPTS},
        "wall_ratio": best["ours"][WALL] / best["peer"][WALL],
        "all_processor": {name: [pair[PROCESSOR] for pair in pairs] for name, pairs in medians.items()},
        "threads": 1,
        "base": "demo model",
    }
    return Result(ours, peer, GOAL, ours / peer <= GOAL, "processor seconds per step", ROWS, details)


def made_up_project(root: Path, rows: int) -> Project:
    """A project with `rows` short tickets, split."""
    project = Workspace(root / "workspace").create("Benchmark")
    talks = [make(f"ticket {i}: the order {i * 37} has not come, no reply", f"Queue: {i % 5}") for i in range(rows)]
    lists: dict[str, list[Any]] = {
        "row_id": list(range(rows)),
        "messages": [dumps(talk) for talk in talks],
        "synthetic": [False] * rows,
        "label": [""] * rows,
        "source": [""] * rows,
        "meta": ["{}"] * rows,
    }
    step = CleaningStep(name="made", rows_in=rows, rows_out=rows)
    save_version(project, canonical_frame(lists), step, None, "none")
    make_split(project)
    return project


def prepare(work: Path) -> Path:
    """Write what both scripts read: project, settings, base, and the training rows as talks."""
    project = made_up_project(work, ROWS)
    config = TrainConfig(
        base="demo", num_train_epochs=2, per_device_train_batch_size=8, gradient_accumulation_steps=1, max_length=256,
        eval_every=1.0, early_stopping_patience=0,
    )  # fmt: skip
    train = [row.messages for row in load_rows(project, str(project.records.pointer("split")), "train")]
    body = {
        "project": str(project.path),
        "config": config.model_dump(mode="json"),
        "base": str(find_base("demo").path),
        "talks": train,
    }
    file = work / "settings.json"
    file.write_text(json.dumps(body))
    return file


def _measure(module: str, settings: Path, out: Path) -> list[tuple[float, float]]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, "-m", module, str(settings), str(out)]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
    return [(float(processor), float(wall)) for processor, wall in json.loads(out.read_text())]


def _median(ticks: list[tuple[float, float]], kind: int) -> float:
    times = [tick[kind] for tick in ticks]
    return statistics.median([after - before for before, after in pairwise(times)][SKIPPED:])
