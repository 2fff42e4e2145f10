"""Fixtures for all tests: a workspace of its own, and nothing that phones home."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.jobs.kinds import PROGRAMS, add_program
from engine.project.project import Project
from engine.project.workspace import Workspace

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

REPOSITORY = Path(__file__).resolve().parent.parent
os.environ["PYTHONPATH"] = str(REPOSITORY)  # so that workers find the test worker too
for kind in ("test", *PROGRAMS):  # jobs that a test plays with its own worker
    add_program(kind, "tests.fixtures.worker_script")
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "workspace"
    monkeypatch.setenv("TUNEWORTH_WORKSPACE", str(root))
    return Workspace(root)


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return workspace.create("Support tickets")


@pytest.fixture
def shared_data() -> Path:
    if not SHARED_DATA.exists():
        pytest.skip("../shared/data is not here")
    return SHARED_DATA


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 3 MB that can be filled. Needs root and mount; skipped elsewhere."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
