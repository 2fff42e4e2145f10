"""The report tells every step and holds not one row; hostile names do nothing in it."""

import io

import pytest

from engine.data.clean import empty
from engine.data.mapping import Mapping
from engine.data.recipe import SplitPlan
from engine.data.records import CleaningStep
from engine.data.report import data_report, report_html, report_markdown
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split
from engine.data.versions import load_version, save_version
from engine.errors import Conflict

SECRET = "zebra-crossing-nobody-knows"


@pytest.fixture
def reported(project):
    lines = [
        "question,answer",
        *(f"Where is order {i}?,Order {i} is on its way to you." for i in range(60)),
        f"{SECRET},",
    ]
    data = io.BytesIO("\n".join(lines).encode())
    source, read = add_upload(project, data.getvalue(), "<img src=x>|`evil`.csv")
    mapping = Mapping(roles={"question": "user", "answer": "assistant"})
    version = start_dataset(project, source, mapping, read)
    frame, decisions = empty(load_version(project, version.id))
    step = CleaningStep(name="empty", rows_in=61, rows_out=60, counts={"empty answer": 1})
    save_version(project, frame, step, version.id, source.id, decisions)
    make_split(project, SplitPlan())
    return project


def test_both_forms_tell_the_story_without_rows(reported):
    report = data_report(reported)
    assert report.summary == "60 of 61 rows are ready."
    for text in (report_html(report), report_markdown(report)):
        assert "empty answer: 1" in text
        assert "not scanned for personal data" in text
        assert "The test rows were looked at 0 times." in text
        assert report.anchor in text
        assert SECRET not in text
        assert "Order 7 is on its way" not in text
    assert "<img" not in report_html(report)
    assert "\\<img src=x\\>\\|\\`evil\\`" in report_markdown(report)


def test_anchor_is_the_head_of_the_log(reported):
    assert data_report(reported).anchor == reported.audit.head().anchor


def test_nothing_to_report(project):
    with pytest.raises(Conflict):
        data_report(project)
