"""The chain: intact, durable, and every mutation of facts/compliance.md section 2 is caught where it can be."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.errors import AuditBroken, InputError
from engine.project.audit import AuditLog, Head, canonical, line_hash, parse_anchor, verify_lines
from engine.project.project import Project


@pytest.fixture
def lines(project: Project) -> list[str]:
    for number in range(20):
        project.audit.append("dataset.clean", {"dataset": f"v{number}"}, {"rows": number})
    return project.audit.lines()


def rehashed(lines: list[str], at: int, *, whole: bool) -> list[str]:
    """Edit line `at`; fix its hash, and with `whole` every hash after it."""
    out = list(lines)
    event = json.loads(out[at])
    event["details"] = {"rows": 999}
    event["hash"] = line_hash(event)
    out[at] = canonical(event)
    for number in range(at + 1, len(out) if whole else at + 1):
        event = {**json.loads(out[number]), "prev": json.loads(out[number - 1])["hash"]}
        event["hash"] = line_hash(event)
        out[number] = canonical(event)
    return out


def test_an_intact_chain_verifies(lines: list[str], project: Project) -> None:
    verdict = project.audit.verify([project.audit.head()])
    assert verdict.ok
    assert verdict.events == 21
    assert project.audit.head().seq == 21


@pytest.mark.parametrize(
    "change",
    [
        lambda c: [*c[:5], c[5].replace('"rows":4', '"rows":5'), *c[6:]],
        lambda c: rehashed(c, 5, whole=False),
        lambda c: [*c[:5], *c[6:]],
        lambda c: [*c[:5], c[6], c[5], *c[7:]],
        lambda c: [*c[:5], c[5], *c[5:]],
        lambda c: [*c[:5], c[5][:40] + chr(ord(c[5][40]) ^ 1) + c[5][41:], *c[6:]],
        lambda c: [*c[:5], c[5].replace(",", ", ", 1), *c[6:]],
        lambda c: [*c[:5], "not json", *c[6:]],
    ],
)
def test_mutations_are_caught_by_the_chain(lines: list[str], change: object) -> None:
    verdict = verify_lines(change(lines))  # type: ignore[operator]
    assert not verdict.ok
    assert verdict.first_bad in {6, 7}
    assert verdict.reason


def test_what_only_an_anchor_shows(lines: list[str]) -> None:
    head = Head(21, json.loads(lines[-1])["hash"])
    middle = Head(10, json.loads(lines[9])["hash"])
    cut, forged = lines[:15], rehashed(lines, 5, whole=True)
    assert verify_lines(cut).ok
    assert verify_lines(forged).ok
    assert not verify_lines(cut, [head]).ok
    assert verify_lines(cut, [middle]).ok
    assert not verify_lines(forged, [middle]).ok
    assert not verify_lines([], [middle]).ok


def test_the_table_is_append_only(project: Project) -> None:
    project.audit.append("a.b")
    with sqlite3.connect(project.records.path) as connection:
        for statement in (
            "UPDATE audit SET line = 'x'",
            "DELETE FROM audit",
            "INSERT OR REPLACE INTO audit (seq, line) VALUES (1, 'x')",
            "INSERT INTO audit (seq, line) VALUES (99, 'x')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_what_was_acknowledged_survives_kill_9(project: Project) -> None:
    code = (
        "from pathlib import Path; from engine.project.project import Project;"
        f"p = Project(Path({str(project.path)!r}));"
        "[print(p.audit.append('x.y', details={'n': n}).seq, flush=True) for n in range(10_000)]"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = 0
    for line in writer.stdout:
        acknowledged = int(line)
        if acknowledged >= 30:
            os.kill(writer.pid, signal.SIGKILL)
            break
    writer.wait()
    writer.stdout.close()
    verdict = project.audit.verify()
    assert verdict.ok
    assert verdict.events >= acknowledged


def test_two_writers_make_one_chain(project: Project) -> None:
    code = (
        "from pathlib import Path; from engine.project.project import Project;"
        f"p = Project(Path({str(project.path)!r}));"
        "[p.audit.append('x.y', details={'n': n}) for n in range(20)]"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert project.audit.verify().events == 41
    assert project.audit.verify().ok


def test_content_with_any_character_keeps_its_hash(project: Project) -> None:
    project.audit.append("x.y", {"file": "größe \u2028 \ud83d\ude00.csv"}, {"quote": '"\\\n'})
    assert AuditLog(project.records).verify().ok


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "abc@1",
        "zz" * 32 + "@1",
        "a" * 64 + "@x",
        "a" * 15 + "@3",
        "a" * 16 + "@²",
        "a" * 16 + "@" + "9" * 5000,
    ],
)
def test_a_bad_anchor_is_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match="not an anchor"):
        parse_anchor(text)


def test_a_short_anchor_works(project: Project) -> None:
    head = project.audit.head()
    assert project.audit.verify([parse_anchor(f"{head.hash[:16].upper()}@{head.seq}")]).ok


def damage(project: Project, *statements: str) -> None:
    with sqlite3.connect(project.records.path) as connection:
        for statement in ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", *statements):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("line", ["", "{", "[]", "5", '{"seq": "1"}', '{"seq": 21, "hash": 5}', "[" * 100_000])
def test_a_damaged_last_event_is_a_sentence_everywhere(
    lines: list[str], project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    damage(project, f"UPDATE audit SET line = '{line}' WHERE seq = 21")
    for act in (lambda: project.audit.append("a.b"), project.audit.head, project.audit.events):
        with pytest.raises(AuditBroken, match="Event 21 of the audit log is damaged"):
            act()
    assert project.audit.verify().first_bad == 21
    assert main(["project", "export", "--project", project.id, "--out", str(tmp_path / "p.zip")]) == 2
    assert "Event 21 of the audit log is damaged." in capsys.readouterr().err
    assert main(["audit", "verify", "--project", project.id]) == 1
    assert "Event 21" in capsys.readouterr().out
    assert main(["audit", "export", "--project", project.id, "--out", str(tmp_path / "log.jsonl")]) == 0
    assert main(["audit", "verify", str(tmp_path / "log.jsonl")]) == 1


@pytest.mark.parametrize(
    ("statement", "sentence"), [("DELETE FROM audit", "The log is empty"), ("DROP TABLE audit", "was removed")]
)
def test_an_emptied_or_dropped_log_is_not_whole(
    lines: list[str], project: Project, capsys: pytest.CaptureFixture[str], statement: str, sentence: str
) -> None:
    damage(project, statement)
    assert main(["audit", "verify", "--project", project.id]) == 1
    assert sentence in capsys.readouterr().out


def test_an_empty_file_is_no_whole_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in ("", "\n", "[" * 100_000):
        (tmp_path / "log.jsonl").write_text(content)
        assert main(["audit", "verify", str(tmp_path / "log.jsonl")]) == 1
        assert "Event 1" in capsys.readouterr().out
    assert not verify_lines([]).ok


def test_an_event_out_of_order_is_a_sentence(lines: list[str], project: Project) -> None:
    damage(project, "UPDATE audit SET seq = 30 WHERE seq = 21")
    with pytest.raises(AuditBroken, match="not numbered in order"):
        project.audit.append("a.b")
