"""`tuneworth data quality` and `tuneworth data tokens`, from file to JSON."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def file(tmp_path):
    rows = [f"Where is parcel number {n}?;{'delivery' if n % 2 else 'billing'}" for n in range(60)]
    rows[7] = f"{'a long story ' * 60};delivery"
    path = tmp_path / "rows.csv"
    path.write_text("text;category\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_quality(run, file):
    code, out = run("quality", file)
    assert code == 0
    assert out["rows"] == 60
    assert {item["name"]: item["level"] for item in out["measures"]}["size"] == "poor"
    assert out["recommendations"][0]["name"] == "size"
    assert [(row["row"], row["reasons"]) for row in out["odd"]] == [(7, ["very long question"])]
    assert out["questions"][0]["name"] == "consistent"
    assert out["meaning"] is None


def test_tokens(run, file):
    code, out = run("tokens", file, "--limit", "128", "--row", "3")
    assert code == 0
    assert (out["rows"], out["too_long"], out["nothing_to_learn"], out["end_not_learned"]) == (60, [7], [], [])
    assert out["text"].startswith("<|im_start|>user\nWhere is parcel number 3?<|im_end|>")
    assert 0 < out["learned"]["share"] < 1


def test_rows_with_nothing_to_learn_exit_1(run, tmp_path):
    path = tmp_path / "rows.jsonl"
    talk = [{"role": "user", "content": "a question"}, {"role": "assistant", "content": " "}]
    good = [{"role": "user", "content": "a question"}, {"role": "assistant", "content": "an answer"}]
    path.write_text("\n".join(json.dumps({"messages": item}) for item in (good, talk)), encoding="utf-8")
    code, out = run("tokens", path)
    assert (code, out["nothing_to_learn"]) == (1, [1])


def test_bad_input_is_one_sentence(run, file, tmp_path):
    assert run("tokens", file, "--row", "99")[1]["error"]["message"] == "rows.csv has no row 99."
    assert run("tokens", file, "--base", "hub:Acme/none")[0] == 2
    empty = tmp_path / "empty.csv"
    empty.write_text("question,answer\n")
    assert run("quality", empty)[0] == 2
