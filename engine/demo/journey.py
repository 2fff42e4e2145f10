"""The whole road on the sample, as one function: CSV to verdict, through the same jobs the pages start."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from engine.data.recipe import ALL_STEPS, Recipe, SplitPlan
from engine.data.records import Split
from engine.data.start import start_cleaning, start_split
from engine.data.versions import require_version
from engine.demo.plan import check_fit, count_cost
from engine.demo.sample import TITLE, read_sample
from engine.demo.stages import Stages, Tell, finish
from engine.evaluation.start import start_evaluation
from engine.privacy.start import start_scan
from engine.project.project import Project
from engine.project.workspace import Workspace
from engine.training.models import find_base
from engine.training.presets import preset
from engine.training.start import start_training
from engine.training.tokens import count_tokens

DEMO_BASE = "demo"


@dataclass(frozen=True)
class Journey:
    """One run of the demo."""

    project: Project
    seed: int
    stages: Stages


def run_demo(workspace: Workspace, seed: int, tell: Tell) -> dict[str, Any]:
    """Run every stage and return the contract's document of `tuneworth demo`. Raises the error of a failed stage."""
    begin = time.monotonic()
    road = Journey(workspace.create(TITLE, demo=True), seed, Stages(tell))
    with road.stages.measure("fit", "Fit check ..."):
        fit = check_fit(road.project)
    _read(road)
    _clean(road)
    scan = start_scan(road.project)  # light work: it runs beside the split
    with road.stages.measure("cost", "Costs of this dataset ..."):
        cost = count_cost(road.project)
    _split(road)
    with road.stages.measure("privacy_scan", "Waiting for the privacy scan ...") as stage:
        privacy = finish(road.project, scan, tell)
        stage.rows_in = stage.rows_out = require_version(road.project).rows
    training = _train(road)
    result = _evaluate(road, str(training.pop("run_id")))
    return {
        "project": road.project.id,
        "seed": seed,
        "label": "demo model",
        "stages": road.stages.to_json(),
        "fit": fit,
        "cost": cost,
        "privacy": privacy.get("sentence"),
        "training": training,
        **result,
        "audit_head": road.project.audit.head().anchor,
        "total_seconds": round(time.monotonic() - begin, 1),
    }


def _read(road: Journey) -> None:
    with road.stages.measure("read", "Reading the sample tickets ...") as stage:
        stage.rows_in, stage.rows_out = read_sample(road.project)


def _clean(road: Journey) -> None:
    with road.stages.measure("clean", "Cleaning ...") as stage:
        recipe = Recipe(steps=ALL_STEPS)
        found = finish(road.project, start_cleaning(road.project, recipe), road.stages.tell)
        stage.rows_in, stage.rows_out = found["rows_in"], found["rows_out"]


def _split(road: Journey) -> None:
    with road.stages.measure("split", "Splitting into train, validation and test ...") as stage:
        stage.rows_in = require_version(road.project).rows
        finish(road.project, start_split(road.project, SplitPlan(seed=road.seed)), road.stages.tell)
        split = road.project.records.latest(Split)
        stage.rows_out = sum(split.counts.values()) if split else None


def _train(road: Journey) -> dict[str, Any]:
    with road.stages.measure("train", "Training the adapter ...") as stage:
        project = road.project
        split_id = project.records.pointer("split") or ""
        base = find_base(DEMO_BASE)
        chosen = preset("recommended", base, count_tokens(project, split_id, base))
        config = chosen.config.model_copy(update={"seed": road.seed})
        job = start_training(project, config, preset="recommended")
        result = finish(project, job, road.stages.tell)
        stage.rows_in = project.records.get(Split, split_id).counts["train"]
        return {"run_id": job.id, **{name: result.get(name) for name in TRAINING_FIELDS}}


TRAINING_FIELDS = ("steps", "first_loss", "last_loss", "best_step", "eval_loss", "seconds", "sentence")


def _evaluate(road: Journey, run_id: str) -> dict[str, Any]:
    with road.stages.measure("evaluate", "Evaluating on the sealed test rows ...") as stage:
        record = finish(road.project, start_evaluation(road.project, run_id), road.stages.tell)
        stage.rows_in = record["rows"]
    names = {"base": "base", "prompted": "prompted_base", "tuned": "tuned"}
    scores = {names[side["name"]]: side["scores"][0] for side in record["contestants"]}
    found = record["verdict"]
    return {
        "scores": scores,
        "difference": {"value": found["difference"], "low": found["low"], "high": found["high"], "p": found["p"]},
        "verdict": found["verdict"],
        "sentence": found["sentence"],
    }
