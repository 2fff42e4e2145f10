"""Bringing data without a browser: several files, failures beside them, more rows later, jobs, turns, templates."""

from __future__ import annotations

import json

from engine.data import uploads as uploads_module
from engine.data.ingest_rules import ingest_rules
from engine.data.messages import answer_of, loads
from engine.data.page_view import load_draft
from engine.data.sources import add_upload, current_source
from engine.data.split import make_split
from engine.data.split_plan import SplitPlan
from engine.data.versions import current_version, load_version
from engine.jobs.manager import JobManager
from pages.parts import data_import
from tests.pages.test_data_studio import HOSTILE, button, messy, primaries, tickets, words

OCTETS = "application/octet-stream"


def drop(app, *files, zone="upload-"):
    uploader = next(item for item in app.get("file_uploader") if str(item.key).startswith(zone))
    uploader.set_value([(name, data, OCTETS) for name, data in files]).run()
    assert not app.exception
    return app


def test_two_files_and_a_picture_are_dropped_together(open_page, project):
    app = open_page("data_studio", project)
    drop(app, ("a.csv", tickets()), ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(99)), ("b.csv", messy()))
    source = current_source(project)
    assert [part.file for part in source.parts] == ["a.csv", "b.csv"]
    said = words(app)
    assert "70 rows, 5 columns. 2 files. 1 line could not be read." in said
    assert "photo.csv is a picture (PNG), not a table. The other files were read." in said
    assert "b.csv: 30 rows, Windows encoding, semicolons. 1 line could not be read." in said
    assert "a.csv and 1 more are in your project." in said
    assert primaries(app) == ["map"]


def test_one_of_two_files_is_read_differently(open_page, project):
    app = drop(open_page("data_studio", project), ("a.csv", tickets()), ("b.csv", messy()))
    source = current_source(project)
    app.selectbox(key=f"part-{source.id}").set_value(1).run()
    app.selectbox(key=f"{source.id}-1-encoding").set_value("cp1250").run()
    assert not app.exception
    assert [part.encoding for part in current_source(project).parts] == ["utf-8", "cp1250"]


def test_rows_of_another_file_are_added(open_page, project):
    add_upload(project, tickets(), "a.csv")
    app = drop(open_page("data_studio", project), ("b.csv", tickets(12)), zone="upload-add-")
    assert [part.file for part in current_source(project).parts] == ["a.csv", "b.csv"]
    button(app, "map").click().run()
    assert not app.exception
    frame = load_version(project, current_version(project).id)
    assert len(frame) == 52
    assert set(frame["source"]) == {"a.csv", "b.csv"}


def test_a_file_instead_of_the_one_in_use(open_page, project):
    source, _ = add_upload(project, tickets(), "a.csv")
    drop(open_page("data_studio", project), ("b.csv", tickets(12)), zone=f"upload-{source.id}")
    assert [part.file for part in current_source(project).parts] == ["b.csv"]


def test_a_large_file_is_read_and_mapped_in_jobs(open_page, project, monkeypatch):
    rules = ingest_rules()
    few = rules.model_copy(update={"job": rules.job.model_copy(update={"text_bytes": 100, "map_rows": 10})})
    monkeypatch.setattr(uploads_module, "ingest_rules", lambda: few)
    monkeypatch.setattr(data_import, "ingest_rules", lambda: few)
    app = drop(open_page("data_studio", project), ("big.csv", tickets()))
    manager = JobManager(project)
    [job] = manager.list("import")
    assert "Read big.csv" in words(app)
    assert manager.wait(job.id, timeout=60).state == "succeeded"
    app.run()
    assert "40 rows, 2 columns. Unicode encoding, commas." in words(app)
    button(app, "map").click().run()
    [job] = manager.list("map")
    assert "Make 40 rows" in words(app)
    assert manager.wait(job.id, timeout=60).state == "succeeded"
    app.run()
    assert primaries(app) == ["clean-start"]
    assert current_version(project).rows == 40


def test_a_large_file_that_cannot_be_read_says_why_and_takes_another(open_page, project, monkeypatch):
    rules = ingest_rules()
    few = rules.model_copy(update={"job": rules.job.model_copy(update={"text_bytes": 3})})
    monkeypatch.setattr(uploads_module, "ingest_rules", lambda: few)
    app = drop(open_page("data_studio", project), ("head.csv", b"text,category\n"))
    [job] = JobManager(project).list("import")
    assert JobManager(project).wait(job.id, timeout=60).state == "failed"
    app.run()
    assert "head.csv has a header but no rows." in words(app)
    assert len(app.get("file_uploader")) == 1


def chat_rows(agent="agent"):
    rows = []
    for number in range(6):
        rows += [
            {"thread": f"t{number}", "who": "customer", "said": f"Where is parcel {number}?", "nr": "1"},
            {"thread": f"t{number}", "who": agent, "said": f"It is on its way, number {number}.", "nr": "2"},
        ]
    return "\n".join(map(json.dumps, rows)).encode()


