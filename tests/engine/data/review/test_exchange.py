"""Reviews that travel: Label Studio and plain sheets, out and back, with everything people do to such files."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.messages import answer_of
from engine.data.review.desk import open_desk
from engine.data.review.label_studio import label_config, read_label_studio, tasks, tasks_json
from engine.data.review.queue import start_queue
from engine.data.review.records import Judgement
from engine.data.review.spreadsheet import COLUMNS, read_sheet, sheet
from engine.data.review.verdicts import Opinion
from engine.data.review.workbook import workbook
from engine.errors import InputError
from engine.project.workspace import Workspace
from tests.engine.data.review.conftest import add_rows, fix, read_all

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=40)
NASTY = [
    "=1+1",
    "'=1+1",
    "+49 30 1",
    "-5",
    "@x",
    "\tx",
    "'quoted'",
    'a "b", c;d',
    "line\nbreak",
    "_x000D_",
    "00123",
    "NA",
]


def verdicts_of(project, rater):
    lines = open_desk(project).book.of(rater)
    return {row: (line.action, line.reason, line.note, line.messages) for row, line in lines.items()}


def judged(project, texts, answers):
    """A review of rows with these texts: fix, drop and keep in turn."""
    add_rows(project, texts=[(text, f"answer to {text}") for text in texts])
    start_queue(project, len(texts), seed=0)
    desk = open_desk(project)
    said = {}
    for row in range(len(texts)):
        choices = [
            fix(desk, row, answers[row], "format", "a note"),
            Opinion("drop", "other", "why; so"),
            Opinion("keep"),
        ]
        said[row] = choices[row % 3]
    read_all(project, "Ann", said)
    return verdicts_of(project, "Ann")


def as_file(tmp_path, form, data):
    path = tmp_path / f"review.{form}"
    path.write_bytes(data)
    return path


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def written(rows, columns=COLUMNS, delimiter=","):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


# ---------------------------------------------------------------- sheets
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_sheet_with_verdicts_comes_back_as_the_same_verdicts(project, tmp_path, form):
    before = judged(project, NASTY, [f"{text} better" for text in NASTY])
    data = sheet(open_desk(project), form, "Ann")
    report = read_sheet(open_desk(project), as_file(tmp_path, form, data), "Ben")
    assert (report.saved, report.problems, report.unknown) == (len(NASTY), [], [])
    assert verdicts_of(project, "Ben") == before
    again = read_sheet(open_desk(project), as_file(tmp_path, form, data), "Ben")
    assert (again.saved, again.same) == (0, len(NASTY))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT.filter(str.strip), min_size=3, max_size=6, unique=True), answer=TEXT.filter(str.strip))
def test_any_text_survives_both_sheets(tmp_path_factory, texts, answer):
    folder = tmp_path_factory.mktemp("sheets")
    project = Workspace(folder).create("P")
    before = judged(project, texts, [answer + "."] * len(texts))
    for form, rater in (("csv", "Ben"), ("xlsx", "Cleo")):
        data = sheet(open_desk(project), form, "Ann")
        report = read_sheet(open_desk(project), as_file(folder, form, data), rater)
        assert report.problems == []
        assert report.unknown == []
        assert verdicts_of(project, rater) == before
    data = tasks_json(open_desk(project), ("Ann",)).replace(b"tuneworth: Ann", b"tuneworth: Dora")
    assert read_label_studio(open_desk(project), data).problems == []
    assert verdicts_of(project, "Dora") == before


def test_no_cell_of_a_sheet_can_run_as_a_formula(project):
    judged(project, NASTY, ["=HYPERLINK(1)"] * len(NASTY))
    for row in table(sheet(open_desk(project), "csv", "Ann")):
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in row.values())
    book = openpyxl.load_workbook(io.BytesIO(sheet(open_desk(project), "xlsx", "Ann")))
    cells = [cell for line in book["Review"].iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert "=1+1" in {cell.value for cell in cells}
    assert len(book["Review"].data_validations.dataValidation) == 2


def test_a_sheet_edited_by_a_person(project, tmp_path):
    add_rows(project)
    start_queue(project, 8, seed=1)
    rows = table(sheet(open_desk(project), "csv"))
    assert all(row["verdict"] == "" for row in rows)
    ids = [int(row["id"]) for row in rows]
    rows[0] |= {"verdict": " Keep "}
    rows[1] |= {"verdict": "D", "reason": "Off topic"}
    rows[2] |= {"verdict": "fix", "reason": "wrong", "fixed answer": "New."}
    rows[3] |= {"verdict": "FIX", "reason": "format", "answer": "Edited in place."}
    rows[4] |= {"verdict": "maybe"}
    rows[5] |= {"verdict": "drop", "reason": "ugly"}
    rows[6] |= {"verdict": "fix", "reason": "wrong"}
    extra = [{**rows[0], "id": "999"}, {**rows[0], "verdict": "drop", "reason": "wrong"}]
    columns = [
        "Verdict",
        "mine",
        "ID",
        "Fixed_Answer",
        *[name for name in COLUMNS[1:] if name not in ("verdict", "fixed answer")],
    ]
    renamed = [
        {**row, "Verdict": row["verdict"], "ID": row["id"], "Fixed_Answer": row["fixed answer"], "mine": "x"}
        for row in [*rows, *extra]
    ]
    path = as_file(tmp_path, "csv", written(renamed, columns, ";"))
    report = read_sheet(open_desk(project), path, "Ann")
    said = verdicts_of(project, "Ann")
    assert [said[row][0] for row in ids[:4]] == ["keep", "drop", "fix", "fix"]
    assert [answer_of(said[row][3]) for row in ids[2:4]] == ["New.", "Edited in place."]
    assert (report.saved, report.empty, report.unknown) == (4, 1, ["Row 8 (id 999)"])
    assert len(report.problems) == 4
    assert "Row 4, column verdict: 'maybe' is not keep, fix or drop." in report.problems
    assert any(text.startswith("Row 5, column reason: 'ugly' is not one of wrong") for text in report.problems)
    assert f"Row 9, column id: {ids[0]} stands twice, first in row 0; the first counts." in report.problems
    assert "Row 6: Nothing was changed." in report.problems
    assert "4 verdicts taken over" in report.sentence


def test_sheets_that_are_none(project, tmp_path):
    add_rows(project)
    start_queue(project, 4)
    with pytest.raises(InputError, match="no column 'verdict'"):
        read_sheet(open_desk(project), as_file(tmp_path, "csv", b"id,answer\n1,x\n2,y\n"), "Ann")
    with pytest.raises(InputError):
        read_sheet(open_desk(project), as_file(tmp_path, "xlsx", b"\x00\x01not a workbook"), "Ann")
    assert not project.records.list(Judgement)


def test_a_text_too_long_for_excel_names_its_place():
    with pytest.raises(InputError, match="Row 0, answer: 40,000 characters"):
        workbook(["id", "answer"], [["1", "x" * 40_000]], {}, {})


def test_rows_changed_since_the_sheet_was_written_are_said(project, tmp_path):
    from engine.data.edits import RowEdit, apply_edits
    from engine.data.messages import make
    from engine.data.review.apply import plan_review

    add_rows(project)
    start_queue(project, 4)
    rows = table(sheet(open_desk(project), "csv"))
    for row in rows:
        row |= {"verdict": "drop", "reason": "wrong"}
    first = int(rows[0]["id"])
    apply_edits(project, [RowEdit(first, "x", "x", messages=make("other", "text"))], "fixes")
    report = read_sheet(open_desk(project), as_file(tmp_path, "csv", written(rows)), "Ann")
    assert (report.saved, report.changed) == (4, 1)
    plan = plan_review(open_desk(project))
    assert plan.changed == [first]
    assert plan.drops == 3


# ---------------------------------------------------------------- Label Studio
def test_tasks_and_set_up_fit_together(project):
    add_rows(project)
    start_queue(project, 5)
    root = ElementTree.fromstring(label_config())
    used = {value[1:] for node in root.iter() for value in [node.get("value", "")] if value.startswith("$")}
    for task in json.loads(tasks_json(open_desk(project))):
        assert used <= task["data"].keys()
        assert "predictions" not in task
        assert {"role", "content"} == task["data"]["conversation"][0].keys()
    names = {node.get("name") for node in root.iter() if node.get("toName")}
    assert names == {"verdict", "reason", "fixed_question", "fixed_answer", "note"}
    assert {node.get("toName") for node in root.iter() if node.get("toName")} == {"talk"}
    assert [choice.get("hotkey") for choice in root.iter("Choice")][:3] == ["k", "f", "d"]


def test_our_own_export_comes_back_as_the_same_verdicts(project, tmp_path):
    before = judged(project, NASTY, [f"{text} better" for text in NASTY])
    data = tasks_json(open_desk(project), ("Ann",)).replace(b"tuneworth: Ann", b"tuneworth: Ben")
    report = read_label_studio(open_desk(project), data)
    assert (report.saved, report.problems, report.unknown) == (len(NASTY), [], [])
    assert verdicts_of(project, "Ben") == before


def result(**fields):
    kinds = {"verdict": "choices", "reason": "choices"}
    return [
        {"from_name": name, "to_name": "talk", "type": kinds.get(name, "textarea"),
         "value": {kinds.get(name, "text"): [value]}}
        for name, value in fields.items()
    ]  # fmt: skip


def test_annotations_of_people_become_their_verdicts(project):
    add_rows(project)
    start_queue(project, 6)
    body = tasks(open_desk(project))
    for number, task in enumerate(body):
        task |= {
            "id": number + 100,
            "annotations": [],
            "predictions": [{"model_version": "tuneworth: Old", "result": result(verdict="drop", reason="wrong")}],
        }
    rows = [task["data"]["row_id"] for task in body]
    ann = {"id": 7, "email": "ann@example.org"}
    body[0]["annotations"] = [
        {"completed_by": ann, "updated_at": "2026-02-01", "result": result(verdict="keep")},
        {"completed_by": ann, "updated_at": "2026-01-01", "result": result(verdict="drop", reason="wrong")},
        {"completed_by": 3, "result": result(verdict="drop", reason="unclear")},
    ]
    body[1]["annotations"] = [
        {
            "completed_by": ann,
            "result": result(
                verdict="fix",
                reason="format",
                fixed_answer="Good.",
                fixed_question=body[1]["data"]["question"],
                note="n",
            ),
        }
    ]
    body[2]["annotations"] = [{"completed_by": ann, "was_cancelled": True, "result": result(verdict="keep")}]
    body[3]["annotations"] = [{"completed_by": ann, "result": []}]
    body[4]["annotations"] = [{"completed_by": ann, "result": result(verdict="drop")}]
    body[5]["data"]["row_id"] = 5000
    foreign = {
        "id": 9,
        "data": {"row_id": rows[0], "review": "another"},
        "annotations": [{"result": result(verdict="drop", reason="wrong")}],
    }
    report = read_label_studio(open_desk(project), json.dumps([*body, foreign]).encode(), "export.json")
    assert verdicts_of(project, "ann@example.org").keys() == set(rows[:2])
    assert verdicts_of(project, "ann@example.org")[rows[0]][0] == "keep"  # the newest counts
    action, reason, note, messages = verdicts_of(project, "ann@example.org")[rows[1]]
    assert (action, reason, note, answer_of(messages)) == ("fix", "format", "n", "Good.")
    assert verdicts_of(project, "Label Studio 3")[rows[0]][:2] == ("drop", "unclear")
    assert not verdicts_of(project, "Old")  # what we sent along is no annotation
    assert report.unknown == ["Task 105 (row 5000)", f"Task 9 (row {rows[0]})"]
    assert report.empty == 1
    assert report.problems == [
        "Task 103: the verdict '' is not keep, fix or drop.", "Task 104: The reason is missing.",
    ]  # fmt: skip


def test_the_short_export_of_label_studio_works_too(project):
    add_rows(project)
    start_queue(project, 2)
    one, two = (task["data"] for task in tasks(open_desk(project)))
    short = [
        {"id": 1, "row_id": one["row_id"], "verdict": "keep", "annotator": 2},
        {
            "id": 2,
            "row_id": two["row_id"],
            "verdict": "fix",
            "reason": "wrong",
            "fixed_answer": ["Now right."],
            "annotator": 2,
        },
    ]
    report = read_label_studio(open_desk(project), json.dumps(short).encode())
    assert report.saved == 2
    assert report.raters == ["Label Studio 2"]


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b'{"a": 1}', b"[1]"])
def test_files_that_are_no_export(project, data):
    add_rows(project)
    start_queue(project, 2)
    with pytest.raises(InputError, match="is not a"):
        read_label_studio(open_desk(project), data)
