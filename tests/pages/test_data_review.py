"""The Review tab without a browser: start, verdicts by button, fix, undo, a second reader, apply, files, pairs."""

from __future__ import annotations

import pytest

from engine.data.mapping import Mapping
from engine.data.messages import answer_of
from engine.data.recipe import SplitPlan
from engine.data.records import CleaningStep
from engine.data.review.desk import open_desk
from engine.data.review.queue import current_queue, flag_rows
from engine.data.review.spreadsheet import sheet
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split, split_table
from engine.data.versions import current_version, load_version, save_version

HOSTILE = "![x](http://192.0.2.1/a.png) :red[c]"


def words(app) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "error", "warning", "success", "checkbox")
    said = "\n".join(
        str(getattr(item, "value", "")) + str(item.label if kind == "checkbox" else "")
        for kind in kinds
        for item in app.get(kind)
    )
    said += "\n".join(str(item.proto.text) for item in app.get("progress")) + "\n".join(
        item.label for item in app.get("expander")
    )
    return said.replace("\\", "").replace("\u2060", "")


def button(app, key):
    return next(item for item in app.button if item.key == key)


def press(app, key):
    button(app, key).click().run()
    assert not app.exception
    assert "did not work" not in words(app)
    return app


def keys(app) -> set[str]:
    return {item.key for item in app.button}


@pytest.fixture
def rows(project):
    """30 rows with a worse answer, one step done, so that the tabs are there."""
    lines = ["q,a,bad,stars", *(f"Ask {n}?,good {n},bad {n} or so,{n % 5}" for n in range(29)), f"{HOSTILE},good,bad,1"]
    source, read = add_upload(project, "\n".join(lines).encode(), "rows.csv")
    roles = {"q": "user", "a": "assistant", "bad": "rejected"}
    version = start_dataset(project, source, Mapping(roles=roles), read)
    frame = load_version(project, version.id)
    return save_version(project, frame, CleaningStep(name="empty", rows_in=30, rows_out=30), version.id, source.id)


@pytest.fixture
def review(open_page, project, rows):
    """The page at the Review tab."""
    app = open_page("data_studio", project)
    app.session_state["studio"] = "Review"
    app.run()
    assert "Let a person read some rows" in words(app)
    return app


def start(app, name="Ann"):
    app.text_input(key="review-name").set_value(name)
    return press(app, "review-start")


def test_the_size_says_what_it_can_show(review):
    assert "All 30 rows are read: the share of wrong rows is then known exactly." in words(review)
    review.slider(key="review-size").set_value(20).run()
    assert "If 1 of 20 are wrong, then most likely between 1% and 24% of all 30 rows are." in words(review)


def test_a_name_is_needed(review, project):
    press(review, "review-start")
    assert "Type your name or initials first." in words(review)
    assert current_queue(project) is None


def test_verdicts_are_saved_as_they_are_given_and_survive_a_refresh(review, open_page, project):
    flag_rows(project, [3], "Much longer than the others.")
    start(review)
    assert "Row 1 of 30" in words(review)
    assert "0 of 30 rows read" in words(review)
    press(review, "review-keep")
    assert "Row 2 of 30" in words(review)
    press(review, "review-drop")
    press(review, "review-why-other")
    assert "Say in a few words what is wrong." in words(review)
    press(review, "review-why-wrong")
    press(review, "review-drop")
    press(review, "review-cancel")
    press(review, "review-back")
    assert "You said: **drop (wrong)**" in words(review)
    again = open_page("data_studio", project)  # F5: nothing of the session is left
    again.session_state["studio"] = "Review"
    again.run()
    assert "2 of 30 rows read" in words(again)
    assert "Row 3 of 30" in words(again)
    press(again, "review-undo")
    assert "1 of 30 rows read" in words(again)
    assert "Row 2 of 30" in words(again)
    lines = open_desk(project).book.of("Ann")
    assert [line.action for line in lines.values()] == ["keep"]


def test_a_fix_is_typed_saved_and_applied(review, project):
    start(review)
    row = open_desk(project).open_items[0].row_id
    press(review, "review-fix")
    assert "review-keep" not in keys(review)  # letters typed into the text are letters
    review.text_area(key=f"review-answer-{row}-0").set_value("A better answer.")
    press(review, "review-save")
    assert "The reason is missing." in words(review)
    review.radio(key=f"review-reason-{row}-0").set_value("format")
    press(review, "review-save")
    assert "1 of 30 rows read" in words(review)
    press(review, "review-drop")
    press(review, "review-why-off_topic")
    assert "Result so far" in words(review)
    assert "2 of 2 rows read are wrong" in words(review)
    press(review, "review-apply")
    version = current_version(project)
    assert (version.step.name, version.rows) == ("review", 29)
    frame = load_version(project, version.id).set_index("row_id")
    assert answer_of(frame.loc[row, "messages"]) == "A better answer."
    assert "1 was left out by a reader" in words(review)
    assert "Applied: 2 verdicts." in words(review)
    assert "review-apply" not in keys(review)


