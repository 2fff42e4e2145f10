"""History on screen: settings, two versions compared, lines set aside, and the next file prepared in one job."""

from __future__ import annotations

import pytest

from engine.data.edits import RowEdit, apply_edits
from engine.data.messages import make
from engine.data.next_file import waiting_file
from engine.data.page_view import recipe_of
from engine.data.recipe import SplitPlan, recipe_from, recipe_yaml
from engine.data.sources import add_upload, current_source
from engine.data.split import current_split, make_split, split_table
from engine.data.versions import chain, current_version, load_version, undo_to
from engine.jobs.manager import JobManager
from pages.parts.data_history import settings_words
from tests.pages.test_data_studio import button, cleaned, primaries, tickets, upload, words

STEPS = ["map", "whitespace", "empty", "exact_duplicates", "conflicts"]


@pytest.fixture
def history(open_page, project):
    def opened(**state):
        app = open_page("data_studio", project)
        app.session_state["studio"] = "History"
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception
        assert "did not work" not in words(app)
        return app

    return opened


def finish(project):
    [*_, job] = JobManager(project).list("prepare")
    return JobManager(project).wait(job.id, timeout=90)


def test_every_step_with_its_settings(history, project):
    cleaned(project)
    apply_edits(project, [RowEdit(3, "fixed", "By a person.", messages=make("q", "x"))], "review", {"rater": "anna"})
    app = history()
    assert "5 steps since tickets\\.csv was read" in " ".join(str(item.value) for item in app.markdown)
    table = next(frame.value for frame in app.dataframe if "Settings" in frame.value.columns)
    assert table["Settings"].tolist()[0] == "by hand, rater anna"
    assert table["Settings"].tolist()[-1] == "Question: text. Answer: category."
    assert table["Rows before"].tolist()[-1] == 40
    assert settings_words(chain(project)[1].step) == "as usual"


def test_two_versions_are_compared_with_reasons_and_marks(history, project):
    cleaned(project)
    app = history(compare=True)
    said = words(app)
    assert "35 rows the same, 0 changed, 5 only in the first, 0 only in the second." in said
    reasons = next(frame.value for frame in app.dataframe if "How many" in frame.value.columns)
    assert reasons.values.tolist() == [
        ["Only in the first", "Exact duplicate", 4],
        ["Only in the first", "Empty answer", 1],
    ]
    rows = next(frame.value for frame in app.dataframe if "Question" in frame.value.columns)
    assert rows["Row"].tolist() == ["Line 36", "Line 37", "Line 38", "Line 39", "Line 41"]
    apply_edits(project, [RowEdit(3, "fixed", "By a person.", messages=make("Where is parcel 3", "billing"))], "review")
    app = history(compare=True, **{"compare-lane": "changed"})
    said = words(app)
    assert "Fixed. By a person." in said.replace("*", "")
    assert ":orange-background[**delivery**]" in said


def test_sealed_rows_are_counted_and_not_shown(history, project):
    cleaned(project, tickets(200))
    make_split(project, SplitPlan(ratios=(0.4, 0.1, 0.5)))
    split = current_split(project)
    sealed = set(split_table(project, split).query("split == 'test'")["row_id"])
    frame = load_version(project, current_version(project).id)
    edits = [RowEdit(int(row), "fixed", "x", messages=make("other", "text")) for row in frame["row_id"]]
    apply_edits(project, edits, "review")
    app = history(compare=True, **{"compare-lane": "changed"})
    said = words(app)
    assert f"{len(sealed)} rows of the test stay sealed and are not shown." in said
    lines = {row + 2 for row in sealed}
    captions = [str(item.value) for item in app.caption]
    assert any("line" in text for text in captions)
    assert not any(f"line {line}" == text.split(", ")[-1].lower() for line in lines for text in captions)


def test_other_lines_say_where_they_part(history, project):
    cleaned(project)
    undo_to(project, chain(project)[1].id)
    apply_edits(project, [RowEdit(3, "wrong", "x")], "review")
    app = history()
    assert "Rows set aside" in words(app)
    assert "Parts from the rows after “Spaces tidied” (40): Without question or answer (39)" in words(app)


def test_the_next_file_is_prepared_in_one_job(history, project, open_page):
    cleaned(project)
    make_split(project, SplitPlan(seed=4))
    old = current_version(project)
    app = history()
    assert "Columns, then 4 steps (spaces tidied, without question or answer, exact copies, contradictions)" in words(
        app
    )
    assert "then the split 80 / 10 / 10" in words(app)
    app.get("file_uploader")[0].set_value(("november.csv", tickets(90), "text/csv")).run()
    assert waiting_file(project).file == "november.csv"
    assert current_version(project).id == old.id
    app = history()  # a refresh finds it again
    assert "2 columns." in words(app)
    button(app, "next-start").click().run()
    assert not app.exception
    job = finish(project)
    assert job.state == "succeeded", job.error
    app = open_page("data_studio", project)
    assert current_source(project).file == "november.csv"
    assert [version.step.name for version in chain(project)] == STEPS
    assert current_split(project).dataset_id == current_version(project).id
    assert "85 of 90 rows are ready." in words(app)
    assert primaries(app) == ["next"]
    app = history()
    button(app, f"use-{old.id}").click().run()
    assert current_version(project).id == old.id
    assert primaries(app) == ["next"]  # and their split came back with them


