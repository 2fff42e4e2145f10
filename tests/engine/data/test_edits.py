"""Single rows edited or added: one decision each, undo brings back equal bytes, ids never name a row of the file."""

import pytest

from engine.data.edits import RowEdit, add_rows, apply_edits
from engine.data.messages import answer_of, dumps, make
from engine.data.versions import load_decisions, load_version, require_version, undo, version_bytes
from engine.errors import DatasetError, InputError, NotFound
from engine.project.project import Project
from tests.pages.dataset import add_dataset


@pytest.fixture
def three_rows(project: Project) -> Project:
    add_dataset(project, 3)
    return project


def test_change_and_drop_leave_one_reason_each(three_rows: Project) -> None:
    before = require_version(three_rows)
    bytes_before = version_bytes(three_rows, before.id)
    edits = [
        RowEdit(1, "fixed", "Corrected by a person.", messages=make("q", "better")),
        RowEdit(2, "wrong", "Left out by a person."),
    ]
    version = apply_edits(three_rows, edits, "review")
    frame = load_version(three_rows, version.id)
    assert frame["row_id"].tolist() == [0, 1]
    assert answer_of(frame["messages"][1]) == "better"
    assert (version.step.rows_in, version.step.rows_out, version.step.changed) == (3, 2, 1)
    decisions = load_decisions(three_rows, version.id)
    assert list(zip(decisions["row_id"], decisions["action"], strict=True)) == [(1, "change"), (2, "drop")]
    undo(three_rows)
    assert version_bytes(three_rows, require_version(three_rows).id) == bytes_before


def test_unknown_row_and_nothing_left_are_sentences(three_rows: Project) -> None:
    with pytest.raises(NotFound):
        apply_edits(three_rows, [RowEdit(9, "x", "x")], "review")
    with pytest.raises(DatasetError):
        apply_edits(three_rows, [RowEdit(row, "x", "x") for row in range(3)], "review")
    assert require_version(three_rows).rows == 3


def test_added_rows_get_free_ids_and_keep_their_mark(three_rows: Project) -> None:
    rows = load_version(three_rows, require_version(three_rows).id).head(2)
    rows = rows.assign(synthetic=True, messages=[dumps(make("new", "one")), dumps(make("new", "two"))])
    version = add_rows(three_rows, rows, "grow", {"method": "template"})
    frame = load_version(three_rows, version.id)
    assert frame["row_id"].tolist() == [0, 1, 2, 3, 4]
    assert frame["synthetic"].tolist() == [False, False, False, True, True]
    with pytest.raises(InputError):
        add_rows(three_rows, rows.head(0), "grow")
