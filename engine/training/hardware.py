"""What this machine can train on, and an honest guess of how long. Never imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.machine import Machine, look_at_machine
from engine.training.calibration import seconds_per_token
from engine.training.config import TrainConfig
from engine.training.rules import training_rules


@dataclass(frozen=True)
class Estimate:
    """Seconds until the run is done, as a range; `basis` says in words where it comes from."""

    seconds: float
    low: float
    high: float
    measured: bool
    basis: str


@lru_cache(maxsize=1)
def machine() -> Machine:
    """Facts about this computer, looked at once per process (cores, memory, graphics cards by nvidia-smi)."""
    return look_at_machine()


def device(found: Machine) -> str:
    """`cuda` or `cpu`: what a run here would use."""
    return "cuda" if found.gpus else "cpu"


def device_words(found: Machine) -> str:
    """The device for the screen."""
    if found.gpus:
        best = max(found.gpus, key=lambda gpu: gpu.memory_gb)
        return f"{best.name}, {best.memory_gb:.0f} GB"
    return f"this computer's processor ({found.cores} cores)"


def estimate(
    config: TrainConfig, *, rows: int, tokens: int, parameters: int, base_sha256: str, workspace: Path, found: Machine
) -> Estimate:
    """Guess the seconds of a run over `rows` training rows with `tokens` tokens per pass on a base of `parameters`."""
    rules = training_rules().estimate
    kind = device(found)
    seen = tokens * config.num_train_epochs
    known = seconds_per_token(workspace, base_sha256, kind)
    if known is not None:
        seconds = rules.startup_seconds + seen * known
        return Estimate(seconds, seconds * 0.8, seconds * 1.25, True, "measured in an earlier run on this computer")
    speed = rules.gpu_flops if found.gpus else rules.cpu_flops_per_core * max(1, found.cores - 1)
    work = seen * (6 if config.gradient_checkpointing else 4) * parameters / speed
    batches = config.steps(rows) * config.gradient_accumulation_steps
    seconds = rules.startup_seconds + batches * rules.step_overhead_seconds + work
    basis = "a rough guess from the size of the model: the first steps give the real figure"
    return Estimate(seconds, seconds / rules.spread, seconds * rules.spread, False, basis)
