"""Data Studio without a browser: each state, real files in, a real cleaning job, undo, split, export, bad input."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pytest

from engine.data.page_view import load_draft, recipe_of, return_to, sealed_rows, set_aside, undone
from engine.data.recipe import Recipe, SplitPlan
from engine.data.records import DatasetVersion, Source
from engine.data.run_steps import run_steps
from engine.data.sources import add_upload, current_source, start_dataset
from engine.data.split import current_split, make_split, split_table
from engine.data.start import start_cleaning
from engine.data.versions import chain, current_version, load_version, save_version
from engine.jobs.manager import JobManager
from pages.parts.data_diff import mark_differences
from pages.parts.data_words import ROLE_WORDS, STEP_CHOICES, read_sentence, result_sentence

QUICK = Recipe(steps=("whitespace", "empty", "exact_duplicates", "conflicts"))
HOSTILE = "![x](http://192.0.2.1/a.png) <img src=http://192.0.2.1/b.png> :red[c]"


def tickets(rows: int = 40) -> bytes:
    """Two columns; 4 exact copies, 1 contradiction, 1 row without an answer."""
    body = [f"Where is parcel number {n}?,{'delivery' if n % 2 else 'billing'}" for n in range(rows - 6)]
    body += ["where is parcel  number 1 ?,delivery"] * 4 + ["Where is parcel number 2?,delivery", "And now?,"]
    return ("text,category\n" + "\n".join(body) + "\n").encode()


def messy() -> bytes:
    lines = ["Ticket;Text;Answer", *(f'{n};"Frage {n}: Wo ist Größe {n}?";Antwort Nummer {n}' for n in range(30))]
    lines[10:10] = ["7;kaputt"]
    return "\r\n".join(lines).encode("cp1252")


def words(app) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "error", "warning", "success")
    said = "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
    said += "\n".join(item.label for item in app.get("expander")) + "\n".join(item.label for item in app.get("tab"))
    return said.replace("\\", "").replace("\u2060", "")


def button(app, key):
    return next(item for item in app.button if item.key == key)


def primaries(app) -> list[str]:
    return [item.key for item in app.main.button if item.proto.type == "primary"]


def upload(app, name: str, data: bytes):
    app.get("file_uploader")[0].set_value((name, data, "application/octet-stream")).run()
    assert not app.exception
    return app


def mapped(project, data: bytes | None = None):
    source, read = add_upload(project, data or tickets(), "tickets.csv")
    from engine.data.columns import guess_columns

    return start_dataset(project, source, guess_columns(read.frame).mapping(), read)


def cleaned(project, data: bytes | None = None):
    """The same steps as the job, without a process."""
    version = mapped(project, data)
    for done in run_steps(QUICK.steps, load_version(project, version.id)):
        version = save_version(project, done.frame, done.step, version.id, version.source_id, done.decisions)
    return version


# ---------------------------------------------------------------- states
def test_empty_state_offers_a_file_the_sample_and_the_format(open_page, project):
    app = open_page("data_studio", project)
    assert "Bring your examples" in words(app)
    assert primaries(app) == ["data-sample"]
    assert len(app.get("file_uploader")) == 1
    assert "question,answer" in app.code[0].value


def test_sample_is_read_into_the_project(open_page, project):
    app = open_page("data_studio", project)
    button(app, "data-sample").click().run()
    assert current_source(project).file == "support_tickets.csv"
    assert "1,040 rows, 8 columns. Windows encoding, semicolons. 3 lines could not be read." in words(app)
    assert "See the 3 lines that could not be read" in words(app)


def test_two_columns_need_one_click(open_page, project):
    app = upload(open_page("data_studio", project), "train.csv", tickets())
    assert "40 rows, 2 columns. Unicode encoding, commas." in words(app)
    assert primaries(app) == ["map"]
    assert "Where is parcel number 0?" in words(app)  # the preview as chat
    assert "1 row with nothing in 'category', the first in line 41." in words(app)
    button(app, "map").click().run()
    assert not app.exception
    version = current_version(project)
    assert (version.rows, version.step.name) == (40, "map")
    assert primaries(app) == ["clean-start"]
    assert "Question: text. Answer: category." in words(app)


def test_a_messy_file_says_what_was_understood(open_page, project):
    app = upload(open_page("data_studio", project), "Tickets (Köln).csv", messy())
    assert "30 rows, 3 columns. Windows encoding, semicolons. 1 line could not be read." in words(app)
    assert "Größe" in words(app)
    assert app.selectbox(key=f"{current_source(project).id}-encoding").value == "cp1252"


def test_reading_differently_makes_a_new_source_and_keeps_the_roles(open_page, project):
    app = upload(open_page("data_studio", project), "t.csv", messy())
    first = current_source(project)
    app.selectbox(key=f"role-{first.id}-0").set_value("source").run()
    app.selectbox(key=f"{first.id}-encoding").set_value("iso8859-1").run()
    assert not app.exception
    second = current_source(project)
    assert second.id != first.id
    assert second.encoding == "iso8859-1"
    assert load_draft(project, second.id).roles["Ticket"] == "source"


def test_a_changed_role_survives_a_refresh(open_page, project):
    app = upload(open_page("data_studio", project), "t.csv", messy())
    source = current_source(project)
    app.selectbox(key=f"role-{source.id}-2").set_value("ignore").run()
    assert "No column is mapped to the answer." in words(app)
    assert button(app, "map").disabled
    again = open_page("data_studio", project)
    assert again.selectbox(key=f"role-{source.id}-2").value == "ignore"
    assert "Chosen by you." in words(again)


def test_cleaning_runs_as_a_job_and_lists_every_row(open_page, project):
    mapped(project)
    app = open_page("data_studio", project)
    for name in ("near_duplicates", "short_answers"):
        app.checkbox(key=f"step-{current_version(project).id}-{name}").set_value(False)
    button(app, "clean-start").click().run()
    assert not app.exception
    [job] = JobManager(project).list("clean")
    assert job.settings["recipe"]["steps"] == ["whitespace", "empty", "exact_duplicates", "conflicts"]
    assert JobManager(project).wait(job.id, timeout=90).state == "succeeded"
    app = open_page("data_studio", project)
    assert "35 of 40 rows are ready. 1 had no question or no answer, 4 were exact copies, 2 need your eye." in words(
        app
    )
    assert primaries(app) == ["split-start"]
    table = app.dataframe[0].value
    assert list(table["Why"]) == ["Empty answer"] + ["Exact duplicate"] * 4
    assert list(table["Line"]) == [41, 36, 37, 38, 39]
    assert list(table["Stays"]) == ["", "3", "3", "3", "3"]


def test_contradictions_stand_side_by_side(open_page, project):
    cleaned(project)
    app = open_page("data_studio", project)
    app.session_state["lane"] = "conflict"
    app.run()
    assert "Same question, different answer" in words(app)
    assert ":orange-background[**billing**]" in words(app)
    assert ":orange-background[**delivery**]" in words(app)


def test_undo_and_redo_move_the_version(open_page, project):
    cleaned(project)
    app = open_page("data_studio", project)
    versions = chain(project)
    copies = next(version for version in versions if version.step.name == "exact_duplicates")
    button(app, f"undo-{copies.id}").click().run()
    assert current_version(project).rows == 39
    assert "39 of 40 rows are ready." in words(app)
    assert [version.step.name for version in undone(project)] == ["exact_duplicates", "conflicts"]
    button(app, "redo").click().run()
    button(app, "redo").click().run()
    assert [version.id for version in chain(project)] == [version.id for version in versions]
    assert not app.exception


def test_undo_of_everything_offers_cleaning_again(open_page, project):
    cleaned(project)
    app = open_page("data_studio", project)
    button(app, f"undo-{chain(project)[1].id}").click().run()
    assert primaries(app) == ["clean-start"]
    assert button(app, "redo")


def test_split_leads_on_and_says_what_the_test_can_show(open_page, project):
    cleaned(project, tickets(400))
    app = open_page("data_studio", project)
    app.checkbox(key="split-careful").set_value(False)
    button(app, "split-start").click().run()
    assert not app.exception
    split = current_split(project)
    assert sum(split.counts.values()) == current_version(project).rows
    counts = " / ".join(str(split.counts[part]) for part in ("train", "validation", "test"))
    assert f"{counts}. No copies across. With {split.counts['test']} test rows" in words(app)
    assert primaries(app) == ["next"]
    assert button(app, "next").label == "Next: Providers & ROI".replace("&", "\\&")


def test_a_split_of_an_earlier_state_says_so(open_page, project):
    cleaned(project)
    make_split(project)
    app = open_page("data_studio", project)
    button(app, f"undo-{chain(project)[-1].id}").click().run()
    assert "The split was made for an earlier state of the rows." in words(app)
    assert primaries(app) == ["split-start"]
    button(app, "redo").click().run()
    assert primaries(app) == ["next"]


def test_sealed_rows_are_not_listed(open_page, project):
    cleaned(project, tickets(200))
    make_split(project, SplitPlan(ratios=(0.4, 0.1, 0.5)))
    table = split_table(project, current_split(project))
    sealed = set(table.loc[table["split"] == "test", "row_id"])
    assert sealed_rows(project, current_source(project).id) == sealed
    app = open_page("data_studio", project)
    read_lines = {row + 2 for row in sealed}
    shown = {int(line) for line in app.dataframe[0].value["Line"]}
    shown |= {int(line) for line in app.dataframe[0].value.get("Stays", []) if line}
    assert not shown & read_lines


@pytest.mark.parametrize("tab", ["Quality", "Split", "Export", "File and columns", "History"])
def test_every_tab_opens(open_page, project, tab):
    cleaned(project, tickets(120))
    make_split(project)
    app = open_page("data_studio", project)
    app.session_state["studio"] = tab
    app.session_state["done-file"] = app.session_state["done-columns"] = True
    app.run()
    assert not app.exception
    assert "did not work" not in words(app)
    expected = {
        "Quality": "Nothing to do.",
        "Split": "The test rows are sealed",
        "Export": "checked against the rules of this format",
        "File and columns": "tickets.csv",
        "History": "",
    }
    assert expected[tab] in words(app)
    assert primaries(app) == ["next"]


def test_another_file_leaves_the_rows_until_its_columns_are_used(open_page, project):
    first = cleaned(project)
    add_upload(project, messy(), "second.csv")
    app = open_page("data_studio", project)
    assert primaries(app) == ["map"]
    assert current_version(project).id == first.id
    button(app, "map-cancel").click().run()
    assert primaries(app) == ["split-start"]


def test_changed_columns_set_the_rows_aside_and_they_come_back(open_page, project):
    first = cleaned(project)
    app = open_page("data_studio", project)
    app.session_state["studio"] = "File and columns"
    app.session_state["done-columns"] = True
    app.run()
    button(app, "map-again").click().run()
    assert primaries(app) == ["map"]
    button(app, "map").click().run()
    assert primaries(app) == ["clean-start"]
    [(kept, file)] = set_aside(project)
    assert (kept.id, file) == (first.id, "tickets.csv")
    return_to(project, kept.id)
    assert current_version(project).id == first.id


def test_a_running_job_hides_undo_and_is_found_again(open_page, project):
    version = mapped(project)
    JobManager(project).start(
        "clean", "tests.fixtures.worker_script", {"seconds": 30, "dataset_id": version.id}, title="Clean 40 rows"
    )
    [job] = JobManager(project).list("clean")
    try:
        app = open_page("data_studio", project)
        assert "Clean 40 rows" in words(app)
        assert primaries(app) == []
    finally:
        JobManager(project).stop(job.id)
        JobManager(project).wait(job.id, timeout=60)


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.csv", b"", "empty.csv is empty (0 bytes)."),
        ("header.csv", b"text,category\n", "header.csv has a header but no rows."),
        ("binary.csv", bytes(range(256)) * 40, "binary.csv is not a text file"),
        ("photo.csv", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4, "photo.csv is"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook", "broken.xlsx is damaged"),
        ("bad.json", b"{not json", "bad.json"),
    ],
)
def test_a_bad_file_is_one_sentence(open_page, project, name, data, sentence):
    app = upload(open_page("data_studio", project), name, data)
    assert sentence in words(app)
    assert len(app.warning) + len(app.error) == 1
    assert current_source(project) is None
    assert primaries(app) == ["data-sample"]


def test_no_answer_column_is_one_sentence(open_page, project):
    app = upload(open_page("data_studio", project), "one.csv", b"text\nhello there\nwhat is this\n" * 5)
    assert "No column is mapped to the answer." in words(app)
    assert button(app, "map").disabled


def test_few_rows_cannot_be_split_and_say_so(open_page, project):
    cleaned(project, b"text,category\n" + b"".join(b"question number %d,label\n" % n for n in range(6)))
    app = open_page("data_studio", project)
    assert "6 rows are too few to divide: at least 10 are needed." in words(app)
    assert len(app.get("file_uploader")) == 1


def test_no_row_left_is_one_sentence(open_page, project):
    mapped(project, b"text,answer\n" + b"what is this,\n" * 12)
    job = start_cleaning(project, Recipe(steps=("empty",)))
    assert JobManager(project).wait(job.id, timeout=90).state == "failed"
    app = open_page("data_studio", project)
    assert "No row is left after the step" in words(app)
    assert primaries(app) == ["clean-start"]


def test_hostile_text_stays_text(open_page, project):
    data = "text,category\n" + "".join(f'"{HOSTILE} {n % 15}",label\n' for n in range(30))
    app = upload(open_page("data_studio", project), f"{HOSTILE}.csv".replace("/", ""), data.encode())
    for element in app.markdown:
        assert "](http" not in str(element.value)
    cleaned(project, data.encode())
    app = open_page("data_studio", project)
    assert "15 were exact copies" in words(app)
    for element in app.markdown:
        assert "](http" not in str(element.value)
        assert not re.search(r"(?<!\\)<img", str(element.value))


def test_a_wide_table_is_paged(open_page, project):
    columns = [f"c{n}" for n in range(60)]
    frame = pd.DataFrame({name: [f"{name} {n}" for n in range(12)] for name in columns})
    app = upload(open_page("data_studio", project), "wide.csv", frame.to_csv(index=False).encode())
    assert len([box for box in app.selectbox if box.key and box.key.startswith("role-")]) == 12


# ---------------------------------------------------------------- words and small parts
def test_every_step_and_role_has_words():
    from typing import get_args

    from engine.data.mapping import Role
    from engine.data.recipe import ALL_STEPS

    assert set(STEP_CHOICES) == set(ALL_STEPS)
    assert set(ROLE_WORDS) == set(get_args(Role))


def test_differences_are_marked_and_text_is_escaped():
    left, right = mark_differences("Pay within 30 days.", "Pay within 31 *days*.")
    assert left == "Pay within :orange-background[**30**] days\\."
    assert ":orange-background[**31 \\***]" in right
    same, again = mark_differences("equal", "Equal")
    assert "background" not in same + again


def test_recipe_repeats_what_was_done(project):
    version = cleaned(project)
    split = make_split(project, SplitPlan(seed=7))
    recipe = recipe_of(current_source(project), chain(project), split)
    assert recipe.steps == QUICK.steps
    assert recipe.split.seed == 7
    assert recipe.mapping.roles == {"text": "user", "category": "assistant"}
    assert version.rows == 35


def test_sentences(project):
    source, read = add_upload(project, messy(), "a.csv")
    assert read_sentence(read) == "30 rows, 3 columns. Windows encoding, semicolons."
    assert isinstance(source, Source)
    mapped(project)
    assert result_sentence(chain(project)) == "40 of 40 rows are ready. Nothing had to be left out."
    assert isinstance(chain(project)[0], DatasetVersion)


def test_jsonl_talks_are_recognised(open_page, project):
    talk = {"messages": [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello!"}]}
    data = io.BytesIO("".join(json.dumps(talk) + "\n" for _ in range(12)).encode()).getvalue()
    app = upload(open_page("data_studio", project), "talks.jsonl", data)
    assert "12 rows, 1 column. JSON lines." in words(app)
    assert primaries(app) == ["map"]
    assert "Hello!" in words(app)


def test_another_sheet_of_a_workbook_can_be_read(open_page, project):
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="openpyxl") as writer:
        pd.DataFrame({"note": ["x"] * 3}).to_excel(writer, sheet_name="Cover", index=False)
        pd.DataFrame({"question": ["Why?"] * 12, "answer": ["Because."] * 12}).to_excel(
            writer, sheet_name="Rows", index=False
        )
    app = upload(open_page("data_studio", project), "book.xlsx", book.getvalue())
    source = current_source(project)
    app.selectbox(key=f"{source.id}-sheet").set_value("Rows").run()
    assert current_source(project).sheet == "Rows"
    assert "12 rows, 2 columns. Excel workbook, sheet Rows." in words(app)
    assert primaries(app) == ["map"]
