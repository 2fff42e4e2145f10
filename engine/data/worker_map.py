"""Worker-only: make conversations from a large source in a job. After a stop nothing is left; again starts over."""

from __future__ import annotations

from typing import Any

from engine.data.mapping import Mapping
from engine.data.records import Source
from engine.data.sources import start_dataset
from engine.jobs.context import JobContext, Stopped, run_worker


def main(job: JobContext) -> dict[str, Any]:
    """Map `source_id` with `mapping`; returns the first version and its counts."""
    project = job.project()
    source = project.records.get(Source, str(job.settings["source_id"]))

    def report(done: float, total: float, text: str) -> None:
        if job.stop_requested():
            raise Stopped({"rows": 0})
        job.progress(min(done, total * 0.99), total, text)

    version = start_dataset(project, source, Mapping.model_validate(job.settings["mapping"]), report=report)
    return {"dataset_id": version.id, "rows_in": version.step.rows_in, "rows_out": version.rows}


if __name__ == "__main__":
    run_worker(main)
