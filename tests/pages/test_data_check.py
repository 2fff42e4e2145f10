"""The tabs Check and Export without a browser: findings named by line and column, fixes undone, tolerant export."""

from __future__ import annotations

import pytest

from engine.data.messages import answer_of
from engine.data.recipe import SplitPlan
from engine.data.split import make_split, split_table
from engine.data.versions import current_version, load_version, undo
from tests.pages.test_data_studio import button, cleaned, words

PADDED = "text,category\n" + "\n".join(
    [f"Where is parcel number {n}?,{'delivery' if n % 3 else 'billing'}" for n in range(60)]
    + [f"Where is crate number {n}?,Delivery" for n in range(2)]
    + ["User: where is it?,billing"]
)


@pytest.fixture
def check_tab(open_page, project):
    def opened(tab="Check"):
        app = open_page("data_studio", project)
        app.session_state["studio"] = tab
        return app.run()

    return opened


def test_findings_name_line_column_and_value(check_tab, project):
    cleaned(project, PADDED.encode())
    said = words(check_tab())
    assert "All 63 rows fit the rules of Hugging Face dataset (messages)." in said
    assert "The same label, written in two ways**: 2 rows, worth a look" in said
    assert "For example Line 62, column category: Delivery. Most rows write this label 'delivery'." in said


def test_a_fix_is_one_step_that_can_be_undone(check_tab, project):
    before = cleaned(project, PADDED.encode())
    app = check_tab()
    button(app, f"fix-label_spelling-set_label-{before.id}").click().run()
    assert not app.exception
    after = current_version(project)
    assert (after.step.name, after.step.changed, after.rows) == ("fix_set_label", 2, 63)
    answers = {answer_of(text) for text in load_version(project, after.id)["messages"]}
    assert answers == {"delivery", "billing"}
    assert "written in two ways" not in words(app)
    undo(project)
    assert current_version(project).id == before.id
    assert "written in two ways" in words(check_tab())


def test_another_target_has_other_rules_and_export_can_go_without_rows(check_tab, project):
    cleaned(project, PADDED.encode())
    app = check_tab()
    app.selectbox(key="check-target").select("bedrock-nova").run()
    said = words(app)
    assert "62 of 63 rows fit the rules of Amazon Nova on Bedrock." in said
    assert "'User:' is a reserved word" in said


def test_export_offers_to_leave_refused_rows_out(check_tab, project):
    rows = "text,category\n" + "\n".join(f"User: where is parcel number {n}?,{'a' if n % 2 else 'b'}" for n in range(8))
    rows += "\n" + "\n".join(f"Where is parcel number {n}?,{'a' if n % 2 else 'b'}" for n in range(100))
    cleaned(project, rows.encode())
    make_split(project, SplitPlan())
    app = check_tab("Export")
    assert not app.get("toggle")
    app.selectbox(key="export-target").select("bedrock-nova").run()
    assert "would be refused" in words(app)
    assert not [item for item in app.get("download_button") if item.key == "export-download"]
    app.toggle(key="export-tolerant").set_value(True).run()
    assert not app.exception
    assert "left out" in words(app)
    assert [item for item in app.get("download_button") if item.key == "export-download"]
    app.selectbox(key="export-target").select("folder").run()
    assert not app.exception
    assert [item for item in app.get("download_button") if item.key == "export-folder"]


def test_sealed_rows_are_counted_not_listed(check_tab, project):
    rows = [f"Where is parcel number {n}?,{'Delivery' if n % 3 == 0 else 'delivery'}" for n in range(60)]
    cleaned(project, ("text,category\n" + "\n".join(rows)).encode())
    split = make_split(project, SplitPlan())
    table = split_table(project, split)
    sealed = {row for row in table.loc[table["split"] == "test", "row_id"] if row % 3 == 0}
    assert sealed
    app = check_tab()
    app.session_state["rows-label_spelling"] = True
    app.run()
    assert f"Not listed, because the test part is sealed: {len(sealed)} row" in words(app)
    listed = next(table.value for table in app.dataframe if "Value" in table.value)
    assert len(listed) == 20 - len(sealed)
