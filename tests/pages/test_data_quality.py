"""The Quality tab without a browser: verdict, order of advice, what buttons do, answers kept, sealed rows, edges."""

from __future__ import annotations

import json

import pytest

from engine.data.columns import guess_columns
from engine.data.messages import answer_of
from engine.data.quality.meaning import LoneRow, MeaningGroup, MeaningReport
from engine.data.quality.six_questions import answers_of
from engine.data.quality.start import KIND
from engine.data.records import CleaningStep, Split
from engine.data.review.queue import waiting
from engine.data.sources import add_upload, current_source, start_dataset
from engine.data.split import make_split, split_table
from engine.data.versions import current_version, load_version, save_version, undo
from engine.jobs.manager import JobManager
from tests.pages.test_data_studio import HOSTILE, button, primaries, words


def dataset(project, rows):
    """(question, answer) pairs as a file in the project, mapped, with a second version so that the tabs are there."""
    lines = [json.dumps({"question": question, "answer": answer}) for question, answer in rows]
    source, read = add_upload(project, "\n".join(lines).encode(), "rows.jsonl")
    version = start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    step = CleaningStep(name="whitespace", rows_in=version.rows, rows_out=version.rows)
    return save_version(project, load_version(project, version.id), step, version.id, version.source_id)


def labelled(**counts):
    return [(f"{n} {name} question about a thing", name) for name, count in counts.items() for n in range(count)]


def texts(count):
    return [
        (f"{n} where is the parcel that I ordered", f"{n} It is on its way and arrives in {n} days.")
        for n in range(count)
    ]


def opened(open_page, project, part="Overview"):
    app = open_page("data_studio", project)
    app.session_state["studio"] = "Quality"
    app.session_state["quality-part"] = part
    app.run()
    assert not app.exception
    assert "did not work" not in words(app)
    return app


def test_good_rows_say_so(open_page, project):
    dataset(project, texts(120))
    app = opened(open_page, project)
    assert "Nothing in these rows stands in the way of training." in words(app)
    assert "100% of the questions start differently" in words(app)
    assert primaries(app) == ["split-start"]


def test_the_gravest_comes_first(open_page, project):
    dataset(project, [*labelled(refund=30, delivery=9), ("0 refund question about a thing", "delivery")])
    app = opened(open_page, project)
    assert "40 rows are few." in words(app)
    said = words(app)
    places = [said.index(text) for text in ("1. Collect more rows", "2. ", "Decide which of the contradicting answers")]
    assert places[0] < places[1] <= places[2]
    button(app, "todo-contradictions").click().run()
    assert app.session_state["studio"] == "Cleaning"


def test_labels_are_written_one_way_by_one_click(open_page, project):
    first = dataset(project, [*labelled(refund=70, delivery=60), ("x y z", "Refund"), ("other", "DELIVERY.")])
    app = opened(open_page, project)
    button(app, "todo-format").click().run()
    assert not app.exception
    after = load_version(project, current_version(project).id)
    assert set(map(answer_of, after["messages"])) == {"refund", "delivery"}
    assert undo(project).id == first.id


def test_fewer_of_a_label(open_page, project):
    dataset(project, labelled(refund=1300, delivery=60))
    app = opened(open_page, project)
    assert app.number_input(key="todo-balance-n").value == 60
    app.number_input(key="todo-balance-n").set_value(200).run()
    button(app, "todo-balance").click().run()
    assert not app.exception
    assert current_version(project).rows == 260
    assert current_version(project).step.name == "fewer_of_label"


def test_six_questions_are_saved_and_survive_a_refresh(open_page, project):
    dataset(project, texts(120))
    app = opened(open_page, project, "Six questions")
    assert "0 of 6" in words(app) or "1 of 6" in words(app)
    key = f"six-{current_source(project).id}-correct"
    app.radio(key=key).set_value("yes").run()
    assert answers_of(project, current_source(project).id)["correct"].reply == "yes"
    again = opened(open_page, project, "Six questions")
    assert again.radio(key=key).value == "yes"
    undo(project)
    assert answers_of(project, current_source(project).id)["correct"].dataset_id != current_version(project).id


