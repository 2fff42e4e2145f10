"""Defaults, sound ranges and estimates of training, read from assets/rules/training.yml."""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from engine.facts.yaml_file import asset_path, load_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Group(_Strict):
    source: str
    checked: date


class SoundRange(_Strict):
    """`[low, high]` of a setting, a wider top for small models, and what happens outside (end of a sentence)."""

    low: float
    high: float
    small_model_high: float
    below: str
    above: str


class SoundRules(_Group):
    """Ranges by setting name; `small_model_parameters` is a count."""

    small_model_parameters: int
    ranges: dict[str, SoundRange]


class PresetRules(_Group):
    """Values of the general preset and the row counts that move them."""

    learning_rate: float
    small_model_learning_rate: float
    r: int
    small_model_r: int
    lora_dropout: float
    warmup_ratio: float
    weight_decay: float
    max_grad_norm: float
    per_device_train_batch_size: int
    gradient_accumulation_steps: int
    few_rows: int
    epochs_few_rows: float
    epochs: float
    many_rows: int
    epochs_many_rows: float
    fewest_steps: int
    length_quantile: float = Field(gt=0, le=1)
    checkpointing_parameters: int


class PreflightRules(_Group):
    """Limits of the checks before a start: rows, bytes, tokens."""

    fewest_rows: int
    few_rows: int
    adapter_share: float
    disk_bytes_per_weight: float
    disk_floor_bytes: int
    fewest_answer_tokens: int


class EndingRules(_Group):
    """When an ending is called memorising or levelled off: shares of a loss (0..1)."""

    memorising_rise: float
    levelled_share: float


class EstimateRules(_Group):
    """First guess of speed: seconds, floating point operations per second; `spread` widens it to a range."""

    startup_seconds: float
    step_overhead_seconds: float
    cpu_flops_per_core: float
    gpu_flops: float
    spread: float = Field(ge=1)


class TrainingRules(_Group):
    """The whole file."""

    sound: SoundRules
    preset: PresetRules
    preflight: PreflightRules
    ending: EndingRules
    estimate: EstimateRules


@cache
def training_rules() -> TrainingRules:
    """Return the checked rules. Raises InputError when the file is damaged."""
    return load_yaml(asset_path("rules/training.yml"), TrainingRules)
