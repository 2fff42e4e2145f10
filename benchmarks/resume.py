"""A run killed with SIGKILL at random steps and resumed, against the same run left alone: largest difference of losses.

Real jobs through the manager: the worker's process is killed from outside, twice, at steps drawn from the clock.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.result import Result
from benchmarks.worker_overhead import made_up_project
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.processes import alive
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.start import start_training

GOAL = 1e-4
KILLS = 2
ROWS = 200
CONFIG = {"num_train_epochs": 2, "per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "max_length": 256}


def run() -> Result:
    """Train once undisturbed and once with kills; compare every training and validation loss."""
    os.environ["OMP_NUM_THREADS"] = "1"
    seed = time.time_ns() % 2**32
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        project = made_up_project(Path(folder), ROWS)
        config = TrainConfig.model_validate({**CONFIG, "base": "demo", "eval_every": 0.1, "early_stopping_patience": 0})
        calm = _finished(project, start_training(project, config).id)
        steps = calm.total_steps or 0
        job_id = start_training(project, config).id
        killed = []
        for target in sorted(draw.sample(range(1, steps - 2), KILLS)):
            killed.append(_kill_at(project, job_id, target))
            JobManager(project).resume(job_id)
        stormy = _finished(project, job_id)
        differences = {name: _difference(calm, stormy, name) for name in ("loss", "eval_loss")}
    worst = max(differences.values())
    details = {"steps": steps, "killed_at": killed, "seed": seed, "differences": differences, "base": "demo model"}
    return Result(worst, None, GOAL, worst <= GOAL, "largest difference of a loss", ROWS, details)


def _kill_at(project: Project, job_id: str, step: int) -> int:
    """Kill the worker when it reached `step`; return the last step it had written."""
    manager = JobManager(project)
    job = manager.wait(job_id, timeout=600, watch=lambda seen: _kill(seen) if (seen.step or 0) >= step else None)
    if job.state not in {"failed", "lost"}:
        raise RuntimeError(f"the run was {job.state} before it could be killed")
    sys.stderr.write(f"killed at step {job.step}\n")
    return job.step or 0


def _kill(job: Job) -> None:
    worker = json.loads((job.folder / "heartbeat.json").read_text())["worker"]
    if not job.ended_state and alive(worker, job.id):  # the same process, not a later one with its number
        with suppress(ProcessLookupError):
            os.kill(int(worker["pid"]), signal.SIGKILL)


def _finished(project: Project, job_id: str) -> Job:
    job = JobManager(project).wait(job_id, timeout=900)
    if job.state != "succeeded":
        raise RuntimeError(f"the run {job.state}: {job.log_tail()}")
    return job


def _difference(calm: Job, stormy: Job, name: str) -> float:
    ours, theirs = ({m["step"]: m[name] for m in job.metrics() if name in m} for job in (stormy, calm))
    if ours.keys() != theirs.keys():
        raise RuntimeError(f"steps with {name} differ: {sorted(ours.keys() ^ theirs.keys())}")
    return max(abs(float(ours[step]) - float(theirs[step])) for step in ours)
