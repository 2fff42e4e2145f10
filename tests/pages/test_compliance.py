"""The Compliance page: scan, findings masked, the log, the check."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from engine.data.records import CleaningStep
from engine.data.versions import load_version, save_version
from engine.jobs.manager import JobManager
from engine.privacy.masked import masked_context
from engine.privacy.start import start_scan
from engine.project.project import Project
from pages.parts.compliance_words import action_words, details_words, in_group

SECRET = "jane.roe@example.com"


def add_version(project: Project, frame: pd.DataFrame) -> None:
    step = CleaningStep(name="map", rows_in=len(frame), rows_out=len(frame), changed=0)
    save_version(project, frame, step, None, "source")


@pytest.fixture
def scanned(project: Project) -> Project:
    texts = [f"I am {SECRET}, ![x](http://evil.example/x.png) hi", "hello", "card 4111 1111 1111 1111"]
    frame = pd.DataFrame(
        {
            "row_id": range(3),
            "messages": [
                json.dumps([{"role": "user", "content": t}, {"role": "assistant", "content": "ok"}]) for t in texts
            ],
            "label": "",
            "source": "s",
            "meta": "{}",
            "synthetic": False,
        }
    )
    add_version(project, frame)
    JobManager(project).wait(start_scan(project).id, timeout=60)
    return project


def texts(app) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "error", "warning", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def button(app, key: str):
    return next(item for item in app.button if item.key == key)


def test_without_rows_it_leads_to_them(open_page, project):
    app = open_page("compliance", project)
    assert "no rows to scan yet" in texts(app)
    assert "Project made" in texts(app)


def test_a_scan_reads_in_words_and_shows_no_value(open_page, scanned):
    app = open_page("compliance", scanned)
    said = texts(app)
    assert "scanned in all 3 rows" in said
    assert "Names and places: not scanned, no language model is installed" in said.replace("\\", "")
    assert "no personal data" not in said.lower().replace("that there is no personal data", "")
    table = app.dataframe[0].value
    assert list(table["Row"]) == [0]
    assert "\u2588" in table["Context, masked"][0]
    assert all(SECRET not in str(frame.value.to_dict()) for frame in app.dataframe)
    assert SECRET not in said
    assert sum(b.proto.type == "primary" and not b.disabled for b in app.main.button) <= 1


def test_a_scan_of_older_rows_says_so(open_page, scanned):
    add_version(scanned, load_version(scanned, scanned.records.pointer("dataset")))
    app = open_page("compliance", scanned)
    assert "changed since this scan" in texts(app)
    assert button(app, "scan-now").proto.type == "primary"


def test_scan_now_starts_a_job(open_page, scanned):
    app = open_page("compliance", scanned)
    before = len(JobManager(scanned).list("privacy"))
    button(app, "scan-now").click()
    app.run()
    jobs = JobManager(scanned).list("privacy")
    assert len(jobs) == before + 1
    JobManager(scanned).wait(jobs[-1].id, timeout=60)


def test_the_log_can_be_checked_and_filtered(open_page, scanned):
    app = open_page("compliance", scanned)
    assert "Scanned for personal data" in texts(app)
    button(app, "audit-check").click()
    app.run()
    assert "The log is whole" in app.success[0].value
    head = scanned.audit.head()
    app.text_input(key="audit-anchor").set_value(f"{head.hash[:16]}@{head.seq}")
    button(app, "audit-check").click()
    app.run()
    assert "Your anchor fits" in app.success[0].value
    app.text_input(key="audit-anchor").set_value(f"{'0' * 16}@1")
    button(app, "audit-check").click()
    app.run()
    assert "was changed" in app.error[0].value
    app.text_input(key="audit-anchor").set_value("nonsense")
    button(app, "audit-check").click()
    app.run()
    assert "not an anchor" in app.error[0].value.replace("\\", "")
    app.segmented_control(key="audit-group").set_value("Training")
    app.run()
    assert "Nothing of this kind yet" in texts(app)


def test_words_of_events():
    assert action_words({"action": "dataset.clean", "details": {"step": "exact"}}) == "Rows changed"
    assert action_words({"action": "dataset.clean", "details": {"step": "map"}}) == "Rows made from the file"
    assert action_words({"action": "some.new_thing", "details": {}}) == "Some: new thing"
    assert details_words({"action": "project.create", "details": {"demo": False}}) == ""
    assert in_group("dataset.undo", "Data")
    assert not in_group("run.end", "Data")
    event = {"action": "dataset.clean", "details": {"step": "exact", "rows_in": 4000, "rows_out": 3904}}
    assert details_words(event) == "exact: 4,000 rows in, 3,904 out"
    scan = {"action": "privacy.scan", "details": {"rows": 2, "counts": {"EMAIL_ADDRESS": 1}}}
    assert details_words(scan) == "2 rows: 1 e-mail addresses"


def test_masks_cover_every_finding_in_sight():
    text = "one a@example.com two b@example.com three"
    assert masked_context(text, 4, 17, [(22, 35)]) == f"one {'█' * 8} two {'█' * 8} three"
    assert masked_context("x" * 100 + "SECRETVALUE" + "y" * 100, 100, 111, reach=5) == f"…xxxxx{'█' * 8}yyyyy…"
    assert "SECRET" not in masked_context("aaSECRETbb", 2, 8, [(1, 9)])
