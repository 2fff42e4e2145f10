"""Limits of the diagnosis, from `assets/rules/diagnosis.yml`."""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from engine.facts.yaml_file import asset_path, load_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Enough(_Strict):
    """How many points a judgement needs."""

    train_points: int
    eval_points: int
    trend_train_points: int


class Smoothing(_Strict):
    """Window of the running median = points / divisor."""

    train_divisor: int
    raw_steps_divisor: int
    raw_eval_divisor: int


class NoLabels(_Strict):
    """Losses of exactly 0 at the start."""

    first_points: int
    fewest_points: int


class Broke(_Strict):
    """NaN or infinite gradients at the end."""

    last_bad_gradients: int


class Skipped(_Strict):
    """Share of NaN gradients that is only worth a note."""

    info_share: float


class Diverged(_Strict):
    """How far above its lowest point, or its start, a curve may end."""

    times_lowest: float
    above_lowest: float
    times_start: float
    above_start: float
    tail_share: float
    tail_points: int
    noises: float


class Guessing(_Strict):
    """Distance to ln(choices), and the range of ln(vocabulary) when it is not known."""

    tolerance: float
    label_tolerance: float
    lowest: float
    highest: float


class Rate(_Strict):
    """Learning rates for LoRA outside which a problem is blamed on them."""

    high: float
    very_high: float
    low: float


class Plateau(_Strict):
    """How little a curve must fall to count as flat."""

    fewest_points: int
    part: float
    relative: float
    standard_errors: float
    absolute: float
    start_to_end: float
    eval_gain: float


class Overfit(_Strict):
    """Rise of the validation loss after its lowest point."""

    fewest_evals: int
    evals_after_best: int
    mild: float
    strong: float


class Memorising(_Strict):
    """Fall of the training loss from one pass to the next, flat inside."""

    drop: float
    flat: float
    fewest_points_per_epoch: int


class NearZero(_Strict):
    """Training loss at the end; with a validation loss this low it is only a note."""

    loss: float
    fine_eval: float


class Impossible(_Strict):
    """Lowest loss that rounding can explain."""

    loss: float


class Spike(_Strict):
    """A point far above the ones before it that comes back."""

    window: int
    deviations: float
    least: float
    times: float
    recover_within: int
    many: int


class Gradient(_Strict):
    """Length of the gradient after warm-up."""

    fewest_points: int
    warmup_share: float
    times_median: float
    least: float
    red: float


class Scale(_Strict):
    """Training loss a steady multiple of the validation loss."""

    ratio: float
    difference: float
    spread: float
    fewest: int


class Gap(_Strict):
    """Validation loss far above training loss."""

    ratio: float
    difference: float


class DiagnosisRules(_Strict):
    """The whole file."""

    source: str
    checked: date
    enough: Enough
    smoothing: Smoothing
    no_labels: NoLabels
    broke: Broke
    skipped: Skipped
    diverged: Diverged
    guessing: Guessing
    rate: Rate
    plateau: Plateau
    overfit: Overfit
    memorising: Memorising
    near_zero: NearZero
    impossible: Impossible
    spike: Spike
    gradient: Gradient
    scale: Scale
    gap: Gap


@cache
def diagnosis_rules() -> DiagnosisRules:
    """Return the rules that ship with Tuneworth. Raises InputError naming key and line when the file is wrong."""
    return load_yaml(asset_path("rules/diagnosis.yml"), DiagnosisRules)