def test_odd_rows_go_to_a_review_or_out(open_page, project):
    rows = [
        *texts(120),
        ("one with another form", '{"a": 1, "b": "some more text here"}'),
        ("x" * 8000, "It is on its way and arrives soon."),
    ]
    first = dataset(project, rows)
    app = opened(open_page, project, "Rows that stand out")
    table = app.dataframe[0].value
    assert list(table["Row"]) == ["Line 121", "Line 122"]
    assert table["Why"][0].startswith("other form (JSON instead of text)")
    assert table["Why"][1].startswith("very long question")
    button(app, "odd-review").click().run()
    assert sorted(waiting(project)) == [120, 121]
    app.selectbox(key="odd-reason").set_value("very long question").run()
    button(app, "odd-drop").click().run()
    assert not app.exception
    assert load_version(project, current_version(project).id)["row_id"].max() == 120
    assert undo(project).id == first.id


def test_sealed_rows_are_counted_and_never_shown(open_page, project):
    dataset(project, [*texts(200), *((f"secret {n} form", json.dumps({"secret": n})) for n in range(20))])
    make_split(project)
    table = split_table(project, project.records.latest(Split))
    sealed = set(table.loc[table["split"] == "test", "row_id"])
    hidden = sealed & set(range(200, 220))
    assert hidden
    app = opened(open_page, project, "Rows that stand out")
    shown = {int(row.split()[1]) - 1 for row in app.dataframe[0].value["Row"]}
    assert not shown & sealed
    assert f"{len(hidden)} more row" in words(app)
    assert primaries(app) == ["next"]


def test_meaning_is_offered_runs_as_a_job_and_is_shown(open_page, project):
    version = dataset(project, texts(120))
    app = opened(open_page, project, "Meaning")
    assert "120 questions are compared on this computer" in words(app)
    button(app, "meaning-start").click().run()
    [job] = JobManager(project).list(KIND)
    assert job.settings == {"dataset_id": version.id}
    JobManager(project).stop(job.id)
    JobManager(project).wait(job.id, timeout=60)
    groups = [MeaningGroup(rows=80, words=["parcel"], examples=[3, 4]), MeaningGroup(rows=40, words=[], examples=[5])]
    report = MeaningReport(
        id=version.id, rows=120, whole=120, spread=0.31, spread_off=0, silhouette=0.4, groups=groups,
        lone=[LoneRow(row_id=7, closeness=0.1)], usual=0.3, points=[],
    )  # fmt: skip
    project.records.save(report, replace=True)
    app = opened(open_page, project, "Meaning")
    assert "The questions are about few things.** 2 groups of meaning stand apart." in words(app)
    assert "Line 4: 3 where is the parcel that I ordered" in words(app)
    assert "far from all others" in app_table(opened(open_page, project, "Rows that stand out"))
    assert "Add other kinds of questions" in words(opened(open_page, project))


def app_table(app) -> str:
    return " ".join(app.dataframe[0].value["Why"])


@pytest.mark.parametrize("part", ["Overview", "Six questions", "Meaning", "Rows that stand out", "How many rows"])
@pytest.mark.parametrize("count", [1, 2])
def test_tiny_data(open_page, project, part, count):
    dataset(project, texts(count))
    app = opened(open_page, project, part)
    assert ("One row is not a dataset yet." in words(app)) == (count == 1)


@pytest.mark.parametrize("name", ["lengths", "balance", "format", "diversity", "repeated", "language"])
def test_every_chart_opens(open_page, project, name):
    dataset(project, [*labelled(refund=30, delivery=9), (HOSTILE, "refund"), ("x", "Refund")])
    app = opened(open_page, project)
    app.session_state["quality-chart"] = name
    app.run()
    assert not app.exception
    assert app.get("vega_lite_chart") or name in ("repeated", "format")


def test_sizes_follow_task_and_categories(open_page, project):
    dataset(project, labelled(refund=60, delivery=30))
    app = opened(open_page, project, "How many rows")
    assert app.number_input(key="size-categories").value == 2
    said = {item.label: item.value for item in app.metric}
    assert (said["At least"], said["Recommended"]) == ("100 to 200", "400 to 1,000")
    assert "Collect 10 more rows before training is advised." in words(app)
    app.selectbox(key="size-task").set_value("reasoning").run()
    assert {item.label: item.value for item in app.metric}["At least"] == "400 to 1,000"
