"""`data grow|collect|grown|use-grown`: batches on the command line, the gate, and one sentence for everything wrong."""

from __future__ import annotations

import json

import pytest

from engine import cli
from engine.data.records import CleaningStep
from engine.data.versions import current_version, save_version
from tests.engine.data.conftest import frame_of
from tests.fixtures.chat_server import Reply, chat_server

ROWS = [(f"Order {n + 5000} to {('Berlin', 'Rome')[n % 2]}?", ("yes", "no")[n % 2]) for n in range(20)]


@pytest.fixture
def rows(project):
    save_version(project, frame_of(ROWS), CleaningStep(name="map", rows_in=20, rows_out=20, changed=0), None, "s")
    return project


@pytest.fixture
def run(capsys, monkeypatch, rows):
    monkeypatch.setattr(cli, "GROUPS", ("data",))

    def call(*words):
        root = rows.workspace_root
        code = cli.main(["--workspace", str(root), "data", *map(str, words), "--project", rows.id, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_vary_look_use_add(run, rows):
    code, made = run("grow", "--method", "vary", "--words", "Berlin,Rome,Oslo", "--per-row", 1, "--encoder", "none")
    assert code == 0
    assert made["rows"] == 20
    assert made["note"].startswith("Only wording was compared")
    assert [item["batch"] for item in run("grown")[1]["batches"]] == [made["batch"]]
    shown = run("grown", "--batch", made["batch"])[1]
    assert shown["new"][0]["verdict"] is None
    code, used = run("use-grown", "--batch", made["batch"], "--use", 0, 1, "--leave", 2)
    assert (used["looked_at"], used["accepted"], used["added"]) == (3, 2, 0)
    code, used = run("use-grown", "--batch", made["batch"], "--add")
    assert (code, used["added"], used["rows"]) == (0, 2, 22)
    assert current_version(rows).step.name == "grow"
    assert run("grown")[1]["batches"] == []
    assert run("use-grown", "--batch", made["batch"], "--add")[0] == 2


def test_general_rows_ours_and_a_file(run, tmp_path):
    code, made = run("grow", "--method", "general", "--share", 0.5, "--encoder", "none")
    assert (code, made["rows"]) == (0, 20)
    own = tmp_path / "own.csv"
    own.write_text("question,answer\nWhat is a noun?,A word for a thing\nName a tree,Oak\n", encoding="utf-8")
    code, made = run("grow", "--method", "general", "--file", own, "--encoder", "none")
    assert made["rows"] == 2
    assert "5 general rows would make up that share; there are 2." in made["note"]
    assert (
        run("grow", "--method", "general", "--share", 0.9)[1]["error"]["message"] == "A share of 90% is not possible."
    )


def test_collect_gives_every_row_a_reason(run, tmp_path):
    log = tmp_path / "log.csv"
    lines = ["question,answer,stars,ok", "Where is it?,There,5,yes", "And now?,Later,1,yes", "Really?,Yes,5,no"]
    log.write_text("\n".join([*lines, "order 5000 to berlin,yes,4,yes"]), encoding="utf-8")
    code, made = run("collect", log, "--rating", "stars", "--verified", "ok", "--encoder", "none")
    assert (code, made["rows"]) == (0, 1)
    assert made["refused"] == {"rating": 1, "not checked": 1, "copy": 1}
    reasons = run("grown", "--batch", made["batch"])[1]["not_used"]
    assert [(item.get("row"), item["reason"]) for item in reasons] == [
        (1, "rating"),
        (2, "not checked"),
        (None, "copy"),
    ]
    code, out = run("collect", log, "--rating", "mood")
    assert code == 2
    assert "no column 'mood'" in out["error"]["message"]


def test_a_local_model_is_asked_in_a_job(run):
    def script(number, body):
        return Reply(json.dumps([f"Please: {body['messages'][-1]['content']}"]))

    with chat_server(script) as server:
        code, made = run(
            "grow", "--method", "paraphrase", "--endpoint-url", server.url, "--model", "tiny", "--rows", 3,
            "--encoder", "none",
        )  # fmt: skip
        assert (code, made["rows"], made["failed"]) == (0, 3, 0)
        assert len(server.requests) == 3


def test_rows_leave_only_after_a_yes(run, rows):
    cloud = ("--endpoint-url", "https://api.example.invalid/v1", "--model", "big")
    code, out = run("grow", "--method", "seed", *cloud, "--rows", 4)
    assert code == 1
    assert (out["sent"], out["host"], out["rows"], out["findings"]) == (False, "api.example.invalid", 4, {})
    assert out["bytes"] > 50
    assert out["not_scanned"]
    assert list(rows.dir("jobs").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "paraphrase"), "no name"),
        (("--method", "paraphrase", "--model", "m", "--endpoint-url", "nowhere"), "must start with http"),
        (("--method", "paraphrase", "--model", "m", "--endpoint-url", "http://127.0.0.1/v1", "--per-row", "99"), "99"),
        (("--method", "vary", "--rows", "0"), "0 rows are not possible"),
        (("--method", "vary", "--per-row", "0"), "0 new rows"),
        (("--method", "vary", "--words", "Paris,Madrid", "--encoder", "none"), "No row holds one of these values"),
    ],
)
def test_wrong_words_are_a_sentence(run, words, message):
    code, out = run("grow", *words)
    assert code == 2
    assert message in out["error"]["message"]
    assert out["error"]["hint"]
