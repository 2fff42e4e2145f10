"""The end of a run: adapter folder, result record, pointer and audit line. The trainer comes in as a plain object."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from pathlib import Path
from typing import Any

from engine.jobs.context import JobContext
from engine.jobs.crash import crash_point
from engine.jobs.events import read_events
from engine.project.files import sha256_file, write_json
from engine.training.calibration import remember
from engine.training.records import TrainingResult, TrainingRun
from engine.training.words import Ending, ending_sentence

VERSIONS = ("torch", "transformers", "trl", "peft", "accelerate", "tokenizers")


def earlier_attempts(job: JobContext, step: int) -> tuple[float, int]:
    """Return (seconds, tokens) up to `step`, as earlier attempts of this job recorded them."""
    found = (0.0, 0)
    for event in read_events(job.folder / "events.jsonl"):
        if event.type == "metric" and int(event.data["step"]) <= step and "seconds" in event.data:
            found = max(found, (float(event.data["seconds"]), int(event.data["tokens"])))
    return found


def finish(
    job: JobContext, run: TrainingRun, trainer: Any, callback: Any, template: str, excluded: list[int]
) -> dict[str, Any]:
    """Save everything a finished or stopped run leaves behind; returns the result record as JSON."""
    job.progress(1, 1, "Saving the adapter")
    ending = _ending(trainer, callback)
    best = ending.best
    folder = _export(job, run, trainer, best[0] if best else ending.steps)
    trainable, total = trainer.model.get_nb_trainable_parameters()
    result = TrainingResult(
        id=job.id,
        stopped=ending.stopped,
        ended_early=ending.ended_early,
        steps=ending.steps,
        planned_steps=ending.planned,
        best_step=best[0] if best else ending.steps,
        eval_loss=best[1] if best else None,
        first_loss=ending.training[0][1] if ending.training else None,
        last_loss=ending.training[-1][1] if ending.training else None,
        adapter=folder.relative_to(job.project().path).as_posix(),
        files={file.name: sha256_file(file) for file in sorted(folder.iterdir())},
        trainable_parameters=trainable,
        total_parameters=total,
        train_tokens=callback.tokens,
        seconds=round(callback.seconds, 2),
        excluded_rows=excluded,
        chat_template=template,
        sentence=ending_sentence(ending),
    )
    _record(job, run, result)
    device = str(trainer.args.device.type)
    remember(job.project().workspace_root, run.base_sha256, device, callback.seconds, callback.tokens)
    shown: dict[str, Any] = result.model_dump(mode="json")
    return {**shown, "saved_step": result.steps}


def _ending(trainer: Any, callback: Any) -> Ending:
    history = trainer.state.log_history
    return Ending(
        steps=trainer.state.global_step,
        planned=trainer.state.max_steps,
        validation=[(entry["step"], entry["eval_loss"]) for entry in history if "eval_loss" in entry],
        training=[(entry["step"], entry["loss"]) for entry in history if "loss" in entry],
        stopped=callback.stopped,
        passes=float(trainer.state.epoch or 0.0),
        ended_early=callback.ended_early,
    )


def _export(job: JobContext, run: TrainingRun, trainer: Any, step: int) -> Path:
    """Write `models/<run>/` beside its place, then rename: it is there as a whole or not at all."""
    models = job.project().dir("models")
    folder, staging = models / run.id, models / f".{run.id}.part"
    shutil.rmtree(staging, ignore_errors=True)
    trainer.model.peft_config["default"].base_model_name_or_path = run.base_name
    trainer.model.save_pretrained(staging, safe_serialization=True, save_embedding_layers=False)
    trainer.processing_class.save_pretrained(staging)
    (staging / "README.md").unlink(missing_ok=True)  # a stub by peft; our model card comes from the records
    write_json(
        staging / "training_config.json",
        {
            "run": run.model_dump(mode="json"),
            "step": step,
            "device": str(trainer.args.device.type),
            "versions": {name: importlib.metadata.version(name) for name in VERSIONS},
        },
    )
    for file in staging.iterdir():
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
    return folder


def _record(job: JobContext, run: TrainingRun, result: TrainingResult) -> None:
    crash_point("train.before_record")
    project = job.project()
    project.records.save(result, replace=True)
    project.records.set_pointer("run", run.id)
    objects = {
        "run": run.id,
        "split": run.split_id,
        "base_sha256": run.base_sha256,
        "data_sha256": run.data_sha256,
        "config_sha256": run.config_sha256,
        "adapter_sha256": result.files["adapter_model.safetensors"],
    }
    details = {
        "state": "stopped" if result.stopped else "succeeded",
        "steps": result.steps,
        "best_step": result.best_step,
        "eval_loss": result.eval_loss,
        "excluded_rows": len(result.excluded_rows),
    }
    project.audit.append("run.end", objects, details)
