"""The tab Grow without a browser: is it sensible, four ways, rows looked at ten by ten, added and undone."""

from __future__ import annotations

import json

import pytest

from engine.compliance.gate import grant, look
from engine.data.grow.accept import verdicts, waiting
from engine.data.grow.batch import save_batch
from engine.data.grow.candidate import Candidate, Refused
from engine.data.messages import make, prompt_of
from engine.data.split import make_split
from engine.data.versions import current_version, load_version, undo
from engine.jobs.manager import JobManager
from tests.fixtures.chat_server import Reply, chat_server
from tests.pages.test_data_studio import button, cleaned, primaries, words

ROWS = "text,category\n" + "\n".join(
    f"Where is parcel {n + 40000} for {('Berlin', 'Paris', 'Rome')[n % 3]}?,{'delivery' if n % 4 else 'billing'}"
    for n in range(80)
)


@pytest.fixture
def grow_tab(open_page, project):
    cleaned(project, ROWS.encode())

    def opened():
        app = open_page("data_studio", project)
        app.session_state["studio"] = "Grow"
        app.run()
        assert not app.exception
        return app

    return opened


def batch_of(project, count, refused=()):
    made = [Candidate(make(f"Tell me about box {n}", "delivery"), "paraphrase", "delivery", 1) for n in range(count)]
    return save_batch(project, made, refused, "paraphrase", {}, "2 could not be used: [x](http://bad)")


def test_says_first_what_is_missing(grow_tab):
    said = words(grow_tab())
    assert "Growing is sensible: about 20 rows are missing." in said
    assert "You have 80 real rows. Training is advised from 100 rows on for 2 labels." in said
    assert "See 1 label with fewer than 50 real rows" in said


def test_four_ways_and_no_second_primary_button(grow_tab, project):
    make_split(project)
    app = grow_tab()
    for way in ("logs", "vary", "model", "general"):
        button(app, f"grow-choose-{way}").click().run()
        assert not app.exception
        assert primaries(app) == ["next"]
        button(app, f"grow-choose-{way}").click().run()
    assert not [item for item in app.button if item.key == "grow-vary-start"]


def test_vary_suggests_words_and_shows_an_example(grow_tab, project):
    app = grow_tab()
    button(app, "grow-choose-vary").click().run()
    slots = [item for item in app.text_input if item.key.startswith("grow-slot-")]
    assert slots[0].value == "Berlin, Paris, Rome"
    said = words(app)
    assert "Would become" in said
    slots[0].set_value("Berlin, Oslo").run()
    assert "Oslo" in words(app)
    slots[0].set_value("").run()
    assert "Nothing to exchange yet" in words(app)
    assert not [item for item in app.button if item.key == "grow-vary-start"]


def test_general_rows_say_how_many_there_are(grow_tab):
    app = grow_tab()
    button(app, "grow-choose-general").click().run()
    assert "20% of the mix is 20 general rows beside your 80." in words(app)
    app.slider(key="grow-share").set_value(50).run()
    assert "50% of the mix is 80 general rows beside your 80." in words(app)
    app.radio(key="grow-whose").set_value("A file of mine").run()
    assert [item for item in app.get("file_uploader") if item.key == "grow-general-upload"]


def test_a_log_is_counted_by_reason(grow_tab):
    app = grow_tab()
    button(app, "grow-choose-logs").click().run()
    log = "question,answer,rating,checked\n" + "\n".join(
        f"How is {n}?,Fine {n},{n % 5 + 1},{'yes' if n % 2 else 'no'}" for n in range(20)
    )
    next(item for item in app.get("file_uploader") if item.key == "grow-log").set_value(
        ("log.csv", log.encode(), "text/csv")
    ).run()
    assert not app.exception
    assert "4 of 20 rows can be used." in words(app)
    assert "12 not rated well, 4 not checked by a person" in words(app)
    next(item for item in app.selectbox if item.key.startswith("grow-verified-")).select("(none)").run()
    assert "8 of 20 rows can be used." in words(app)


def test_a_job_runs_and_its_rows_wait(grow_tab, project):
    app = grow_tab()
    button(app, "grow-choose-general").click().run()
    button(app, "grow-general-start").click().run()
    assert not app.exception
    job = JobManager(project).list("grow_local")[-1]
    assert "Choose general rows" in words(app)
    assert JobManager(project).wait(job.id, timeout=180).state == "succeeded", job.log_tail()
    said = words(grow_tab())
    assert "General rows: 0 of 20 rows looked at, 0 to use" in progress(grow_tab()) + said


def progress(app) -> str:
    return " ".join(str(item.proto.text) for item in app.get("progress"))


