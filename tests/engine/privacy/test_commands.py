"""The contract of commands.md for `privacy` and `audit`, in process."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.project.workspace import Workspace

ROWS = [
    {"id": "1", "text": "mail jane@example.com", "note": "call 212-555-0123"},
    {"id": "2", "text": "hello", "note": ""},
    {"id": "3", "text": "card 4111 1111 1111 1111", "note": "x"},
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.csv"
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "text", "note"])
    writer.writeheader()
    writer.writerows(ROWS)
    path.write_text(out.getvalue())
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_scan(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, "privacy", "scan", str(table))
    assert code == 0
    assert document["rows"] == document["scanned"] == 3
    assert {(f["row"], f["column"], f["entity"]) for f in document["findings"]} == {
        (0, "text", "EMAIL_ADDRESS"),
        (0, "note", "PHONE_NUMBER"),
        (2, "text", "CREDIT_CARD"),
    }
    first = document["findings"][0]
    assert set(first) >= {"row", "column", "entity", "start", "end", "score", "detector"}
    assert ROWS[0]["text"][first["start"] : first["end"]] == "jane@example.com"
    assert any("PERSON" in item["what"] and item["why"] for item in document["not_scanned"])


def test_scan_of_one_column_says_what_it_left_out(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, document = run(capsys, "privacy", "scan", str(table), "--text", "text")
    assert {f["column"] for f in document["findings"]} == {"text"}
    assert {"what": "Column note", "why": "not chosen with --text"} in document["not_scanned"]


def test_names_of_file_and_columns_are_scanned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "jane@example.com.csv"
    path.write_text("text,+1 212-555-0123\nhello,x\nthere,y\n")
    _, document = run(capsys, "privacy", "scan", str(path))
    assert {(item["where"], item["entity"]) for item in document["elsewhere"]} == {
        ("file name", "EMAIL_ADDRESS"),
        ("column name", "PHONE_NUMBER"),
    }


def test_unknown_column_is_bad_input(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, "privacy", "scan", str(table), "--text", "nope")
    assert code == 2
    assert "nope" in document["error"]["message"]


def test_apply(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules, out = tmp_path / "rules.yml", tmp_path / "clean.csv"
    rules.write_text("EMAIL_ADDRESS: label\nPHONE_NUMBER: mask\nCREDIT_CARD: drop\n")
    code, document = run(capsys, "privacy", "apply", str(table), "--rules", str(rules), "--out", str(out))
    assert code == 0
    assert document["rows"] == 3
    assert document["changed"] == {"EMAIL_ADDRESS": 1, "PHONE_NUMBER": 1, "CREDIT_CARD": 1}
    assert document["rescan_findings"] == 0
    assert list(csv.DictReader(out.open())) == [
        {"id": "1", "text": "mail <EMAIL_ADDRESS_1>", "note": "call ***-***-****"},
        ROWS[1],
    ]
    _, again = run(capsys, "privacy", "scan", str(out))
    assert again["findings"] == []


def test_apply_keeps_json_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, rules, out = tmp_path / "chat.jsonl", tmp_path / "rules.yml", tmp_path / "out.jsonl"
    rows = [{"messages": [{"role": "user", "content": "I am a@example.com"}], "n": n, "ok": True} for n in range(3)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rules.write_text("EMAIL_ADDRESS: pseudonym\n")
    code, document = run(capsys, "privacy", "apply", str(source), "--rules", str(rules), "--out", str(out))
    assert code == 0
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["n"] for row in written] == [0, 1, 2]
    assert len({row["messages"][0]["content"] for row in written}) == 1
    assert written[0]["messages"][0]["content"].startswith("I am EMAIL_ADDRESS-")
    assert document["changed"] == {"EMAIL_ADDRESS": 3}


def test_apply_refuses_what_it_cannot_do(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("EMAIL_ADDRESS: label\ncolumns: [nope]\n")
    assert run(capsys, "privacy", "apply", str(table), "--rules", str(rules), "--out", str(tmp_path / "o.csv"))[0] == 2
    rules.write_text("EMAIL_ADDRESS: label\n")
    assert run(capsys, "privacy", "apply", str(table), "--rules", str(rules), "--out", str(tmp_path / "o.xlsx"))[0] == 2


def test_audit_export_and_verify(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = workspace.create("One")
    for number in range(5):
        project.audit.append("dataset.clean", {"dataset": f"v{number}"})
    out = tmp_path / "log.jsonl"
    code, exported = run(capsys, "audit", "export", "--project", project.id, "--out", str(out))
    assert (code, exported["events"], exported["head"]["seq"]) == (0, 6, 6)
    anchor = f"{exported['head']['hash']}@6"
    code, verdict = run(capsys, "audit", "verify", str(out), "--anchor", anchor)
    assert (code, verdict["ok"], verdict["events"], verdict["first_bad"]) == (0, True, 6, None)
    assert verdict["head"] == exported["head"]
    code, verdict = run(capsys, "audit", "verify", "--project", project.id, "--anchor", anchor)
    assert (code, verdict["ok"]) == (0, True)
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:4]))
    assert run(capsys, "audit", "verify", str(out))[0] == 0
    code, verdict = run(capsys, "audit", "verify", str(out), "--anchor", anchor)
    assert (code, verdict["ok"], verdict["first_bad"]) == (1, False, 5)
    assert verdict["reason"]
    out.write_text(lines[0] + lines[1].replace("v0", "vX") + "".join(lines[2:]))
    code, verdict = run(capsys, "audit", "verify", str(out))
    assert (code, verdict["first_bad"]) == (1, 2)


@pytest.mark.parametrize("words", [["missing.jsonl"], ["--project", "nope"], ["--anchor", "xyz"], []])
def test_audit_bad_input(workspace: Workspace, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, document = run(capsys, "audit", "verify", *words)
    assert code == 2
    assert document["error"]["message"]
