"""Settings that fit, each with its reason: the demo base brings its own, others follow from rows, tokens and size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, NotFound
from engine.project.files import read_json
from engine.training.config import TrainConfig, config_from
from engine.training.models import BaseModelInfo
from engine.training.rules import training_rules
from engine.training.tokens import TokenCounts

RECOMMENDED = "recommended"
NAMES = (RECOMMENDED, "careful", "strong", "quick")
DEMO_FILE = "tuneworth.json"


@dataclass(frozen=True)
class Preset:
    """A full configuration and, for the values that were chosen, why."""

    name: str
    config: TrainConfig
    reasons: dict[str, str]


def preset(name: str, base: BaseModelInfo, counts: TokenCounts, system_prompt: str = "") -> Preset:
    """Return a preset by name: recommended, careful (half the rate), strong (twice the rank), quick (one pass).

    Raises NotFound for another name.
    """
    if name not in NAMES:
        raise NotFound(f"There is no preset {name[:40]!r}.", f"Known here: {', '.join(NAMES)}.")
    values, reasons = _demo(base.path, counts) if base.demo and base.path else _general(base, counts)
    values = {**values, "base": base.key, "system_prompt": system_prompt}
    changed, why = _variant(name, values)
    return Preset(name, config_from({**values, **changed}), {**reasons, **why})


def _variant(name: str, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    if name == "careful":
        return {"learning_rate": values["learning_rate"] / 2}, {"learning_rate": "Half the usual rate, as asked."}
    if name == "strong":
        rank = int(values["r"]) * 2
        return {"r": rank, "lora_alpha": 2 * rank}, {"r": "Twice the usual rank, as asked."}
    if name == "quick":
        return {"num_train_epochs": 1}, {"num_train_epochs": "One pass, as asked: a first look."}
    return {}, {}


def _demo(folder: Path, counts: TokenCounts) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the settings the demo model was tried with. Without that file the general preset is used."""
    file = folder / DEMO_FILE
    recommended = read_json(file).get("recommended") if file.exists() else None
    if not isinstance(recommended, dict):
        raise InputError("The demo model's settings are missing.", "Install Tuneworth again.")
    values = {name: value for name, value in recommended.items() if name in TrainConfig.model_fields}
    known = TrainConfig().model_dump()
    return {**known, **values}, dict.fromkeys(values, "Tried with the demo model on the sample tickets.")


def _general(base: BaseModelInfo, counts: TokenCounts) -> tuple[dict[str, Any], dict[str, str]]:
    rules = training_rules()
    values = rules.preset
    small = 0 < base.parameters < rules.sound.small_model_parameters
    rows = len(counts.train)
    epochs, why_epochs = _epochs(rows)
    rank = values.small_model_r if small else values.r
    batch, accumulate = values.per_device_train_batch_size, values.gradient_accumulation_steps
    while accumulate > 1 and rows * epochs / (batch * accumulate) < values.fewest_steps:
        accumulate //= 2
    length = _length(base, counts)
    heavy = base.parameters >= values.checkpointing_parameters
    config: dict[str, Any] = {
        "num_train_epochs": epochs,
        "learning_rate": values.small_model_learning_rate if small else values.learning_rate,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": accumulate,
        "max_length": length,
        "r": rank,
        "lora_alpha": 2 * rank,
        "lora_dropout": values.lora_dropout,
        "warmup_ratio": values.warmup_ratio,
        "weight_decay": values.weight_decay,
        "max_grad_norm": values.max_grad_norm,
        "gradient_checkpointing": heavy,
    }
    return config, {
        "num_train_epochs": why_epochs,
        "learning_rate": "Small models learn with larger steps." if small else "The usual start for LoRA.",
        "gradient_accumulation_steps": f"{batch * accumulate} examples a step leave enough steps with {rows:,} rows.",
        "max_length": f"Covers {values.length_quantile:.1%} of your rows; longer ones are listed and left out.",
        "r": "A small adapter is enough for a small model." if small else "The usual size; raise it for harder tasks.",
        "lora_alpha": "Twice the rank, as usual.",
        "target_modules": "All linear layers: the safe choice for every family.",
        "gradient_checkpointing": "Saves memory on a model of this size." if heavy else "Not needed at this size.",
        "early_stopping_patience": "Ends the run after three checks without gain and keeps the best.",
    }


def _epochs(rows: int) -> tuple[float, str]:
    rules = training_rules().preset
    if rows < rules.few_rows:
        return rules.epochs_few_rows, f"With {rows:,} rows a few more passes are needed; validation watches."
    if rows >= rules.many_rows:
        return rules.epochs_many_rows, f"With {rows:,} rows fewer passes are enough."
    return rules.epochs, f"The usual number for {rows:,} rows."


def _length(base: BaseModelInfo, counts: TokenCounts) -> int:
    """Round the wanted length up to a multiple of 16, within what the base can read."""
    wanted = max(32, -(-counts.length_for(training_rules().preset.length_quantile) // 16) * 16)
    return min(wanted, base.context) if base.context >= 8 else wanted