def test_several_rows_per_conversation_by_hand(open_page, project):
    app = drop(open_page("data_studio", project), ("chat.jsonl", chat_rows("Anna")))
    source = current_source(project)
    app.checkbox(key=f"turns-{source.id}").check().run()
    assert not app.exception
    for field, name in (("text_column", "said"), ("order_column", "nr")):
        app.selectbox(key=f"{field}-{source.id}").set_value(name).run()
    assert not app.exception
    turns = load_draft(project, source.id).turns
    assert (turns.id_column, turns.role_column, turns.text_column, turns.order_column) == (
        "thread",
        "who",
        "said",
        "nr",
    )
    assert turns.speakers == {"Anna": "assistant"}
    assert "The first 3 conversations; the file has 12 rows." in words(app)
    button(app, "map").click().run()
    frame = load_version(project, current_version(project).id)
    assert len(frame) == 6
    assert answer_of(frame["messages"].iloc[5]) == "It is on its way, number 5."
    assert "6 of 6" not in words(app)  # nothing is claimed before the cleaning


def test_templates_are_checked_while_they_are_written(open_page, project):
    app = drop(open_page("data_studio", project), ("t.csv", messy()))
    source = current_source(project)
    app.text_area(key=f"user_template-{source.id}").set_value("Ticket {Tiket}: {Text}").run()
    assert "There is no column 'Tiket' in this file." in words(app)
    assert "Did you mean {Ticket}?" in words(app)
    assert button(app, "map").disabled
    app.text_area(key=f"user_template-{source.id}").set_value("Ticket {Ticket}: {Text}").run()
    assert not button(app, "map").disabled
    assert "Ticket 0: Frage 0" in words(app)
    button(app, "map").click().run()
    first = load_version(project, current_version(project).id)["messages"].iloc[0]
    assert loads(first)[0]["content"].startswith("Ticket 0: Frage 0")


def test_what_was_recognised_is_said_and_can_be_changed(open_page, project):
    pair = {"prompt": "Why is it so?", "chosen": "Because of this.", "rejected": "No idea at all."}
    app = drop(open_page("data_studio", project), ("pairs.jsonl", "\n".join([json.dumps(pair)] * 12).encode()))
    said = words(app)
    assert "a better and a worse answer were recognised" in said
    assert "Worse answer: No idea at all." in said
    source = current_source(project)
    app.selectbox(key=f"role-{source.id}-2").set_value("ignore").run()
    assert load_draft(project, source.id).roles["rejected"] == "ignore"
    assert "Worse answer: No idea" not in words(app)


def test_bad_weights_are_told_before_the_rows_are_made(open_page, project):
    rows = "".join(f"Where is {n}?,There it is {n},{'much' if n == 3 else 1}\n" for n in range(12))
    app = drop(open_page("data_studio", project), ("w.csv", f"prompt,completion,weight\n{rows}".encode()))
    assert "1 row with no number from 0 up in 'weight', the first in line 5." in words(app)


def test_hostile_names_stay_text(open_page, project):
    data = f'"{HOSTILE}",answer,thread\nq,a,t\n'.encode()
    app = drop(open_page("data_studio", project), (f"{HOSTILE[:20]}.csv", data), ("b.csv", tickets()))
    assert not app.exception
    shown = "\n".join(str(item.value) for kind in ("markdown", "caption") for item in app.get(kind))
    assert "![x](" not in shown


def test_a_large_dataset_is_looked_at_in_part_and_says_so(open_page, project, monkeypatch):
    from engine.data import ingest_rules as module
    from engine.data import version_sample
    from pages.parts import data_cache
    from tests.pages.test_data_studio import cleaned

    rules = module.ingest_rules()
    few = rules.model_copy(update={"page": rules.page.model_copy(update={"large_rows": 20, "sample_rows": 10})})
    for place in (version_sample, data_cache):
        monkeypatch.setattr(place, "ingest_rules", lambda: few)
    version = cleaned(project, tickets(60))
    assert data_cache.looked_rows(project, version.id)["row_id"].tolist() == [0, 6, 12, 18, 24, 30, 36, 42, 48, 58]
    assert data_cache.some_rows(project, version.id, [3, 7, 999])["row_id"].tolist() == [3, 7]
    assert (
        data_cache.ids_of(project, version.id)["row_id"].tolist()
        == load_version(project, version.id)["row_id"].tolist()
    )
    app = open_page("data_studio", project)
    for tab in ("Check", "Quality", "Review", "Export"):
        app.session_state["studio"] = tab
        app.run()
        assert not app.exception
        if tab == "Check":
            assert f"Worked out from 10 of {version.rows} rows, spread evenly" in words(app)
    assert "Split the rows first" in words(app)
    make_split(project, SplitPlan(seed=3))
    app = open_page("data_studio", project)
    app.session_state["studio"] = "Export"
    app.run()
    button(app, "large-export").click().run()
    [job] = JobManager(project).list("export")
    ended = JobManager(project).wait(job.id, timeout=60)
    assert ended.state == "succeeded", ended.log_tail()
    app.session_state["studio"] = "Export"
    app.run()
    [path] = project.dir("reports").glob("*-train-*.jsonl")
    assert f"{len(path.read_text().splitlines())} rows written" in words(app)
    assert str(path) in app.code[0].value


def test_of_very_many_decisions_the_first_are_listed(project):
    from engine.data.page_view import all_decisions
    from engine.data.versions import chain
    from tests.pages.test_data_studio import cleaned

    cleaned(project, tickets(60))
    ids = [item.id for item in chain(project)]
    whole, part = all_decisions(project, ids), all_decisions(project, ids, 2)
    assert whole.attrs["totals"] == part.attrs["totals"]
    assert part.attrs["totals"]["drop"] == 5
    assert len(part[part["action"] == "drop"]) == 3  # two of four exact copies, and the row without an answer
    assert part["before"].isin(ids).all()
