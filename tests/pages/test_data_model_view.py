"""What the model sees, without a browser: verdicts, the limit, rows left out and undone, sealed rows, the estimate."""

from __future__ import annotations

import html

import pytest

from engine.data.records import CleaningStep, Split
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split, split_table
from engine.data.versions import current_version, load_version, save_version, undo
from engine.training.config import TrainConfig
from engine.training.models import find_base
from engine.training.preflight import preflight
from engine.training.reading_choice import reading_choice
from tests.pages.test_data_studio import button, primaries, words

LONG = "very long story about a parcel that never came and a courier who did not ring " * 8


def dataset(project, *, long=0, silent=0, rows=60):
    """A CSV in the project, mapped, and a second version so that the tabs are there."""
    body = [f"Where is parcel number {n}?;Queue: {'Delivery' if n % 2 else 'Billing'}" for n in range(rows)]
    body[:long] = [f"{LONG} {n};Queue: Delivery" for n in range(long)]
    source, read = add_upload(project, ("text;answer\n" + "\n".join(body) + "\n").encode(), "tickets.csv")
    from engine.data.columns import guess_columns

    version = start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    frame = load_version(project, version.id)
    for place in range(rows - silent, rows):
        text = frame.loc[place, "messages"]
        frame.loc[place, "messages"] = text[: text.rindex('"content": "')] + '"content": ""}]'
    step = CleaningStep(name="whitespace", rows_in=rows, rows_out=rows)
    return save_version(project, frame, step, version.id, version.source_id)


def opened(open_page, project, tab="What the model sees"):
    app = open_page("data_studio", project)
    app.session_state["studio"] = tab
    app.run()
    assert not app.exception
    assert "did not work" not in words(app)
    return app


def seen(app) -> str:
    """The box that shows a row, as text."""
    box = next(item.proto.body for item in app.get("html") if "as the model reads it" in item.proto.body)
    return html.unescape(box)


def test_all_rows_fit(open_page, project):
    dataset(project)
    app = opened(open_page, project)
    assert "every row has an answer to learn" in words(app)
    assert primaries(app) == ["split-start"]
    shown = seen(app)
    assert "<|im_start|>" in shown
    assert "Where is parcel number" in shown
    assert "text-decoration:underline" in shown
    assert not [item for item in app.button if item.key.startswith("view-drop")]


def test_long_rows_are_told_raised_and_left_out(open_page, project):
    version = dataset(project, long=3)
    app = opened(open_page, project)
    key = next(item.key for item in app.number_input if item.key.startswith("view-limit-demo"))
    app.number_input(key=key).set_value(64).run()
    assert reading_choice(project, find_base("demo")).max_length == 64
    assert "3 rows are longer than 64 tokens and would be left out of training; 57 stay." in words(app)
    assert "Line 2, Line 3, Line 4." in words(app)
    assert "would take the end off 3 answers and leave 3 with nothing to learn" in words(app)
    button(app, "view-raise").click().run()
    assert reading_choice(project, find_base("demo")).max_length > 128
    assert "every row has an answer to learn" in words(app)
    app.number_input(key=next(i.key for i in app.number_input if i.key.startswith("view-limit"))).set_value(64).run()
    button(app, "view-drop-long").click().run()
    assert not app.exception
    assert current_version(project).rows == 57
    assert current_version(project).step.name == "too_long_rows"
    assert "every row has an answer to learn" in words(app)
    assert undo(project).id == version.id


def test_an_instruction_is_shown_in_the_row_and_kept_for_train(open_page, project):
    dataset(project)
    make_split(project)
    app = opened(open_page, project)
    before = next(item.value for item in app.metric if item.label == "Tokens in a row")
    app.text_area(key="view-prompt-demo").set_value("Route this ticket.").run()
    assert not app.exception
    assert "Route this ticket." in seen(app)
    assert int(next(item.value for item in app.metric if item.label == "Tokens in a row")) > int(before)
    train = open_page("train", project)
    field = train.text_area(key="train-set-system_prompt-Route this ticket.")
    assert field.value == "Route this ticket."
    field.set_value("Only the queue.").run()
    assert reading_choice(project, find_base("demo")).system_prompt == "Only the queue."
    assert "Only the queue." in seen(opened(open_page, project))


def test_rows_with_nothing_to_learn_are_a_hard_stop(open_page, project):
    dataset(project, silent=2)
    app = opened(open_page, project)
    assert "Training would stop: 2 rows have nothing the model can learn." in words(app)
    assert "Line 60, Line 61." in words(app)
    button(app, "view-drop-silent").click().run()
    assert current_version(project).rows == 58
    assert "every row has an answer to learn" in words(app)


def test_the_page_and_train_say_the_same_and_sealed_rows_stay_hidden(open_page, project):
    dataset(project, long=12)
    make_split(project)
    split = project.records.latest(Split)
    table = split_table(project, split)
    sealed = set(table.loc[table["split"] == "test", "row_id"])
    app = opened(open_page, project)
    app.number_input(key=next(i.key for i in app.number_input if i.key.startswith("view-limit"))).set_value(64).run()
    [check] = [item.sentence for item in preflight(project, TrainConfig(max_length=64)) if "left out" in item.sentence]
    told = check.split(" and left out")[0]  # `9 rows are longer than 64 tokens`
    assert told in words(app)
    assert f"The {len(sealed)} sealed test rows are counted but not shown" in words(app)
    offered = {int(row) for box in app.selectbox if (box.key or "").startswith("view-row") for row in range(60)
               if any(option.startswith(f"Line {row + 2}:") for option in box.options)}  # fmt: skip
    assert offered
    assert not offered & sealed
    train = open_page("train", project)
    assert train.number_input(key="train-set-max_length-64").value == 64
    assert told in words(train)


@pytest.mark.parametrize("silent", [0, 1])
def test_an_estimate_is_a_range(open_page, project, silent):
    dataset(project, silent=silent)
    app = opened(open_page, project)
    app.selectbox(key="view-base").set_value("estimate").run()
    assert not app.exception
    assert ("Training would stop: 1 row has nothing" in words(app)) == bool(silent)
    assert ("Every row should fit into 4,096 tokens" in words(app)) == (not silent)
    assert "Estimated from characters" in words(app)
    [card] = [item for item in app.metric if item.label == "Tokens in a row"]
    assert (card.value.split()[0], " to " in card.delta) == ("about", True)


def test_one_row_is_enough_to_look(open_page, project):
    dataset(project, rows=1)
    app = opened(open_page, project)
    assert "every row has an answer to learn" in words(app)


def test_hostile_text_is_shown_and_never_markup(open_page, project):
    version = dataset(project)
    frame = load_version(project, version.id)
    frame["messages"] = frame["messages"].str.replace(
        "Where is parcel", "<img src=http://192.0.2.1/b.png onerror=alert(1)> </div> where", regex=False
    )
    save_version(
        project, frame, CleaningStep(name="whitespace", rows_in=60, rows_out=60), version.id, version.source_id
    )
    app = opened(open_page, project)
    box = next(item.proto.body for item in app.get("html") if "as the model reads it" in item.proto.body)
    assert "<img" not in box
    assert box.count("</div>") == 1
    assert "&lt;img src=http" in box
