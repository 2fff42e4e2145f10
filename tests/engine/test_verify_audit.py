"""The standalone verifier against the mutations of facts/compliance.md section 2; it needs nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.project.audit import canonical, line_hash, verify_lines
from engine.project.project import Project
from tests.conftest import REPOSITORY

SCRIPT = REPOSITORY / "assets" / "verify_audit.py"
Change = Callable[[list[str]], list[str]]


@pytest.fixture
def lines(project: Project) -> list[str]:
    for number in range(60):
        project.audit.append("dataset.clean", {"dataset": f"v{number}"}, {"rows": number})
    return project.audit.lines()


def rehash(lines: list[str], at: int, *, to_the_end: bool) -> list[str]:
    out = list(lines)
    event = {**json.loads(out[at]), "details": {"rows": 999}}
    for number in range(at, len(out) if to_the_end else at + 1):
        if number > at:
            event = {**json.loads(out[number]), "prev": json.loads(out[number - 1])["hash"]}
        event["hash"] = line_hash(event)
        out[number] = canonical(event)
    return out


def renumbered(lines: list[str]) -> list[str]:
    out, prev = [], "0" * 64
    for number, line in enumerate(lines, start=1):
        event = {**json.loads(line), "seq": number, "prev": prev}
        event["hash"] = prev = line_hash(event)
        out.append(canonical(event))
    return out


CAUGHT_BY_CHAIN: dict[str, Change] = {
    "edit": lambda c: [*c[:30], c[30].replace('"rows":29', '"rows":28'), *c[31:]],
    "edit and rehash": lambda c: rehash(c, 30, to_the_end=False),
    "delete": lambda c: [*c[:30], *c[31:]],
    "reorder": lambda c: [*c[:30], c[31], c[30], *c[32:]],
    "insert": lambda c: [*c[:30], c[10], *c[30:]],
    "duplicate": lambda c: [*c[:31], *c[30:]],
    "byte flip": lambda c: [*c[:30], c[30][:50] + chr(ord(c[30][50]) ^ 1) + c[30][51:], *c[31:]],
    "cut a line": lambda c: [*c[:30], c[30][:-20], *c[31:]],
    "empty line": lambda c: [*c[:30], "", *c[30:]],
    "cut all": lambda c: [],
    "deep": lambda c: [*c[:30], "[" * 100_000, *c[31:]],
    "respaced": lambda c: [*c[:30], json.dumps(json.loads(c[30]), sort_keys=True), *c[31:]],
}
ONLY_BY_ANCHOR: dict[str, tuple[Change, bool]] = {  # change, caught by an anchor in the middle too
    "cut the tail": (lambda c: c[:40], False),
    "full re-chain after an edit": (lambda c: rehash(c, 5, to_the_end=True), True),
    "an event taken out and re-chained": (lambda c: renumbered([*c[:5], *c[6:]]), True),
}


def check(path: Path, lines: list[str], *anchors: str) -> tuple[int, str]:
    path.write_text("".join(f"{line}\n" for line in lines))
    run = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path), *anchors], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout


def anchor(lines: list[str], seq: int, digits: int = 64) -> str:
    return f"{json.loads(lines[seq - 1])['hash'][:digits]}@{seq}"


def test_an_untouched_log_with_all_anchors(lines: list[str], tmp_path: Path) -> None:
    code, said = check(tmp_path / "log", lines, anchor(lines, 61), anchor(lines, 20, 16), anchor(lines, 1).upper())
    assert code == 0
    assert "61 events" in said
    assert "No anchor" in check(tmp_path / "log", lines)[1]


@pytest.mark.parametrize("name", CAUGHT_BY_CHAIN)
def test_caught_by_the_chain_with_its_line_number(lines: list[str], tmp_path: Path, name: str) -> None:
    changed = CAUGHT_BY_CHAIN[name](lines)
    code, said = check(tmp_path / "log", changed)
    assert code == 1
    ours = verify_lines(changed)
    assert not ours.ok
    assert f"BROKEN at line {ours.first_bad}:" in said


@pytest.mark.parametrize("name", ONLY_BY_ANCHOR)
def test_only_an_anchor_shows(lines: list[str], tmp_path: Path, name: str) -> None:
    change, middle_sees_it = ONLY_BY_ANCHOR[name]
    changed = change(lines)
    assert check(tmp_path / "log", changed)[0] == 0
    assert check(tmp_path / "log", changed, anchor(lines, 61))[0] == 1
    assert check(tmp_path / "log", changed, anchor(lines, 20))[0] == int(middle_sees_it)
    assert check(tmp_path / "log", changed, anchor(lines, 20), anchor(lines, 61))[0] == 1


@pytest.mark.parametrize("word", ["nope", "abc@1", f"{'a' * 64}@0", f"{'z' * 64}@1"])
def test_bad_arguments(lines: list[str], tmp_path: Path, word: str) -> None:
    assert check(tmp_path / "log", lines, word)[0] == 2


def test_bytes_that_are_no_text(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(lines[0].encode() + b"\n\xff\xfe\n")
    run = subprocess.run([sys.executable, "-I", str(SCRIPT), str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("content", [b"", b"\n", b"[" * 100_000])
def test_a_log_without_an_event_is_not_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    run = subprocess.run([sys.executable, "-I", str(SCRIPT), str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "BROKEN at line 1" in run.stdout
    assert "Traceback" not in run.stderr


def test_it_is_one_short_file_of_the_standard_library() -> None:
    source = SCRIPT.read_text()
    assert len(source.splitlines()) < 120
    assert {line for line in source.splitlines() if line.startswith(("import ", "from "))} == {
        "from __future__ import annotations",
        "import hashlib",
        "import json",
        "import sys",
    }
