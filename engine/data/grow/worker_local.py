"""Worker-only: make rows without any model in a job."""

from __future__ import annotations

from typing import Any

from engine.data.grow.local import make_batch, result_of
from engine.data.grow.start import Local
from engine.data.versions import require_version
from engine.errors import Conflict
from engine.jobs.context import JobContext, run_worker


def main(job: JobContext) -> dict[str, Any]:
    """Make a batch; the result holds its id, its rows and what was refused. Raises Conflict when the rows changed."""
    project = job.project()
    if require_version(project).id != job.settings["dataset_id"]:
        raise Conflict("The rows were changed while this job waited.", "Start a new one.")

    def report(done: float, total: float, text: str) -> None:
        job.check_stop()
        job.progress(min(done, total), total, text)

    return result_of(make_batch(project, Local.model_validate(job.settings["wish"]), report))


if __name__ == "__main__":
    run_worker(main)
