"""The settings of a run under the names TRL and PEFT use. The descriptions are the help texts on screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError
from engine.facts.explain import explain
from engine.facts.yaml_file import load_yaml
from engine.training.rules import training_rules

Scheduler = Literal["cosine", "linear", "constant_with_warmup"]


class TrainConfig(BaseModel):
    """All that decides a run, next to the data. Frozen once the run has started."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field(default="demo", description="The model that is tuned: demo, folder:PATH or hub:ORG/NAME")
    num_train_epochs: float = Field(default=3, gt=0, le=100, description="Passes: how often each example is seen")
    learning_rate: float = Field(default=2e-4, gt=0, le=1, description="How strongly each step changes the adapter")
    per_device_train_batch_size: int = Field(default=4, ge=1, le=512, description="Examples computed at once")
    gradient_accumulation_steps: int = Field(
        default=4, ge=1, le=512, description="Batches added up before a step; saves memory, same result"
    )
    max_length: int = Field(
        default=1024, ge=8, le=131_072, description="Longest example in tokens; longer ones are left out and listed"
    )
    r: int = Field(default=16, ge=1, le=512, description="Rank: size of the adapter, room for what is learned")
    lora_alpha: int = Field(default=32, ge=1, le=1024, description="Weight of the adapter; usually twice the rank")
    lora_dropout: float = Field(
        default=0.05, ge=0, lt=1, description="Share of the adapter switched off at random, against learning by heart"
    )
    target_modules: str | tuple[str, ...] = Field(
        default="all-linear", description="Which layers get an adapter: all-linear or a list of module names"
    )
    warmup_ratio: float = Field(default=0.05, ge=0, lt=1, description="Share of the run with a rising learning rate")
    lr_scheduler_type: Scheduler = Field(default="cosine", description="How the learning rate falls afterwards")
    weight_decay: float = Field(default=0.01, ge=0, le=1, description="Pull towards zero, against learning by heart")
    max_grad_norm: float = Field(default=1.0, gt=0, description="Longest step allowed; cuts spikes")
    eval_every: float = Field(
        default=0.1, gt=0, le=1, description="Share of the run between two checks on the validation rows (eval_steps)"
    )
    early_stopping_patience: int = Field(
        default=3, ge=0, le=100, description="Checks without gain before the run ends by itself; 0 = never"
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Recompute instead of remember: less memory, slower"
    )
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Start of all random choices")
    system_prompt: str = Field(
        default="", max_length=20_000, description="Instruction put before every example that has none of its own"
    )

    @property
    def effective_batch_size(self) -> int:
        """Examples per step on one device."""
        return self.per_device_train_batch_size * self.gradient_accumulation_steps

    def steps(self, rows: int) -> int:
        """Planned optimizer steps for `rows` training rows on one device, as the Trainer counts them."""
        batches = -(-rows // self.per_device_train_batch_size)
        per_epoch = max(1, -(-batches // self.gradient_accumulation_steps))
        return max(1, -(-int(per_epoch * self.num_train_epochs * 1000) // 1000))

    def eval_steps(self, rows: int) -> int:
        """Steps between two checks (and saves)."""
        return max(1, round(self.steps(rows) * self.eval_every))

    def halved(self) -> TrainConfig:
        """Half the batch, double the accumulation: the same result with less memory. Raises InputError at batch 1."""
        if self.per_device_train_batch_size == 1:
            raise InputError(
                "The batch is already one example.", "Use shorter texts (max_length) or a smaller base model."
            )
        batch = self.per_device_train_batch_size // 2
        return self.model_copy(
            update={
                "per_device_train_batch_size": batch,
                "gradient_accumulation_steps": -(-self.effective_batch_size // batch),
            }
        )


def config_from(values: dict[str, Any]) -> TrainConfig:
    """Check values from a form or a record. Raises InputError with one sentence."""
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        problem = explain(error, TrainConfig)
        raise InputError(problem.sentence, problem.hint) from error


def load_config(path: Path) -> TrainConfig:
    """Read a YAML (or JSON) file. Raises InputError naming key and line."""
    return load_yaml(path, TrainConfig)


def warnings_for(config: TrainConfig, parameters: int | None) -> dict[str, str]:
    """Return a sentence per setting outside its sound range; `parameters` is the size of the base when known."""
    rules = training_rules().sound
    small = parameters is not None and parameters < rules.small_model_parameters
    found = {}
    for name, sound in rules.ranges.items():
        value = float(getattr(config, name))
        high = sound.small_model_high if small else sound.high
        if value < sound.low:
            found[name] = f"{name} {value:g} is below the usual {sound.low:g} to {high:g}: {sound.below}."
        elif value > high:
            found[name] = f"{name} {value:g} is above the usual {sound.low:g} to {high:g}: {sound.above}."
    return found
