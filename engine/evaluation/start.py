"""Start an evaluation: of a training run, or of a base alone to know what has to be beaten."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from engine.data.split import current_split
from engine.errors import Conflict, InputError
from engine.evaluation.records import EvaluationRun
from engine.evaluation.scorers.registry import scorer
from engine.evaluation.settings import EvaluationSettings
from engine.facts.explain import explain
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.models import find_base, fingerprint
from engine.training.records import TrainingRun, adapter_folder

KIND = "evaluate"
MODULE = "engine.evaluation.worker"


def start_evaluation(project: Project, run_id: str | None = None, *, base: str | None = None, **options: Any) -> Job:
    """Start the job and return at once.

    With `run_id` the run's base, prompted base and tuned model answer the rows of the run's split; without it,
    `base` (a key as in training) answers alone. `options` are fields of EvaluationSettings. Raises Conflict (no
    split, no adapter, changed base, already running), NotFound, InputError.
    """
    if any(job.kind == KIND for job in JobManager(project).active()):
        raise Conflict("An evaluation is running already.", "Wait for it, or stop it first.")
    if options.get("metric"):
        scorer(str(options["metric"]))
    settings = _of_run(project, run_id) if run_id else _of_base(project, base or "demo")
    try:
        frozen = EvaluationSettings.model_validate({**settings, **options})
    except ValidationError as error:
        problem = explain(error, EvaluationSettings)
        raise InputError(problem.sentence, problem.hint) from error
    title = "Final evaluation" if frozen.part == "test" else "Check on validation rows"
    return JobManager(project).start(KIND, MODULE, frozen.model_dump(mode="json"), title=title)


def _of_run(project: Project, run_id: str) -> dict[str, Any]:
    run = project.records.get(TrainingRun, run_id)
    adapter = adapter_folder(project, run_id)
    found = find_base(run.config.base)
    if found.path is None:
        raise Conflict(f"The base model {run.base_name} is not on this computer.", "Download it again, then evaluate.")
    if fingerprint(found.path) != run.base_sha256:
        raise Conflict(
            f"The base model {run.base_name} is not the one this run was trained on: its files changed.",
            "Put the old files back, or train again.",
        )
    return {
        "run_id": run.id,
        "split_id": run.split_id,
        "base": str(found.path),
        "adapter": str(adapter),
        "system_prompt": run.config.system_prompt,
        "demo": run.base_demo,
    }


def _of_base(project: Project, base: str) -> dict[str, Any]:
    split = current_split(project)
    if split is None:
        raise Conflict("There is no split yet.", "Prepare and divide the data first.")
    found = find_base(base)
    if found.path is None:
        raise Conflict(f"The base model {found.name} is not on this computer.", "Download it first.")
    # the sealed rows stay sealed: a baseline measured before training looks at validation rows
    return {"split_id": split.id, "base": str(found.path), "part": "validation", "demo": found.demo}


def current_evaluation(project: Project) -> EvaluationRun | None:
    """Return the evaluation in use (the newest finished one), or None."""
    pointer = project.records.pointer("evaluation")
    return project.records.get(EvaluationRun, pointer) if pointer else None
