"""Scan the current dataset version in a process of its own; leaves a PrivacyScan record and a findings file."""

from __future__ import annotations

from typing import Any

from engine.jobs.context import JobContext, run_worker
from engine.privacy.dataset import current_dataset, fingerprint, parts_of, read_rows, write_findings
from engine.privacy.hints import suspects
from engine.privacy.models import installed_model
from engine.privacy.records import PrivacyScan
from engine.privacy.report import build_report
from engine.privacy.scan import DeepScanner, scan_columns
from engine.project.records import new_id


def main(job: JobContext) -> dict[str, Any]:
    """Scan, save, log. Settings: `dataset_id` (default: the version in use) and `deep`."""
    project = job.project()
    dataset_id = str(job.settings.get("dataset_id") or current_dataset(project))
    deep = bool(job.settings.get("deep"))
    digest = fingerprint(project, dataset_id)
    frame = read_rows(project, dataset_id)
    parts = parts_of(frame)

    def progress(done: int, total: int) -> None:
        job.check_stop()
        job.progress(done, total, f"Scanning: {done // max(1, len(parts)):,} of {len(frame):,} rows")

    scan = scan_columns(parts, deep=_load(job) if deep else None, progress=progress)
    scan.rows = len(frame)
    report = build_report(scan, suspects(parts), model_available=installed_model())
    scan_id = new_id()
    path = project.dir("data") / f"privacy-{scan_id}.parquet"
    write_findings(path, scan.findings, frame["row_id"].tolist())
    record = PrivacyScan(
        id=scan_id,
        dataset_id=dataset_id,
        sha256=digest,
        deep=deep,
        report=report,
        findings_path=f"data/{path.name}",
        job_id=job.id,
    )
    project.records.save(record)
    details = {
        "rows": report.rows,
        "found": report.found,
        "counts": scan.counts(),
        "deep": deep,
        "not_scanned": len(report.not_scanned),
    }
    project.audit.append("privacy.scan", {"dataset": dataset_id, "sha256": digest, "scan": scan_id}, details)
    return {"scan_id": scan_id, "sentence": report.sentence, **details}


def _load(job: JobContext) -> DeepScanner:
    from engine.privacy.presidio import load_presidio

    job.progress(0, 1, "Loading Presidio")
    return load_presidio()


if __name__ == "__main__":
    run_worker(main)
