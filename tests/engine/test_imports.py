"""Imports go one way, and nothing heavy is reachable from the app process."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ORDER = [
    {"errors"},
    {"facts"},
    {"project"},
    {"jobs", "machine"},
    {"data", "privacy", "fit", "costs"},
    {"providers"},
    {"training"},
    {"evaluation"},
    {"compliance", "operate"},
    {"reports"},
    {"demo"},
    {"commands"},
    {"cli"},
]
LEAVES = {"fit", "costs"}  # take plain numbers: no sibling
ALLOWED_BESIDE = {("data", "privacy")}
HEAVY = {"torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "accelerate"}
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def engine_files() -> list[Path]:
    return sorted((REPOSITORY / "engine").rglob("*.py"))


def imports_of(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append(node.module)
    return found


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_engine_imports_go_one_way() -> None:
    wrong = []
    for path in engine_files():
        own = path.relative_to(REPOSITORY / "engine").parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for name in imports_of(path):
            other = room(name)
            if not name.startswith("engine.") or other == own or other == "__init__":
                continue
            beside = LEVEL[own] == LEVEL[other] and (own, other) not in ALLOWED_BESIDE
            if LEVEL[other] > LEVEL[own] or beside:
                wrong.append(f"{path.relative_to(REPOSITORY)} imports {name}")
    assert wrong == []


def test_engine_never_imports_streamlit_or_pages() -> None:
    wrong = [
        f"{path.name}: {name}"
        for path in engine_files()
        for name in imports_of(path)
        if name.split(".")[0] in {"streamlit", "pages", "app"}
    ]
    assert wrong == []


def test_only_worker_modules_import_heavy_packages() -> None:
    wrong = []
    for path in engine_files():
        source = path.read_text(encoding="utf-8")
        docstring = ast.get_docstring(ast.parse(source)) or ""
        allowed = path.name.startswith("worker") or docstring.startswith("Worker-only:")
        heavy = [name for name in imports_of(path) if name.split(".")[0] in HEAVY]
        if heavy and not allowed:
            wrong.append(f"{path.relative_to(REPOSITORY)}: {heavy}")
    assert wrong == []


@pytest.mark.parametrize("module", ["engine.cli", "pages.parts.page"])
def test_importing_the_app_side_loads_no_heavy_package(module: str) -> None:
    code = (
        f"import sys, importlib; m = importlib.import_module({module!r});"
        "getattr(m, 'build_parser', lambda: None)();"
        f"print(sorted(set(sys.modules) & {HEAVY!r}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert run.stdout.strip().splitlines()[-1:] == ["[]"], run.stdout + run.stderr
