"""Worker-only: what happens between steps. Numbers and words to the job, graceful stop, early stop, NaN guard."""

from __future__ import annotations

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from engine.jobs.context import JobContext
from engine.training.failures import not_finite
from engine.training.words import Losses, StepWords, gains_nothing

KEPT = ("loss", "eval_loss", "learning_rate", "grad_norm", "epoch")


class JobCallback(TrainerCallback):  # type: ignore[misc]
    """Reports to the job and listens to its stop. `before` holds seconds and tokens of earlier attempts."""

    def __init__(self, job: JobContext, *, patience: int, before: tuple[float, int] = (0.0, 0)) -> None:
        self.job = job
        self.patience = patience
        self.seconds_before, self.tokens_before = before
        self.started = time.monotonic()
        self.first_step = 0
        self.tokens = self.tokens_before
        self.stopped = False
        self.ended_early = False
        self._lap = (self.started, self.tokens_before)

    @property
    def seconds(self) -> float:
        """Seconds of training so far, all attempts together."""
        return self.seconds_before + time.monotonic() - self.started

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock at the step the run begins or goes on from."""
        self.started = time.monotonic()
        self._lap = (self.started, self.tokens_before)
        self.first_step = state.global_step

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Tell the progress; save and leave when a stop was asked for."""
        words = StepWords(
            step=state.global_step, planned=state.max_steps, epoch=state.epoch, epochs=args.num_train_epochs
        )
        self.job.progress(state.global_step, state.max_steps, str(words))
        if self.job.stop_requested() and state.global_step < state.max_steps:
            self.stopped = True
            control.should_save = True
            control.should_training_stop = True
        return control

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """End the run when the last checks brought nothing."""
        if not self.stopped and state.global_step < state.max_steps:
            self.ended_early = gains_nothing(losses(state, "eval_loss"), self.patience)
            control.should_training_stop = control.should_training_stop or self.ended_early
        return control

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Write the numbers of a step; a loss that is no number ends the run."""
        logs = kwargs.get("logs") or {}
        numbers = {name: float(logs[name]) for name in KEPT if name in logs}
        if "loss" not in numbers and "eval_loss" not in numbers:
            return  # the closing summary
        self.job.metric(state.global_step, max_steps=state.max_steps, **numbers, **self._pace(state, logs))
        for name in ("loss", "eval_loss"):
            if name in numbers and not math.isfinite(numbers[name]):
                raise not_finite(state.global_step, name)

    def _pace(self, state: TrainerState, logs: dict[str, Any]) -> dict[str, float]:
        """Time left from the steps measured in this attempt, checks and saves included."""
        if "num_tokens" in logs:
            self.tokens = self.tokens_before + int(logs["num_tokens"])
        now = time.monotonic()
        since, tokens = self._lap
        done = state.global_step - self.first_step
        pace: dict[str, float] = {"seconds": round(self.seconds, 3), "tokens": self.tokens}
        if "loss" in logs:
            pace["tokens_per_second"] = round((self.tokens - tokens) / max(now - since, 1e-6), 1)
            self._lap = (now, self.tokens)
        if done > 0:
            pace["seconds_left"] = round((now - self.started) / done * (state.max_steps - state.global_step), 1)
        return pace


def losses(state: TrainerState, name: str) -> Losses:
    """Return (step, value) of `loss` or `eval_loss` from the Trainer's own history, which survives a resume."""
    return [(int(entry["step"]), float(entry[name])) for entry in state.log_history if name in entry]
