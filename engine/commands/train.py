"""`tuneworth train`: start a LoRA run on the project's split, and wait for it when asked to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.commands.outcome import Outcome
from engine.errors import Conflict, error_from_json
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.workspace import Workspace
from engine.training.config import TrainConfig, load_config, warnings_for
from engine.training.models import find_base
from engine.training.presets import NAMES, preset
from engine.training.reading_choice import reading_choice, with_choice
from engine.training.start import start_training
from engine.training.tokens import count_tokens


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("train", help="train a model on the project's examples")
    parser.add_argument("--project", required=True)
    settings = parser.add_mutually_exclusive_group(required=True)
    settings.add_argument("--preset", choices=NAMES, help="settings that follow from your data and the base")
    settings.add_argument("--config", type=Path, help="YAML file with the settings of TrainConfig")
    parser.add_argument("--base", default="demo", help="with --preset: demo, folder:PATH or hub:ORG/NAME")
    parser.add_argument("--online", action="store_true", help="allow the download of the base model")
    parser.add_argument("--wait", action="store_true", help="come back when it is done")
    parser.set_defaults(run=run_train)


def run_train(args: argparse.Namespace) -> Outcome:
    """Start, and with --wait follow to the end. Exit 1 when the run was stopped; a failed run is an error."""
    project = Workspace(args.workspace).open(args.project)
    config = load_config(args.config) if args.config else _preset(project, args)
    base = find_base(config.base, online=args.online)
    for sentence in warnings_for(config, base.parameters or None).values():
        sys.stderr.write(f"Note: {sentence}\n")
    job = start_training(project, config, preset=args.preset or "", online=args.online)
    if not args.wait:
        return Outcome(_document(job), f"Started {job.id}. Follow it with: tuneworth jobs show {job.id}")
    return wait_for_run(project, job.id)


def wait_for_run(project: Project, job_id: str) -> Outcome:
    """Follow a run to its end, with progress on standard error. Raises the run's own error when it failed."""
    told = {"text": ""}

    def watch(job: Job) -> None:
        text = job.progress.text
        if text != told["text"]:
            told["text"] = text
            sys.stderr.write(f"{text}\n")

    job = JobManager(project).wait(job_id, watch=watch)
    if job.error is not None:
        raise error_from_json(job.error)
    result = job.result or {}
    document = {
        **_document(job),
        **{name: result.get(name) for name in ("best_step", "eval_loss", "adapter", "steps", "sentence")},
        "first_loss": result.get("first_loss"),
        "last_loss": result.get("last_loss"),
        "excluded_rows": result.get("excluded_rows", []),
        "notices": job.notices,
        "seconds": round(job.seconds, 1),
        "training_seconds": result.get("seconds"),
    }
    if result.get("adapter"):
        document["adapter"] = str(project.path / str(result["adapter"]))
    return Outcome(
        document, str(result.get("sentence", "Stopped before the first step.")), int(job.state != "succeeded")
    )


def _preset(project: Project, args: argparse.Namespace) -> TrainConfig:
    split_id = project.records.pointer("split")
    if split_id is None:
        raise Conflict("Your rows are not split yet.", "Split them first: the Data Studio, or `tuneworth data split`.")
    base = find_base(args.base, online=args.online)
    prompt = reading_choice(project, base).system_prompt
    found = preset(args.preset, base, count_tokens(project, split_id, base, prompt), prompt)
    return with_choice(project, base, found).config


def _document(job: Job) -> dict[str, Any]:
    return {"job": job.id, "state": job.state, "events": str(job.folder / "events.jsonl")}
