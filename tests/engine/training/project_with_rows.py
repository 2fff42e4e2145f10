"""A project with rows and a real split, and the tiny base: what a training run needs, built in code."""

from __future__ import annotations

from pathlib import Path

from engine.data.messages import canonical_frame, dumps, make
from engine.data.records import CleaningStep
from engine.data.split import make_split
from engine.data.versions import save_version
from engine.project.project import Project
from engine.training.config import TrainConfig

QUEUES = ["Cards", "Billing", "Login", "Orders"]


def fill(project: Project, rows: int = 120, answers: list[str] | None = None) -> str:
    """Put rows and a split into the project; return the split's id."""
    texts = [f"ticket {i}: my {QUEUES[i % 4].lower()} case number {i * 37} is still open" for i in range(rows)]
    replies = answers or [f"Queue: {QUEUES[i % 4]}" for i in range(rows)]
    frame = canonical_frame(
        {
            "row_id": list(range(rows)),
            "messages": [dumps(make(text, reply)) for text, reply in zip(texts, replies, strict=True)],
            "label": [""] * rows,
            "source": ["test"] * rows,
            "meta": ["{}"] * rows,
            "synthetic": [False] * rows,
        }
    )
    save_version(project, frame, CleaningStep(name="test", rows_in=rows, rows_out=rows), None, "none")
    return make_split(project).id


def small_config(base: Path, **changes: object) -> TrainConfig:
    """Settings for a run of seconds on the tiny base."""
    values: dict[str, object] = {
        "base": f"folder:{base}",
        "num_train_epochs": 2,
        "learning_rate": 5e-3,
        "per_device_train_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "max_length": 128,
        "r": 4,
        "lora_alpha": 8,
        "eval_every": 0.2,
    }
    return TrainConfig.model_validate({**values, **changes})
