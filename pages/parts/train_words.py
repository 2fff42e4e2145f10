"""A run's figures as words. Plain text: the parts of page.py escape it."""

from __future__ import annotations

from engine.training.config import TrainConfig
from engine.training.hardware import Estimate
from engine.training.models import BaseModelInfo
from engine.training.start import RunView
from pages.parts.words import duration, when

STATES = {
    "succeeded": "done",
    "failed": "failed",
    "stopped": "stopped",
    "lost": "lost",
    "running": "running",
    "queued": "waiting",
    "stopping": "stopping",
}


def parameters(count: int) -> str:
    """`3.4 million weights`, `1.7 billion weights`."""
    if count <= 0:
        return "size unknown"
    return f"{count / 1e9:.1f} billion weights" if count >= 1e9 else f"{count / 1e6:.1f} million weights"


def base_name(base: BaseModelInfo) -> str:
    """The base for a list."""
    if base.demo:
        return base.name
    tail = "cannot be used" if base.problem else "to download" if base.online else "on this computer"
    return f"{base.name} ({parameters(base.parameters)}), {tail}"


def passes(count: float) -> str:
    """`1 pass`, `3 passes`, `2.5 passes`."""
    return "1 pass" if count == 1 else f"{count:g} passes"


def recommended(base: BaseModelInfo, config: TrainConfig, estimate: Estimate) -> str:
    """The offer in one sentence."""
    name = "the demo model" if base.demo else base.name
    return f"Ready: LoRA on {name}, {passes(config.num_train_epochs)}, about {duration(estimate.seconds)}."


def range_words(estimate: Estimate) -> str:
    """Where the time comes from."""
    return f"Between {duration(estimate.low)} and {duration(estimate.high)}: {estimate.basis}."


def run_line(view: RunView) -> str:
    """One run in a list: when, what, how it went."""
    config, result = view.run.config, view.result
    loss = f", validation loss {result.eval_loss:.3f}" if result and result.eval_loss is not None else ""
    facts = f"{passes(config.num_train_epochs)}, rate {config.learning_rate:g}, rank {config.r}"
    return f"{when(view.run.created)}: {view.run.title}, {facts}, {STATES[view.job.state]}{loss}"
