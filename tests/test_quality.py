"""The rules of the house, checked like everything else: format, lint, types, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

LIMITS = {"engine": 300, "pages": 200}


def sources(*tops: str) -> list[Path]:
    return sorted(path for top in tops for path in (REPOSITORY / top).rglob("*.py"))


@pytest.mark.parametrize("arguments", [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]])
def test_tools_are_content(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]


def test_files_are_small_rooms() -> None:
    over = []
    for top, limit in LIMITS.items():
        for path in sources(top):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > limit:
                over.append(f"{path.relative_to(REPOSITORY)}: {lines}")
    assert over == []


def test_functions_are_short() -> None:
    over = []
    for path in sources("engine", "pages"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > 50:
                    over.append(f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name} ({size})")
    assert over == []
