"""Rules for runs that broke: nothing to learn, NaN, divergence, a rate out of range, impossible numbers."""

from __future__ import annotations

import math

import numpy as np

from engine.training.diagnose_findings import Finding, steps_of
from engine.training.diagnose_log import Floats, TrainingLog
from engine.training.diagnose_rules import diagnosis_rules


def no_labels(log: TrainingLog) -> Finding | None:
    """Loss exactly 0 from the first step, gradient 0 or NaN: every answer is masked or cut off."""
    rules = diagnosis_rules().no_labels
    first = log.loss.values[: rules.first_points]
    if first.size < rules.fewest_points or np.any(first != 0.0):
        return None
    gradients = log.gradient.values[: rules.first_points]
    if np.any((gradients != 0.0) & np.isfinite(gradients)):
        return None
    return Finding(
        "no_labels",
        "stop",
        steps_of(log.loss.steps[: rules.first_points]),
        "There are no answers to learn from: the loss is exactly 0 from the first step.",
        "All answers are masked or cut off. Check the chat template and raise the maximum length.",
    )


def numbers_broke(log: TrainingLog) -> Finding | None:
    """A loss that is no number, or NaN gradients to the end, or loss 0 together with a NaN gradient."""
    last = diagnosis_rules().broke.last_bad_gradients
    bad = list(log.loss.steps[~np.isfinite(log.loss.values)])
    broken = ~np.isfinite(log.gradient.values)
    if len(log.gradient) >= last and bool(np.all(broken[-last:])):
        fine = np.flatnonzero(~broken)
        bad += list(log.gradient.steps[(fine[-1] + 1 if fine.size else 0) :])
    if len(log.gradient) and len(log.loss):
        zero = log.loss.at(log.gradient.steps[broken]) == 0.0
        bad += list(log.gradient.steps[broken][zero])
    if not bad:
        return None
    first = int(min(bad))
    return Finding(
        "numbers_broke",
        "stop",
        steps_of(sorted(set(bad))),
        f"The numbers broke at step {first}: loss or gradient is no longer a number.",
        f"Use the checkpoint before step {first}. Then divide the learning rate by 2 to 5, use bf16, check empty rows.",
    )


def skipped_steps(log: TrainingLog) -> Finding | None:
    """Single NaN or infinite gradients that heal: half precision skipped those steps."""
    broken = ~np.isfinite(log.gradient.values)
    count = int(np.count_nonzero(broken))
    if count == 0:
        return None
    share = count / len(log.gradient)
    few = count <= 2 or share <= diagnosis_rules().skipped.info_share
    return Finding(
        "skipped_steps",
        "info" if few else "warn",
        steps_of(log.gradient.steps[broken]),
        f"{count} of {len(log.gradient)} steps were skipped because the gradient was not a number; training went on.",
        "Nothing to do." if few else "Use bf16 instead of fp16, or lower the learning rate.",
    )


def eval_broken(log: TrainingLog) -> Finding | None:
    """Validation loss that is no number."""
    broken = ~np.isfinite(log.evals.values)
    if not np.any(broken):
        return None
    return Finding(
        "eval_broken",
        "warn",
        steps_of(log.evals.steps[broken]),
        "The validation loss is not a number.",
        "Check the validation file: rows may be empty, or their answers masked or cut off.",
    )


def diverged(log: TrainingLog) -> Finding | None:
    """The curve ends far above its lowest point or above its start."""
    rules = diagnosis_rules().diverged
    values, steps = log.smooth.values, log.smooth.steps
    if values.size < diagnosis_rules().enough.train_points:
        return None
    tail = max(rules.tail_points, math.ceil(values.size * rules.tail_share))
    end, lowest, start = float(np.median(values[-tail:])), float(values.min()), float(values[0])
    unrest = rules.noises * _noise(log.loss.finite().values)
    above_lowest = end > max(rules.times_lowest * lowest, lowest + rules.above_lowest, lowest + unrest)
    above_start = end > max(rules.times_start * start, start + rules.above_start, start + unrest)
    if not above_lowest and not above_start:
        return None
    place = int(values.argmin())
    return Finding(
        "diverged",
        "stop",
        steps_of([steps[place], steps[-1]]),
        f"Training went wrong after step {int(steps[place])}: the loss rose from {lowest:.2f} to {end:.2f}.",
        "The learning rate is too high. Divide it by 5 and start again.",
    )


def _noise(values: Floats) -> float:
    """Return the usual jump from one point to the next as a standard deviation (robust: by the median)."""
    return float(1.4826 * np.median(np.abs(np.diff(values))) / math.sqrt(2)) if values.size > 1 else 0.0


def guessing(log: TrainingLog) -> Finding | None:
    """The curve ends at ln(number of choices): the model guesses among all tokens, or among all labels."""
    rules = diagnosis_rules().guessing
    values = log.smooth.values
    if values.size < diagnosis_rules().enough.train_points:
        return None
    end = float(np.median(values[-max(1, values.size // 10) :]))
    if log.labels and log.labels > 1 and abs(end - math.log(log.labels)) < rules.label_tolerance:
        words, what = f"No better than guessing among {log.labels} labels.", "inconsistent answers, or a rate too low"
    elif log.vocabulary and abs(end - math.log(log.vocabulary)) < rules.tolerance:
        words, what = "The model now guesses at random among all its words.", "a learning rate too high"
    elif diverged(log) and rules.lowest <= end <= rules.highest:
        words, what = "The model now seems to guess at random among all its words.", "a learning rate too high"
    else:
        return None
    return Finding("guessing", "warn", steps_of(log.smooth.steps[-1:]), words, f"Most likely {what}.")


def rate_out_of_range(log: TrainingLog, *, too_hot: bool, too_cold: bool) -> Finding | None:
    """A learning rate outside the sound range of LoRA, told as the cause when the curve is bad, else as a note.

    Prompt tuning needs rates around 0.02, so a high rate alone is no fault.
    """
    rules = diagnosis_rules().rate
    rate = log.rate.finite()
    if not len(rate):
        return None
    top = float(rate.values.max())
    where = steps_of(rate.steps[rate.values == top][:1])
    if too_hot and top > rules.high:
        words, advice = f"The learning rate {top:g} is above the sound range.", "Use 1e-4 to 3e-4 for LoRA."
        return Finding("rate_out_of_range", "warn", where, words, advice)
    if too_cold and top < rules.low:
        words, advice = f"The learning rate {top:g} is below the sound range.", "Use 1e-4 to 3e-4 for LoRA."
        return Finding("rate_out_of_range", "warn", where, words, advice)
    if top > rules.very_high:
        words = f"The learning rate {top:g} is very high for LoRA or full training (usual for prompt tuning)."
        return Finding("rate_out_of_range", "info", where, words, "Nothing to do while the curve looks well.")
    return None


def impossible_loss(log: TrainingLog) -> Finding | None:
    """A loss below 0 cannot come from supervised training."""
    bad = log.loss.values < diagnosis_rules().impossible.loss
    if not np.any(bad):
        return None
    return Finding(
        "impossible_loss",
        "warn",
        steps_of(log.loss.steps[bad]),
        f"The loss is below 0 ({float(log.loss.values[bad].min()):.3f}), which cannot be.",
        "There is a fault in the logging or in the loss itself; do not trust this curve.",
    )
