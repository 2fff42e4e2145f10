"""The scan job, end to end in its own process."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from engine.errors import Conflict
from engine.jobs.manager import JobManager
from engine.privacy.dataset import parts_of_row
from engine.privacy.start import latest_job, latest_scan, load_findings, start_scan
from engine.project.project import Project


def add_rows(project: Project) -> str:
    texts = ["I am jane@example.com", "hello", "card 4111 1111 1111 1111"]
    frame = pd.DataFrame(
        {
            "row_id": [3, 5, 8],
            "messages": [
                json.dumps([{"role": "user", "content": text}, {"role": "assistant", "content": "refund"}])
                for text in texts
            ],
            "label": ["refund"] * 3,
            "source": "s",
            "meta": ["{}", '{"customer_phone": "+1 212-555-0123"}', "{}"],
            "synthetic": False,
        }
    )
    frame.to_parquet(project.dir("data") / "v1.parquet")
    project.records.set_pointer("dataset", "v1")
    return "v1"


def test_scan_job(project: Project) -> None:
    add_rows(project)
    job = JobManager(project).wait(start_scan(project).id, timeout=60)
    assert job.state == "succeeded", job.log_tail()
    assert "PERSON" not in job.result["sentence"]
    assert "Names and places: not scanned" in job.result["sentence"]
    scan = latest_scan(project)
    assert scan is not None
    assert (scan.dataset_id, scan.report.rows, scan.report.found, scan.job_id) == ("v1", 3, 3, job.id)
    found = load_findings(project, scan)
    assert set(zip(found["row_id"], found["part"], found["entity"], strict=True)) == {
        (3, "user", "EMAIL_ADDRESS"),
        (8, "user", "CREDIT_CARD"),
        (5, "meta", "PHONE_NUMBER"),
    }
    for path in (project.path / scan.findings_path, project.path / "project.sqlite"):
        assert b"jane@example.com" not in path.read_bytes()
    event = project.audit.events()[-1]
    assert event["action"] == "privacy.scan"
    assert event["details"]["counts"] == {"EMAIL_ADDRESS": 1, "CREDIT_CARD": 1, "PHONE_NUMBER": 1}
    assert latest_job(project).id == job.id


def test_no_dataset_is_a_sentence(project: Project) -> None:
    with pytest.raises(Conflict, match="no dataset"):
        start_scan(project)


def test_parts() -> None:
    turns = [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
    messages = json.dumps([{"role": role, "content": text} for role, text in turns])
    assert parts_of_row(messages, "d", "{}") == {
        "system": "s",
        "user": "a",
        "assistant": "b",
        "user 2": "c",
        "assistant 2": "d",
    }
    assert parts_of_row(messages, "other", '{"a": 1}')["label"] == "other"
