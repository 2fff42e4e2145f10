"""The command itself: whatever terminal, disk or arguments are like, there is one sentence and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import _fault, main
from engine.project.project import Project
from engine.project.workspace import Workspace

TITLE = "Täglich 🙂"


def command(*words: str | bytes, to: str | None = None, **environment: str) -> tuple[int, str, str]:
    """Run a real process; `to` is a file that takes the output."""
    with open(to or os.devnull, "wb") as sink:
        run = subprocess.run(
            [sys.executable, "-m", "engine.cli", *words],
            stdout=sink if to else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            check=False,
        )
    return run.returncode, (run.stdout or b"").decode(), run.stderr.decode()


def test_a_terminal_without_the_letters_gets_escapes(workspace: Workspace) -> None:
    workspace.create(TITLE)
    code, said, errors = command("project", "list", PYTHONIOENCODING="ascii")
    assert (code, errors) == (0, "")
    assert "T\\xe4glich \\U0001f642" in said
    code, said, errors = command("project", "list", "--json", PYTHONIOENCODING="ascii")
    assert (code, errors) == (0, "")
    assert json.loads(said)["projects"][0]["title"] == TITLE
    assert "glich 🙂" in command("project", "list", PYTHONIOENCODING="utf-8")[1]


@pytest.mark.parametrize("words", [["project", "list"], ["project", "list", "--json"], ["audit", "verify", "nope"]])
def test_an_output_that_is_full_is_one_sentence(workspace: Workspace, words: list[str]) -> None:
    workspace.create(TITLE)
    code, _, errors = command(*words, to="/dev/full")
    assert code == 2
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert len(errors.splitlines()) <= 2
    if words[0] == "project":
        assert errors.startswith("The output could not be written (No space left on device).")


def test_a_reader_that_left_early_is_no_error(workspace: Workspace) -> None:
    workspace.create(TITLE)
    script = f"{sys.executable} -m engine.cli project list | true; exit ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_fault_that_cannot_be_logged_is_still_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root, words in ((tmp_path / "file" / "sub", "could not be logged"), (tmp_path / "ws", "logs/cli.log")):
        monkeypatch.setenv("TUNEWORTH_WORKSPACE", str(root))
        try:
            raise ZeroDivisionError("the reason")
        except ZeroDivisionError:
            error = _fault()
        assert error.message == "Something went wrong inside Tuneworth."
        assert words in error.hint
    assert "ZeroDivisionError: the reason" in (tmp_path / "ws" / "logs" / "cli.log").read_text()


def test_a_title_that_is_no_text_makes_no_project(workspace: Workspace) -> None:
    code, _, errors = command("project", "create", b"bad\xff")
    assert code == 2
    assert errors.startswith("The name of the project holds bytes that are no text.")
    assert list(workspace.projects_dir.iterdir()) == []


def test_out_replaces_no_device_socket_or_folder(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    device.symlink_to("/dev/null")
    events = project.audit.head().seq
    for target, kind in ((pipe, "a device, a pipe or a socket"), (tmp_path, "a folder"), (device, "device")):
        for words in (["project", "export"], ["audit", "export"]):
            assert main([*words, "--project", project.id, "--out", str(target)]) == 2
            assert kind in capsys.readouterr().err
    assert pipe.is_fifo()
    assert device.is_char_device()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".tmp")] == []
    assert project.audit.head().seq == events
