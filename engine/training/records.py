"""What is saved of a run: its frozen beginning and, when it ended, its result."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from engine.errors import Conflict
from engine.project.project import Project
from engine.project.records import Record
from engine.training.config import TrainConfig


class TrainingRun(Record):
    """A run as it was started. Its id is the job's id; nothing in it changes afterwards."""

    kind: ClassVar[str] = "training_run"

    title: str = Field(description="Name of the run")
    base_name: str = Field(description="Name of the base model")
    base_demo: bool = Field(description="Whether the base is the small demo model that ships with Tuneworth")
    base_parameters: int = Field(description="Weights of the base model")
    base_sha256: str = Field(description="Fingerprint of the base model's files")
    split_id: str = Field(description="Split whose training and validation rows are used")
    dataset_id: str = Field(default="", description="Version of the data the split was made from")
    data_sha256: str = Field(description="Fingerprint of the training and validation rows")
    rows_train: int = Field(description="Training rows")
    rows_validation: int = Field(description="Validation rows")
    preset: str = Field(default="", description="Preset the settings came from")
    online: bool = Field(default=False, description="Whether the run was allowed to download its base model")
    config: TrainConfig = Field(description="All settings")
    config_sha256: str = Field(description="Fingerprint of the settings")


class TrainingResult(Record):
    """How a run ended. Same id as its run; replaced when the run is resumed."""

    kind: ClassVar[str] = "training_result"

    stopped: bool = Field(description="Whether the user ended it early")
    ended_early: bool = Field(description="Whether early stopping ended it")
    steps: int = Field(description="Optimizer steps done")
    planned_steps: int = Field(description="Optimizer steps planned")
    best_step: int | None = Field(description="Step whose weights were kept")
    eval_loss: float | None = Field(description="Validation loss at that step")
    first_loss: float | None = Field(description="Training loss at the first step")
    last_loss: float | None = Field(description="Training loss at the last step")
    adapter: str = Field(description="Folder of the adapter inside the project")
    files: dict[str, str] = Field(description="SHA-256 of every file in it")
    trainable_parameters: int = Field(description="Weights that were trained")
    total_parameters: int = Field(description="All weights, base and adapter")
    train_tokens: int = Field(description="Tokens seen in training, without padding")
    seconds: float = Field(description="Seconds of training, without start-up")
    excluded_rows: list[int] = Field(description="row_id of rows left out because they are too long")
    chat_template: str = Field(description="own, patched (markers added by TRL) or plain (the base has none)")
    sentence: str = Field(description="The result in words")


def adapter_folder(project: Project, run_id: str) -> Path:
    """Return the adapter of a run that has one. Raises NotFound, or Conflict when nothing was saved."""
    result = project.records.get(TrainingResult, run_id)
    folder = project.path / result.adapter
    if not (folder / "adapter_model.safetensors").exists():
        raise Conflict("This run has no adapter on disk.", "Train again.")
    return folder


def result_of(project: Project, run_id: str) -> TrainingResult | None:
    """The result of a run, or None while there is none."""
    found = [result for result in project.records.list(TrainingResult) if result.id == run_id]
    return found[0] if found else None