def test_text_of_rows_is_never_markdown(review, project):
    start(review)
    while not any(HOSTILE in str(item.value) for item in review.get("text")):
        press(review, "review-next")
    assert not any(HOSTILE in str(item.value) for kind in ("markdown", "caption") for item in review.get(kind))


def test_a_second_reader_sees_nothing_until_both_are_done(review, project):
    start(review)
    for _ in range(30):
        press(review, "review-keep")
    assert "What the reading showed" in words(review)
    assert "0 of all 30 rows are wrong (0.0%). Every row was read." in words(review)
    review.text_input(key="review-second").set_value("Ben")
    press(review, "review-add")
    assert "Verdicts of others are shown when every reader is done. Read so far: Ann 30 of 30, Ben 0 of 30." in words(
        review
    )
    assert "What the reading showed" not in words(review)
    assert "You said" not in words(review)
    press(review, "review-drop")
    press(review, "review-why-unclear")
    for _ in range(3):
        press(review, "review-keep")
    press(review, "review-stop-0")
    said = words(review)
    assert "Both said the same about 3 of 4 rows (75%" in said
    assert "1 disagreement" in said
    row = open_desk(project).open_items[0].row_id
    press(review, f"review-take-{row}-1")
    assert "0 to settle" in words(review)
    assert "Apply: 1 row left out" in button(review, "review-apply").label
    press(review, f"review-reopen-{row}")
    assert "1 to settle" in words(review)
    press(review, "review-as-0")
    assert "You said: **keep**" in words(review)


def test_rows_of_the_test_part_are_left_out_and_counted(open_page, project, rows):
    split = make_split(project, SplitPlan(ratios=(0.5, 0.2, 0.3)))
    table = split_table(project, split)
    sealed = set(table.loc[table["split"] == "test", "row_id"])
    app = open_page("data_studio", project)
    app.session_state["studio"] = "Review"
    app.run()
    assert f"{len(sealed)} rows of the sealed test part cannot be drawn" in words(app)
    start(app)
    assert not sealed & {item.row_id for item in open_desk(project).open_items}
    assert f"{len(sealed)} rows of the sealed test part are left out of this review." in words(app)


def test_a_filled_sheet_is_taken_over(review, project):
    start(review)
    review.session_state["review-exchange"] = True
    review.run()
    data = sheet(open_desk(project), "csv").decode("utf-8-sig").replace('"","","","",""', '"keep","","","",""')
    review.get("file_uploader")[-1].set_value(("mine.csv", data.encode(), "text/csv")).run()
    press(review, "review-in")
    assert "Whose verdicts are these?" in words(review)
    review.text_input(key="review-file-rater").set_value("Cleo")
    press(review, "review-in")
    assert "30 verdicts taken over." in words(review)
    assert len(open_desk(project).book.of("Cleo")) == 30


def test_pairs_are_counted_shown_and_kept(review, open_page, project):
    review.session_state["review-view"] = "pairs"
    review.run()
    said = words(review)
    assert "30 pairs of a better and a worse answer" in said
    assert "3 examples" in said
    assert "The better answer is the longer one in 3% of the pairs" in said
    press(review, "pairs-keep")
    assert "30 pairs kept just now" in words(review)
    make_split(project)
    out = open_page("data_studio", project)
    out.session_state["studio"] = "Export"
    out.run()
    out.selectbox(key="export-target").set_value("dpo").run()
    assert "kept on the Review tab. Pairs of the test part stay sealed." in words(out)
    after = open_page("data_studio", project)
    after.session_state["studio"], after.session_state["review-view"] = "Review", "pairs"
    after.run()
    assert "of the sealed test part" in words(after)
    after.selectbox(key="pairs-rating").set_value("stars").run()
    assert "30 questions have one rated answer only" in words(after)
    assert project.records.counts()["preference_set"] == 1


def test_an_earlier_review_is_not_lost_by_starting_another(review, project):
    start(review)
    press(review, "review-keep")
    first = current_queue(project).id
    press(review, "review-another")
    assert "Let a person read some rows" in words(review)
    review.slider(key="review-size").set_value(20)
    start(review, "Ben")
    assert "0 of 20 rows read" in words(review)
    second = current_queue(project).id
    review.selectbox(key=f"review-which-{second}").set_value(first).run()
    assert not review.exception
    assert "1 of 30 rows read" in words(review)
