"""Worker-only: compare the meaning of a version's questions in a job. MiniLM vectors come from the cleaning's cache."""

from __future__ import annotations

from typing import Any

from engine.data.encoders import load_encoder
from engine.data.quality.meaning import measure_meaning
from engine.data.versions import load_version
from engine.jobs.context import JobContext, Stopped, run_worker


def main(job: JobContext) -> dict[str, Any]:
    """Save a MeaningReport of `dataset_id`; the result holds its numbers."""
    version_id = str(job.settings["dataset_id"])
    project = job.project()
    frame = load_version(project, version_id)

    def report(done: float, total: float, text: str) -> None:
        if job.stop_requested():
            raise Stopped
        job.progress(done, max(total, 1), f"{text}: {int(done):,} of {int(total):,}")

    job.progress(0, 1, "Loading the sentence model")
    found = measure_meaning(frame, load_encoder("minilm"), version_id, report)
    project.records.save(found, replace=True)
    return {"rows": found.rows, "spread": found.spread, "groups": len(found.groups), "lone": len(found.lone)}


if __name__ == "__main__":
    run_worker(main)
