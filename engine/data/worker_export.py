"""Worker-only: write one part of a split in a provider's format into the project's reports folder."""

from __future__ import annotations

from typing import Any

from engine.data.export import export_frame
from engine.data.records import Split
from engine.data.split import Part, rows_of
from engine.errors import DatasetError
from engine.jobs.context import JobContext, run_worker
from engine.project.files import write_atomic


def main(job: JobContext) -> dict[str, Any]:
    """Write `part` of `split_id` for `target`; returns the file's name and counts.

    Rows that break a rule of the format are left out and counted. Raises DatasetError when a rule for the whole file is
    broken.
    """
    project = job.project()
    split = project.records.get(Split, str(job.settings["split_id"]))
    target = str(job.settings["target"])
    part: Part = "validation" if job.settings["part"] == "validation" else "train"
    job.progress(0, 3, "Loading the rows")
    rows = rows_of(project, split, part)
    job.check_stop()
    job.progress(1, 3, f"Writing and checking {len(rows):,} rows")
    made = export_frame(rows, target, tolerant=True)
    if not made.sha256:
        first = next(item for item in made.problems if item.severity == "error")
        raise DatasetError(first.message, first.fix)
    job.check_stop()
    job.progress(2, 3, "Saving the file")
    path = project.dir("reports") / f"{split.id[:8]}-{part}-{target}.jsonl"
    write_atomic(path, made.data)
    details = {"part": part, "target": target, "rows": made.rows}
    project.audit.append("export.write", {"split": split.id, "sha256": made.sha256}, details)
    return {
        "file": path.name, "rows": made.rows, "bytes": len(made.data), "sha256": made.sha256,
        "left_out": made.rows_left_out, "first": made.left_out[0].message if made.left_out else "",
    }  # fmt: skip


if __name__ == "__main__":
    run_worker(main)
