"""One training log, whatever wrote it: training loss, validation loss, gradient length and learning rate by step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.diagnose_rules import diagnosis_rules

Floats = NDArray[np.float64]
STEP = ("step", "global_step", "current_steps", "iteration", "train/global_step", "_step", "Step")
LOSS = ("loss", "train_loss", "train/loss", "training_loss", "Value")
EVAL = (
    "full_valid_loss",
    "full_validation_loss",
    "eval_loss",
    "valid_loss",
    "val_loss",
    "validation_loss",
    "eval/loss",
)
GRADIENT = ("grad_norm", "train/grad_norm", "gradient_norm")
RATE = ("learning_rate", "lr", "train/learning_rate")
EPOCH = ("epoch", "train/epoch")
_SUMMARY = ("train_runtime", "total_flos")


@dataclass(frozen=True)
class Series:
    """Values by step, shape n each; values may be NaN or infinite."""

    steps: NDArray[np.int64]
    values: Floats

    def __len__(self) -> int:
        """Return the number of points."""
        return int(self.steps.size)

    def finite(self) -> Series:
        """Return the points whose value is a number."""
        keep = np.isfinite(self.values)
        return Series(self.steps[keep], self.values[keep])

    def at(self, steps: NDArray[np.int64]) -> Floats:
        """Return the value at the last point not after each step (the first point for earlier steps)."""
        places = np.clip(np.searchsorted(self.steps, steps, side="right") - 1, 0, None)
        return np.asarray(self.values[places], dtype=np.float64)


@dataclass(frozen=True)
class TrainingLog:
    """What a log says. `vocabulary` and `labels` are known only for our own runs."""

    loss: Series
    evals: Series
    gradient: Series
    rate: Series
    epoch: Series
    keys: frozenset[str] = frozenset()
    raw_steps: bool = False
    vocabulary: int | None = None
    labels: int | None = None
    smooth: Series = field(init=False)
    smooth_evals: Series = field(init=False)

    def __post_init__(self) -> None:
        """Smooth both curves once: single batches need more of it than averages do."""
        rules = diagnosis_rules().smoothing
        divisor = rules.raw_steps_divisor if self.raw_steps else rules.train_divisor
        object.__setattr__(self, "smooth", smoothed(self.loss.finite(), divisor))
        evals = self.evals.finite()
        single = self.raw_steps and not self.keys & {"full_valid_loss", "full_validation_loss"}
        object.__setattr__(self, "smooth_evals", smoothed(evals, rules.raw_eval_divisor) if single else evals)


def smoothed(series: Series, divisor: int) -> Series:
    """Return a running median over points / divisor points, centred; short series come back as they are."""
    half = len(series) // divisor // 2
    if half == 0:
        return series
    values = series.values
    medians = [np.median(values[max(0, i - half) : i + half + 1]) for i in range(values.size)]
    return Series(series.steps, np.array(medians))


def log_from(
    entries: Iterable[Mapping[str, Any]],
    *,
    raw_steps: bool = False,
    vocabulary: int | None = None,
    labels: int | None = None,
) -> TrainingLog:
    """Build a log from entries as trainers write them.

    Repeated steps (after a resume) count once, the last one wins.
    """
    columns: dict[str, dict[int, float]] = {name: {} for name in ("loss", "evals", "gradient", "rate", "epoch")}
    names = {"loss": LOSS, "evals": EVAL, "gradient": GRADIENT, "rate": RATE, "epoch": EPOCH}
    keys: set[str] = set()
    for place, entry in enumerate(entries, start=1):
        keys |= {str(key) for key in entry}
        summary = any(key in entry for key in _SUMMARY)
        step = _step(entry, place)
        for column, wanted in names.items():
            value = None if summary else _number(entry, wanted)
            if value is not None:
                columns[column][step] = value
    series = {name: _series(points) for name, points in columns.items()}
    return TrainingLog(**series, keys=frozenset(keys), raw_steps=raw_steps, vocabulary=vocabulary, labels=labels)


def _step(entry: Mapping[str, Any], place: int) -> int:
    found = _number(entry, STEP)
    return int(found) if found is not None and math.isfinite(found) else place


def _number(entry: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    """Return the first of the columns that is filled; text that is no number is NaN.

    A null means "nothing here", except when it is the only loss of its entry: then NaN was written as null.
    """
    for name in names:
        value = entry.get(name, "")
        if value == "" or (value is None and (name not in LOSS or len(entry.keys() & {*LOSS, *EVAL}) > 1)):
            continue
        try:
            return math.nan if value is None else float(value)
        except (TypeError, ValueError):
            return math.nan
    return None


def _series(points: dict[int, float]) -> Series:
    steps = sorted(points)
    return Series(np.array(steps, dtype=np.int64), np.array([points[step] for step in steps], dtype=np.float64))
