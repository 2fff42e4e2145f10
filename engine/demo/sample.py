"""The sample project: invented support tickets, read and mapped, ready for the first look."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.data.columns import guess_columns
from engine.data.sources import add_file, start_dataset
from engine.errors import NotFound
from engine.project.files import read_json
from engine.project.project import Project
from engine.project.workspace import Workspace

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SAMPLE_FILE = ASSETS / "sample" / "support_tickets.csv"
TITLE = "Sample: support tickets"


def sample_file() -> Path:
    """Return the sample CSV. Raises NotFound when the assets are not installed."""
    if not SAMPLE_FILE.exists():
        raise NotFound("The sample tickets are not part of this installation.", "Start with your own file.")
    return SAMPLE_FILE


def create_sample_project(workspace: Workspace, title: str = TITLE) -> Project:
    """Make a project with the sample read and its columns mapped as guessed, or none. Well under a second."""
    project = workspace.create(title, demo=True)
    try:
        read_sample(project)
    except BaseException:
        shutil.rmtree(project.path, ignore_errors=True)
        raise
    return project


def read_sample(project: Project) -> tuple[int, int]:
    """Read and map the sample; return (lines that hold a row or were rejected, rows of the first version)."""
    source, result = add_file(project, sample_file())
    guess = guess_columns(result.frame).mapping()
    mapping = guess.model_copy(update={"system_prompt": _instruction()})
    version = start_dataset(project, source, mapping, result)
    return source.rows + source.rejects, version.rows


def _instruction() -> str:
    """The instruction the demo model was tried with; part of the sample, so that Data Studio shows it."""
    return str(read_json(ASSETS / "demo_model" / "tuneworth.json")["system_prompt"])
