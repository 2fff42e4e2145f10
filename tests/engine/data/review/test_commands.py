"""The review and the pairs from the command line, as another process would use them."""

import csv
import io
import json

import pytest

from engine.cli import main
from engine.data.mapping import Mapping
from engine.data.sources import add_upload, start_dataset


@pytest.fixture
def run(project, capsys):
    def call(*words, code=0):
        arguments = ["--workspace", str(project.workspace_root), "data", *map(str, words), "--project", project.id]
        assert main([*arguments, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def rows(project):
    text = "q,a,bad,stars\n" + "\n".join(f"Ask {n}?,good {n},bad {n},{n % 5}" for n in range(30))
    source, read = add_upload(project, text.encode(), "rows.csv")
    return start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant", "bad": "rejected"}), read)


def test_a_review_from_start_to_a_new_version(project, run, rows, tmp_path):
    assert run("review-result", code=2)["error"]["message"] == "There is no review yet."
    started = run("review-start", "--size", 10, "--seed", 2)
    assert (started["rows"], started["sampled"], started["drawn_from"]) == (10, 10, 30)
    out = tmp_path / "rows.csv"
    assert run("review-export", "--out", out)["rows"] == 10
    table = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [int(row["id"]) for row in table] == started["row_ids"]
    table[0] |= {"verdict": "drop", "reason": "wrong"}
    table[1] |= {"verdict": "fix", "reason": "format", "fixed answer": "=better"}
    for row in table[2:]:
        row["verdict"] = "keep"
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    assert run("review-import", out, code=2)["error"]["hint"] == "Add --rater NAME."
    assert run("review-import", out, "--rater", "Ann")["saved"] == 10
    labels = tmp_path / "tasks.json"
    run("review-export", "--out", labels, "--rater", "Ann")
    assert labels.with_suffix(".xml").read_text().startswith("<View>")
    assert run("review-import", labels)["same"] == 10
    result = run("review-result")
    assert (result["read"], result["wrong"], result["kept"]) == (10, 2, 8)
    assert {row["reason"] for row in result["reasons"]} == {"wrong", "format"}
    applied = run("review-apply")
    assert (applied["rows_out"], applied["fixed"], applied["dropped"]) == (29, 1, 1)
    assert run("review-apply", code=2)["error"]["code"] == "conflict"
    pairs = run("pairs-for-dpo", "--out", tmp_path / "pairs.jsonl")
    assert pairs["counts"] == {"columns": 29, "ratings": 0, "review": 1}
    assert len((tmp_path / "pairs.jsonl").read_text().splitlines()) == 30
    chosen = [json.loads(line)["chosen"] for line in (tmp_path / "pairs.jsonl").read_text().splitlines()]
    assert "=better" in chosen


def test_bad_use_is_a_sentence(run, rows, tmp_path):
    run("review-start", "--size", 5)
    assert "known ending" in run("review-export", "--out", tmp_path / "x.doc", code=2)["error"]["message"]
    assert (
        "Nobody called" in run("review-export", "--out", tmp_path / "x.csv", "--rater", "Z", code=2)["error"]["message"]
    )
    assert "not possible" in run("review-start", "--size", 0, code=2)["error"]["message"]
    assert "no column" in run("pairs-for-dpo", "--rating", "none", code=2)["error"]["message"]
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("id,verdict\n4000,keep\n", encoding="utf-8")
    report = run("review-import", foreign, "--rater", "Ann", code=1)
    assert report["unknown"] == ["Row 0 (id 4000)"]
