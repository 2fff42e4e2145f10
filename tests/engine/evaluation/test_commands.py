"""compare, abtest and diagnose through the command line: one JSON document, exit codes, sentences for bad input."""

from __future__ import annotations

import argparse
import json
import random

import pytest

from engine.commands import abtest, compare, diagnose, evaluate
from engine.errors import Conflict, InputError, NotFound


def run(*words, workspace=None):
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for group in (compare, abtest, diagnose, evaluate):
        group.register(subparsers)
    args = parser.parse_args([str(word) for word in words])
    args.workspace = workspace
    outcome = args.run(args)
    json.dumps(outcome.document, allow_nan=False)
    return outcome


@pytest.fixture
def answers(tmp_path):
    rng = random.Random(3)
    for name, chance in (("base", 0.4), ("tuned", 0.8)):
        rows = [
            {
                "id": i,
                "prompt": "q",
                "expected": f"label {i % 5}",
                "answer": f"label {i % 5 if rng.random() < chance else 9}",
            }
            for i in range(150)
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path / "base.jsonl", tmp_path / "tuned.jsonl"


@pytest.mark.parametrize("metric", ["exact", "f1", "rougeL", "chrf", "macro_f1", "bleu"])
def test_compare_has_the_fields_of_the_contract(answers, metric):
    document = run("compare", *answers, "--metric", metric).document
    fields = ["metric", "n", "base", "tuned", "difference", "discordant", "verdict", "sentence", "rows_needed"]
    assert set(fields) <= set(document)
    assert set(document["difference"]) == {"value", "low", "high", "p"}
    assert {"value", "low", "high"} <= set(document["base"])
    assert document["verdict"] == "better"
    assert document["n"] == 150


def test_compare_margin_and_errors(answers):
    assert run("compare", *answers, "--margin", "0.5").document["verdict"] == "better_small"
    with pytest.raises(InputError, match="no metric"):
        run("compare", *answers, "--metric", "vibes")
    with pytest.raises(NotFound):
        run("compare", answers[0], "missing.jsonl")


def write(tmp_path, text):
    path = tmp_path / "ab.csv"
    path.write_text(text)
    return path


def test_abtest_counts_is_the_worked_number(tmp_path):
    document = run("abtest", write(tmp_path, "arm,successes,n\nA,700,1000\nB,750,1000\n")).document
    assert document["difference"] == pytest.approx(0.05)
    assert document["ratio"] == pytest.approx(5.58477, abs=1e-5)
    assert document["decision"] == "continue"
    assert document["n"] == 2000
    assert document["band"]["low"] < 0.05 < document["band"]["high"]


def test_abtest_events_and_names(tmp_path):
    rng = random.Random(1)
    lines = ["arm,success"]
    for i in range(3000):
        arm = ("tuned", "base")[i % 2]
        lines.append(f"{arm},{int(rng.random() < (0.8 if arm == 'tuned' else 0.6))}")
    outcome = run("abtest", write(tmp_path, "\n".join(lines)))
    assert [arm["name"] for arm in outcome.document["arms"]] == ["base", "tuned"]
    assert outcome.document["decision"] == "stop_better"
    assert outcome.document["always_valid_p"] <= 0.05
    assert outcome.text.startswith("Stop: tuned is better than base.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("arm,success\n", "no rows"),
        ("arm,success\nA,1\n", "1 arms"),
        ("arm,success\nA,1\nB,maybe\n", "Line 3"),
        ("arm,success\nA,1\nB\n", "Line 3"),
        ("group,success\nA,1\n", "no column 'arm'"),
        ("arm,successes,n\nA,7,5\nB,1,5\n", "7 successes of 5"),
        ("arm,successes,n\nA,x,5\nB,1,5\n", "whole numbers"),
    ],
)
def test_abtest_bad_files(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        run("abtest", write(tmp_path, text))


def test_diagnose_exit_codes(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps([{"step": i, "loss": 0.0, "grad_norm": 0.0} for i in range(1, 9)]))
    outcome = run("diagnose", path)
    assert (outcome.document["status"], outcome.exit_code) == ("stop", 1)
    path.write_text("[]")
    outcome = run("diagnose", path)
    assert (outcome.document["status"], outcome.exit_code) == ("cannot_judge", 0)


def test_evaluate_without_a_run_says_what_to_do(project, workspace):
    with pytest.raises(Conflict, match="no training run"):
        run("evaluate", "--project", project.id, workspace=workspace.root)
