"""Rules for the shape of a curve: flat, memorising, spikes, gradients, scale."""

from __future__ import annotations

import math

import numpy as np

from engine.training.diagnose_findings import Finding, steps_of
from engine.training.diagnose_log import Floats, Series, TrainingLog
from engine.training.diagnose_rules import diagnosis_rules

KEEP = "Fewer passes, more varied rows, or a smaller rank."


def plateau(log: TrainingLog) -> Finding | None:
    """First and last fifth of the training loss hardly differ, and neither does the validation loss."""
    rules = diagnosis_rules().plateau
    values = log.loss.finite().values
    if values.size < rules.fewest_points:
        return None
    part = max(2, int(values.size * rules.part))
    first, last = values[:part], values[-part:]
    start, end = float(first.mean()), float(last.mean())
    noise = math.sqrt(float(first.var(ddof=1)) / part + float(last.var(ddof=1)) / part)
    gain = start - end
    opening = float(values[: max(3, values.size // 20)].mean())
    fell_early = opening - end > rules.start_to_end * opening
    if gain >= rules.relative * start or gain >= rules.standard_errors * noise + rules.absolute or fell_early:
        return None
    if end < diagnosis_rules().near_zero.loss or _eval_gain(log) > rules.eval_gain:
        return None
    return Finding(
        "plateau",
        "warn",
        steps_of([log.loss.steps[0], log.loss.steps[-1]]),
        f"Barely learning: the loss went from {start:.2f} to {end:.2f}.",
        "Raise the learning rate 2 to 5 times; else check rank, masks, weight decay and inconsistent answers.",
    )


def _eval_gain(log: TrainingLog) -> float:
    values = log.smooth_evals.values
    return float((values[0] - values.min()) / values[0]) if values.size > 1 and values[0] > 0 else 0.0


def overfit(log: TrainingLog) -> Finding | None:
    """Validation loss past its lowest point and rising."""
    rules = diagnosis_rules().overfit
    values, steps = log.smooth_evals.values, log.smooth_evals.steps
    if values.size < rules.fewest_evals:
        return None
    best = int(values.argmin())
    if best >= values.size - rules.evals_after_best or values[best] <= 0:
        return None
    rise = float(values[-1] / values[best] - 1)
    if rise <= rules.mild:
        return None
    how = "clearly" if rise > rules.strong else "slightly"
    return Finding(
        "overfit",
        "warn",
        steps_of([steps[best], steps[-1]]),
        f"After step {int(steps[best])} it began to memorise: the validation loss rose {how} "
        f"({values[best]:.3f} to {values[-1]:.3f}, {rise:+.0%}).",
        f"Keep the checkpoint of step {int(steps[best])}. {KEEP}",
    )


def memorising(log: TrainingLog) -> Finding | None:
    """Without validation rows: the training loss falls like a staircase, a step at each new pass."""
    rules = diagnosis_rules().memorising
    loss = log.loss.finite()
    if len(log.evals) or not len(log.epoch) or not len(loss):
        return None
    epochs = log.epoch.at(loss.steps)
    found = []
    for boundary in range(1, math.ceil(float(epochs.max()))):
        before = loss.values[(epochs > boundary - 1) & (epochs <= boundary)]
        after = loss.values[(epochs > boundary) & (epochs <= boundary + 1)]
        if min(before.size, after.size) >= rules.fewest_points_per_epoch and _is_stair(before, after):
            found.append(int(loss.steps[np.argmax(epochs > boundary)]))
    if not found:
        return None
    return Finding(
        "memorising",
        "warn",
        steps_of(found),
        f"It learned rows by heart: the loss drops at the start of {len(found)} new pass(es) and is flat inside.",
        "Use 1 to 2 passes, and set validation rows aside.",
    )


def _is_stair(before: Floats, after: Floats) -> bool:
    rules = diagnosis_rules().memorising
    quarter = max(2, before.size // 4)
    level, earlier = float(before[-quarter:].mean()), float(before[-2 * quarter : -quarter].mean())
    new = float(after[: max(2, after.size // 4)].mean())
    if level <= diagnosis_rules().near_zero.loss or earlier <= 0:
        return False
    return (level - new) / level >= rules.drop and (earlier - level) / earlier < rules.flat


def near_zero(log: TrainingLog) -> Finding | None:
    """Training loss next to 0 at the end."""
    rules = diagnosis_rules().near_zero
    values = log.loss.finite().values
    if values.size < diagnosis_rules().enough.train_points:
        return None
    tail = max(1, math.ceil(values.size * diagnosis_rules().diverged.tail_share))
    end = float(np.median(values[-tail:]))
    if end >= rules.loss:
        return None
    evals = log.smooth_evals.values
    fine = evals.size > 0 and float(evals[-1]) < rules.fine_eval
    return Finding(
        "near_zero",
        "info" if fine else "warn",
        steps_of(log.loss.steps[-1:]),
        f"The training loss is almost 0 ({end:.3f}): short answers, or rows learned by heart.",
        "Trust only the result on test rows.",
    )


def spikes(log: TrainingLog) -> Finding | None:
    """Single points far above the ones before them that come back at once."""
    rules = diagnosis_rules().spike
    if log.raw_steps:
        return None  # single batches jump by nature
    loss = log.loss.finite()
    found = [place for place in range(4, len(loss)) if _is_spike(loss.values, place)]
    if not found:
        return None
    listed = steps_of(loss.steps[found])
    return Finding(
        "spike",
        "warn" if len(found) >= rules.many else "info",
        listed,
        f"The loss jumped up and came back {len(found)} time(s), first at step {listed[0]}.",
        "Look at the rows of these steps: they may be broken, very long or in another format.",
    )


def _is_spike(values: Floats, place: int) -> bool:
    rules = diagnosis_rules().spike
    before = values[max(0, place - rules.window) : place]
    middle = float(np.median(before))
    spread = float(np.median(np.abs(before - middle)))
    limit = middle + max(rules.deviations * spread, rules.least)
    if values[place] <= limit or values[place] <= rules.times * middle:
        return False
    after = values[place + 1 : place + 1 + rules.recover_within]
    return after.size > 0 and bool(np.any(after <= limit))


def gradient(log: TrainingLog) -> Finding | None:
    """Gradients after warm-up: one odd batch, far too long, or exactly 0 all the time."""
    rules = diagnosis_rules().gradient
    found = log.gradient.finite()
    if len(found) < rules.fewest_points:
        return None
    calm = found.values[max(1, math.ceil(len(found) * rules.warmup_share)) :]
    steps = found.steps[-calm.size :]
    if np.all(calm == 0.0) and np.any(log.loss.values != 0.0):
        return Finding(
            "gradient",
            "warn",
            steps_of(steps[:1]),
            "Nothing is being trained: the gradient is 0.",
            "Check that the adapter is attached and its layers are not frozen.",
        )
    limit = max(rules.times_median * float(np.median(calm)), rules.least)
    high, red = calm > limit, calm > rules.red
    if not np.any(high | red):
        return None
    top = float(calm.max())
    return Finding(
        "gradient",
        "warn" if np.count_nonzero(red) > 1 else "info",
        steps_of(steps[high | red]),
        f"{int(np.count_nonzero(high | red))} odd batch(es): the gradient reached {top:.0f}.",
        "Keep the gradient clipped at 1.0, and look at the rows of these steps.",
    )


def scale_mismatch(log: TrainingLog) -> Finding | None:
    """Training loss a steady multiple of the validation loss: it is summed instead of averaged."""
    rules = diagnosis_rules().scale
    evals = log.evals.finite()
    if len(evals) < rules.fewest or not len(log.smooth):
        return None
    train = log.smooth.at(evals.steps)
    ratios = train / np.maximum(evals.values, 1e-9)
    steady = float(ratios.std()) < rules.spread * float(ratios.mean())
    if (
        not steady
        or float(np.median(ratios)) <= rules.ratio
        or float(np.median(train - evals.values)) <= rules.difference
    ):
        return None
    times = float(np.median(ratios))
    return Finding(
        "scale_mismatch",
        "warn",
        steps_of(evals.steps[:1]),
        f"The training loss is about {times:.0f} times the validation loss all along: the numbers are summed.",
        f"Divide the training loss by {times:.0f} (usually the accumulation steps); update the trainer.",
    )


def gap(log: TrainingLog) -> Finding | None:
    """Validation loss far above the training loss at the end."""
    rules = diagnosis_rules().gap
    evals = log.smooth_evals
    if not len(evals) or not len(log.smooth):
        return None
    train, valid = float(log.smooth.at(evals.steps[-1:])[0]), float(evals.values[-1])
    if valid <= rules.ratio * train or valid - train <= rules.difference:
        return None
    return Finding(
        "gap",
        "warn",
        steps_of(evals.steps[-1:]),
        f"Much better on training rows ({train:.2f}) than on validation rows ({valid:.2f}): it memorises.",
        KEEP,
    )


def lowest(series: Series) -> int | None:
    """Return the step of the lowest finite value, or None."""
    found = series.finite()
    return int(found.steps[int(found.values.argmin())]) if len(found) else None
