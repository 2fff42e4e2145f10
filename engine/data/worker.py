"""Worker-only: clean the current version in a job. One new version per step; a stop keeps those made so far."""

from __future__ import annotations

from typing import Any

from engine.data.recipe import TITLES, Recipe
from engine.data.run_steps import run_step
from engine.data.versions import current_version, get_version, load_version, save_version
from engine.errors import Conflict
from engine.jobs.context import JobContext, Stopped, run_worker


def main(job: JobContext) -> dict[str, Any]:
    """Run the recipe's steps from `dataset_id` on. Returns counts per step.

    Raises Conflict when the rows in use changed since the job was started.
    """
    project = job.project()
    recipe = Recipe.model_validate(job.settings["recipe"])
    version = get_version(project, str(job.settings["dataset_id"]))
    current = current_version(project)
    if current is None or current.id != version.id:
        raise Conflict("The dataset changed while this job was waiting.", "Start the cleaning again.")
    frame = load_version(project, version.id)
    rows_in, done = len(frame), []
    total = len(recipe.steps)
    for number, name in enumerate(recipe.steps):

        def report(part: float, whole: float, text: str, number: int = number) -> None:
            if job.stop_requested():
                raise Stopped({"rows_in": rows_in, "rows_out": len(frame), "steps": done})
            job.progress(number + part / max(whole, 1), total, f"{text}: {int(part):,} of {int(whole):,}")

        report(0, 1, TITLES[name])
        outcome = run_step(name, frame, encoder=recipe.encoder, report=report)
        version = save_version(project, outcome.frame, outcome.step, version.id, version.source_id, outcome.decisions)
        frame = outcome.frame
        done.append({**outcome.step.model_dump(mode="json"), "version": version.id})
        if outcome.step.note:
            job.notice(outcome.step.note)
        job.progress(number + 1, total, f"{TITLES[name]}: {outcome.step.dropped:,} rows")
    return {"rows_in": rows_in, "rows_out": len(frame), "steps": done, "dataset_id": version.id}


if __name__ == "__main__":
    run_worker(main)
