"""Worker-only: count the tokens of a large version in a job, so that the page and Train find them counted."""

from __future__ import annotations

from typing import Any

from engine.jobs.context import JobContext, run_worker
from engine.training.models import find_base
from engine.training.tokens import count_version


def main(job: JobContext) -> dict[str, Any]:
    """Count every row of `dataset_id` for the base `base`; the result holds the number of rows."""

    def report(done: int, total: int) -> None:
        job.check_stop()
        job.progress(done, total, f"Counting tokens: {done:,} of {total:,} rows")

    base = find_base(str(job.settings["base"]))
    prompt = str(job.settings.get("system_prompt", ""))
    rows = count_version(job.project(), str(job.settings["dataset_id"]), base, prompt, report)
    return {"rows": len(rows)}


if __name__ == "__main__":
    run_worker(main)
