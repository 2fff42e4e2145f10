"""Worker-only: clean the current version in a job. One new version per step; a stop keeps those made so far."""

from __future__ import annotations

from typing import Any

from engine.data.near_store import keep_pairs
from engine.data.recipe import TITLES, Recipe, StepName
from engine.data.recipe_near import near_choices
from engine.data.records import DatasetVersion
from engine.data.run_steps import run_step
from engine.data.versions import chain, current_version, get_version, load_version, save_version
from engine.errors import Conflict
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.jobs.crash import crash_point


def main(job: JobContext) -> dict[str, Any]:
    """Run the recipe's steps from `dataset_id` on; a resumed job goes on after its finished steps. Returns counts.

    Raises Conflict when the rows in use changed since the job was started.
    """
    return _Cleaning(job).run()


class _Cleaning:
    """The job's progress through the steps."""

    def __init__(self, job: JobContext) -> None:
        self.job = job
        self.project = job.project()
        self.recipe = Recipe.model_validate(job.settings["recipe"])
        start = get_version(self.project, str(job.settings["dataset_id"]))
        made = self._made_before(start.id) if job.attempt else []
        self.version: DatasetVersion = made[-1] if made else start
        self.rows_in = start.rows
        self.done: list[dict[str, Any]] = [_as_result(version) for version in made]

    def run(self) -> dict[str, Any]:
        self._still_ours()
        frame = load_version(self.project, self.version.id)
        for name in self.recipe.steps[len(self.done) :]:
            self._report(0, 1, TITLES[name])
            outcome = run_step(name, frame, report=self._report, near=near_choices(self.recipe, self.project))
            self._still_ours()
            crash_point(f"clean.{name}")
            frame, step = outcome.frame, outcome.step
            if outcome.pairs is not None:
                step = keep_pairs(self.project, step, outcome.pairs)
            self.version = save_version(
                self.project, frame, step, self.version.id, self.version.source_id, outcome.decisions
            )
            self._finish_step(name)
        return self._result()

    def _made_before(self, start: str) -> list[DatasetVersion]:
        """Versions an earlier attempt of this job made: the steps that need not be done again."""
        line = chain(self.project)
        after = line[[version.id for version in line].index(start) + 1 :] if any(v.id == start for v in line) else []
        same = [version.step.name for version in after] == list(self.recipe.steps[: len(after)])
        return after if same else []

    def _still_ours(self) -> None:
        current = current_version(self.project)
        if current is None or current.id != self.version.id:
            raise Conflict("The dataset was changed while this job waited or ran.", "Start the cleaning again.")

    def _finish_step(self, name: StepName) -> None:
        step = self.version.step
        self.done.append(_as_result(self.version))
        if step.note:
            self.job.notice(step.note)
        self.job.progress(len(self.done), len(self.recipe.steps), f"{TITLES[name]}: {step.dropped:,} rows")

    def _report(self, part: float, whole: float, text: str) -> None:
        if self.job.stop_requested():
            raise Stopped(self._result())
        self.job.progress(len(self.done) + min(part / max(whole, 1), 0.999), len(self.recipe.steps), text)

    def _result(self) -> dict[str, Any]:
        rows_out = self.version.rows
        return {"rows_in": self.rows_in, "rows_out": rows_out, "steps": self.done, "dataset_id": self.version.id}


def _as_result(version: DatasetVersion) -> dict[str, Any]:
    return {**version.step.model_dump(mode="json"), "version": version.id}


if __name__ == "__main__":
    run_worker(main)