def test_rows_are_looked_at_ten_by_ten_and_added_in_one_step(grow_tab, project):
    refused = [
        Refused(Candidate(make("![x](http://bad)", "y"), "paraphrase"), "copy", "The same row is there already.", 3),
        Refused(Candidate(make("secret", "y"), "paraphrase"), "test row", "It repeats a row of the sealed test part."),
    ]
    make_split(project)
    batch = batch_of(project, 12, refused)
    app = grow_tab()
    assert "Split" in [tab.label for tab in app.tabs]
    assert "0 of 12 rows looked at, 0 to use" in progress(app)
    assert len([item for item in app.button if item.key.startswith("grow-save-")]) == 10
    assert not [item for item in app.button if item.key == "grow-add"]
    choice(app, batch, 0).set_value("leave").run()
    assert verdicts(project, batch)[0].verdict == "leave"
    app.text_area(key=f"grow-q-{batch.id}-1").set_value("Corrected question")
    button(app, f"grow-save-{batch.id}-1").click().run()
    assert "corrected by you" in words(app)
    assert "2 of 12 rows looked at, 1 to use" in progress(app)
    button(app, "grow-use-page").click().run()
    assert not app.exception
    assert {place: item.verdict for place, item in verdicts(project, batch).items()} == {
        0: "leave",
        **dict.fromkeys(range(1, 10), "use"),
    }
    assert "New row 11" in words(app)
    button(app, "grow-add").click().run()
    assert not app.exception
    version = current_version(project)
    assert (version.step.name, version.rows) == ("grow", 89)
    texts = [prompt_of(text) for text in load_version(project, version.id)["messages"]]
    assert "Corrected question" in texts
    assert "Tell me about box 0" not in texts
    assert "80 of 80 rows are ready, and 9 were added." in words(app)
    assert "Split" not in [tab.label for tab in app.tabs]  # the split is stale, its tab is gone ...
    assert "Four ways to more rows" in words(app)  # ... and the reader is still here
    assert waiting(project) == []
    undo(project)
    assert "10 of 12 rows looked at, 9 to use" in progress(grow_tab())


def test_refused_rows_are_listed_and_sealed_ones_only_counted(grow_tab, project):
    refused = [
        Refused(Candidate(make("Copied question", "y"), "paraphrase"), "copy", "The same row is there already.", 3),
        Refused(Candidate(make("secret", "y"), "paraphrase"), "test row", "It repeats a row of the sealed test part."),
    ]
    batch = batch_of(project, 0, refused)
    app = grow_tab()
    assert "Other wordings: nothing was new." in words(app)
    app.session_state[f"grow-refused-{batch.id}"] = True
    app.run()
    table = next(item.value for item in app.dataframe if "Row of the log" in item.value)
    assert table["Question"].tolist() == ["Copied question", ""]
    assert table["Other row"].tolist() == ["Line 5", ""]
    assert "secret" not in words(app)


def choice(app, batch, place):
    return next(item for item in app.get("button_group") if item.key == f"grow-say-{batch.id}-{place}")


def filled(app, url, place="Another address"):
    button(app, "grow-choose-model").click().run()
    app.selectbox(key="grow-place").select(place).run()
    app.text_input(key=f"grow-url-{place}").set_value(url).run()
    app.text_input(key=f"grow-model-{place}").set_value("tiny").run()
    assert not app.exception
    return app


def test_a_local_model_is_tested_and_asked_without_a_gate(grow_tab, project):
    with chat_server(lambda number, body: Reply("ok, *sure*")) as server:
        app = filled(grow_tab(), server.url)
        assert "**50 requests** from 50 rows: about" in words(app)
        assert "would leave this computer" not in words(app)
        button(app, "grow-test").click().run()
        assert "The model answers: ok, *sure*" in words(app)
        assert [body["messages"][0]["content"] for body in server.requests] == ["Answer with the word ok."]
    button(app, "grow-test").click().run()
    assert "cannot be reached at 127.0.0.1" in words(app)
    app = grow_tab()
    button(app, "grow-choose-model").click().run()
    assert app.text_input(key="grow-url-Another address").value == server.url
    assert not button(app, "grow-ask").disabled


def test_a_cloud_model_needs_agreement_to_exactly_these_rows(grow_tab, project):
    app = filled(grow_tab(), "https://api.example.invalid/v1")
    said = words(app)
    assert "50 rows" in said
    assert "would leave this computer for api.example.invalid" in said
    assert button(app, "grow-ask").disabled
    app.checkbox[-1].check().run()
    assert not button(app, "grow-ask").disabled
    app.number_input(key="grow-rows").set_value(20).run()
    assert button(app, "grow-ask").disabled
    assert JobManager(project).list() == []
    assert "consent.grant" not in json.dumps(project.audit.events())


def test_the_sidebar_says_what_somebody_agreed_to_send(grow_tab, project):
    assert "Nothing leaves this computer" in words(grow_tab())
    grant(project, look("api.example.invalid", ["a"]), "test")
    said = words(grow_tab())
    assert "You agreed to send data to api.example.invalid. All else stays here." in said
    assert "Nothing leaves this computer" not in said


def test_a_bad_address_is_a_sentence(grow_tab):
    app = filled(grow_tab(), "http://example.com/v1")
    assert "Only this computer may be asked without https." in words(app)
    assert not [item for item in app.button if item.key == "grow-ask"]