def test_renamed_columns_are_asked_for(history, project):
    cleaned(project)
    app = history()
    data = tickets(90).replace(b"text,category", b"ticket text,queue")
    app.get("file_uploader")[0].set_value(("november.csv", data, "text/csv")).run()
    app = history()
    assert "november.csv has no columns 'text' and 'category', which these steps read." in words(app)
    assert button(app, "next-start").disabled
    waiting = waiting_file(project)
    assert app.selectbox(key=f"next-{waiting.id}-0").value == "ticket text"
    app.selectbox(key=f"next-{waiting.id}-1").set_value("queue").run()
    button(app, "next-start").click().run()
    assert not app.exception
    assert finish(project).state == "succeeded"
    assert chain(project)[0].step.settings["roles"] == {"ticket text": "user", "queue": "assistant"}


def test_hand_made_steps_are_named_before_and_after(history, project, open_page):
    cleaned(project)
    apply_edits(project, [RowEdit(3, "wrong", "By a person.")], "review")
    app = history()
    assert "Not repeated, because they were made by hand for these rows: Read by people (1 left out)." in words(app)
    assert [item.proto.label for item in app.get("download_button")] == ["Download the recipe"]
    recipe = recipe_of(current_source(project), chain(project), None)
    assert recipe_from(recipe_yaml(recipe), "r.yml").by_hand == ("review (1 left out)",)
    app.get("file_uploader")[0].set_value(("november.csv", tickets(60), "text/csv")).run()
    button(history(), "next-start").click().run()
    assert finish(project).result["not_repeated"] == ["review (1 left out)"]
    app = open_page("data_studio", project)
    assert "Every step was repeated on this file but these, which were made by hand: Read by people" in words(app)


def test_a_bad_next_file_is_one_sentence_and_changes_nothing(history, project):
    version = cleaned(project)
    app = history()
    app.get("file_uploader")[0].set_value(("empty.csv", b"", "text/csv")).run()
    assert "empty.csv is empty (0 bytes)." in words(app)
    assert waiting_file(project) is None
    app = history()
    app.get("file_uploader")[0].set_value(("x.csv", tickets(60), "text/csv")).run()
    button(history(), "next-forget").click().run()
    assert waiting_file(project) is None
    assert current_version(project).id == version.id


def test_a_file_brought_the_usual_way_can_take_the_same_steps(open_page, project):
    cleaned(project)
    add_upload(project, tickets(70), "november.csv")
    app = open_page("data_studio", project)
    assert primaries(app) == ["map"]
    offer = button(app, "same-steps")
    assert offer.label.replace("\\", "") == "Do the same as with tickets.csv"
    offer.click().run()
    assert not app.exception
    assert finish(project).state == "succeeded"
    assert [version.step.name for version in chain(project)] == STEPS
    add_upload(project, b"other,columns\n" + b"a,b\n" * 12, "strange.csv")
    app = open_page("data_studio", project)
    assert "same-steps" not in [item.key for item in app.button]


def test_a_recipe_file_prepares_the_first_file_of_a_new_project(open_page, project):
    add_upload(project, tickets(70).replace(b"text,", b"Text,"), "november.csv")
    app = open_page("data_studio", project)
    recipe = (
        "mapping: {roles: {text: user, category: assistant}}\nsteps: [empty, exact_duplicates]\n"
        "split: {seed: 9, compare: false}\nby_hand: [review (2 changed)]\n"
    )
    place = next(item for item in app.get("file_uploader") if item.label == "Recipe (YAML)")
    place.set_value(("broken.yml", b"steps: [nonsense]", "application/yaml")).run()
    assert "The recipe is wrong at steps" in words(app)
    place = next(item for item in app.get("file_uploader") if item.label == "Recipe (YAML)")
    place.set_value(("r.yml", recipe.encode(), "application/yaml")).run()
    assert not app.exception
    assert "november.csv has no column 'text', which these steps read." in words(app)
    assert "Not repeated: Read by people (2 changed)." in words(app)
    button(app, "next-start").click().run()
    assert finish(project).state == "succeeded"
    assert [version.step.name for version in chain(project)] == ["map", "empty", "exact_duplicates"]
    assert current_split(project).seed == 9
    assert primaries(open_page("data_studio", project)) == ["next"]


def test_a_running_job_is_found_again_and_a_failed_one_says_why(open_page, project, history):
    version = cleaned(project)
    app = history()
    data = b"text,category\n" + b"what is this,\n" * 12
    app.get("file_uploader")[0].set_value(("bad.csv", data, "text/csv")).run()
    button(history(), "next-start").click().run()
    assert finish(project).state == "failed"
    app = open_page("data_studio", project)
    assert "No row is left after the step" in words(app)
    assert current_version(project).id == version.id
    job = JobManager(project).start(
        "prepare", "tests.fixtures.worker_script", {"step_seconds": 9}, title="Prepare 9 rows"
    )
    try:
        app = open_page("data_studio", project)
        assert "Prepare 9 rows" in words(app)
        assert primaries(app) == []
    finally:
        JobManager(project).stop(job.id)
        JobManager(project).wait(job.id, timeout=60)


def test_uploading_in_place_of_the_file_still_works(open_page, project):
    app = upload(open_page("data_studio", project), "t.csv", tickets())
    assert primaries(app) == ["map"]
