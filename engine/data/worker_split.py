"""Worker-only: split the current version in a job, with the meaning of rows compared."""

from __future__ import annotations

from typing import Any

from engine.data.encoders import Encoder, load_encoder
from engine.data.near_duplicates import part_of
from engine.data.split import make_split
from engine.data.split_plan import SplitPlan
from engine.errors import Conflict
from engine.jobs.context import JobContext, Stopped, run_worker


def main(job: JobContext) -> dict[str, Any]:
    """Make a split; the result holds its id, counts and leaks. Raises Conflict when the rows in use changed meanwhile.

    Meanings are compared unless the plan says no.
    """
    plan = SplitPlan.model_validate(job.settings["plan"])
    project = job.project()
    wanted = job.settings.get("dataset_id")
    if wanted is not None and project.records.pointer("dataset") != wanted:
        raise Conflict("The rows were changed while this job waited.", "Start the split again.")

    def report(done: float, total: float, text: str) -> None:
        if job.stop_requested():
            raise Stopped
        job.progress(min(done, total), total, text)

    def load(name: str) -> Encoder:
        job.check_stop()  # loading takes seconds, and what follows may all come from the cache without a report
        return load_encoder(name)

    split = make_split(project, plan, load=None if plan.compare is False else load, report=part_of(report, 0.0, 1.0))
    return {"split_id": split.id, "counts": split.counts, "leaks": split.leaks}


if __name__ == "__main__":
    run_worker(main)
