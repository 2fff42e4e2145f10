"""README's commands are real: make targets exist, set-up is complete, every `tuneworth` line parses."""

from __future__ import annotations

import re
import subprocess

from engine.cli import build_parser
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.strip()]


def test_the_two_commands_are_there() -> None:
    assert COMMANDS[:2] == ["make run", "make test"]
    for command in COMMANDS[:2]:
        plan = subprocess.run([*command.split(), "-n"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
        assert ".ci/setup" in plan.stdout


def test_set_up_finds_nothing_left_to_do() -> None:
    run = subprocess.run([".ci/setup"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_tuneworth_line_parses() -> None:
    lines = [line for line in COMMANDS if "tuneworth" in line]
    assert len(lines) >= 6
    for line in lines:
        words = [word for word in line.split()[1:] if word != "--json"]
        assert build_parser().parse_args(words).command == words[0]


def test_ci_runs_the_second_command() -> None:
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
