"""Worker-only: read uploaded files into the project in a job. A stopped or resumed job reads them from the start."""

from __future__ import annotations

from typing import Any

from engine.data.import_files import import_uploads
from engine.data.read_result import ReaderSettings
from engine.data.records import Source
from engine.data.uploads import Upload
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.jobs.crash import crash_point


def main(job: JobContext) -> dict[str, Any]:
    """Read `files` (behind the rows of `base` when given); returns the source and its counts."""
    project = job.project()
    for left in project.dir("data").glob(".tmp-source-*"):
        left.unlink(missing_ok=True)
    uploads = [
        Upload(
            item["file"], item["sha256"], item["bytes"], ReaderSettings.model_validate(item["settings"]), item["new"]
        )
        for item in job.settings["files"]
    ]
    base = project.records.get(Source, job.settings["base"]) if job.settings.get("base") else None

    def report(done: float, total: float, text: str) -> None:
        if job.stop_requested():
            raise Stopped({"rows": 0})
        job.progress(min(done, total * 0.99), total, text)
        crash_point("import.piece")

    source, _ = import_uploads(project, uploads, base=base, report=report)
    for failed in source.failed:
        job.notice(f"{failed.file}: {failed.message} {failed.hint}".strip())
    return {"source_id": source.id, "rows": source.rows, "rejects": source.rejects, "failed": len(source.failed)}


if __name__ == "__main__":
    run_worker(main)
