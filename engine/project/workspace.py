"""The workspace: the folder that holds all projects, locks and caches."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.errors import Conflict, InputError, NotFound, TuneworthError
from engine.project.archive import unpack_archive
from engine.project.busy import is_busy
from engine.project.files import storage_guard
from engine.project.project import Project, create_project
from engine.project.records import ProjectInfo, new_id
from engine.project.remains import held, sweep


def default_root() -> Path:
    """`TUNEWORTH_WORKSPACE` when set, else the user's data folder."""
    chosen = os.environ.get("TUNEWORTH_WORKSPACE")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("tuneworth", appauthor=False))


@dataclass(frozen=True)
class Imported:
    """A project from an archive, and the names of files that did not come in."""

    project: Project
    left_out: list[str]

    @property
    def sentence(self) -> str:
        """What was left out and why; '' when nothing was."""
        if not self.left_out:
            return ""
        files = "1 file was" if len(self.left_out) == 1 else f"{len(self.left_out):,} files were"
        name = self.left_out[0].rpartition("/")[2]
        return f"{files} left out that could run a program, such as {name}. Data and results do not need them."


class Workspace:
    """Create, open, list, delete and import projects."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or default_root()).expanduser().resolve()
        with storage_guard(self.root):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.root / "projects").mkdir(mode=0o700, exist_ok=True)
        sweep(self.projects_dir)

    @property
    def projects_dir(self) -> Path:
        """Folder of all projects."""
        return self.root / "projects"

    def create(self, title: str, *, demo: bool = False) -> Project:
        """Make an empty project. Raises InputError for an empty title or one that is no text."""
        plain = " ".join(title.split())[:200]
        if any("\ud800" <= letter <= "\udfff" for letter in plain):  # bytes of a command line that are no UTF-8
            raise InputError("The name of the project holds bytes that are no text.", "Type the name again.")
        if not plain:
            raise InputError("The project has no name.", "Type a short name, for example: Support tickets.")
        info = ProjectInfo(title=plain, demo=demo)
        with storage_guard(self.projects_dir / info.id):
            return create_project(self.projects_dir / info.id, info)

    def open(self, project_id: str) -> Project:
        """Return a project by id. Raises NotFound."""
        if not project_id.isalnum() or len(project_id) > 64:
            raise NotFound("There is no such project.", "Choose one on the start page.")
        project = Project(self.projects_dir / project_id)
        project.records.migrate()
        return project

    def list(self) -> list[ProjectInfo]:
        """Return all projects that can be read, newest first."""
        found = []
        for folder in self.projects_dir.iterdir():
            if folder.name.startswith("."):
                continue
            try:
                found.append(Project(folder).info)
            except TuneworthError:
                continue  # a half-made or foreign folder is no project; it is left alone
        return sorted(found, key=lambda info: info.created, reverse=True)

    def delete(self, project_id: str) -> None:
        """Delete a project and everything in it. Renamed first, so that it is gone at once or not at all."""
        project = self.open(project_id)
        if any(is_busy(job) for job in project.dir("jobs").iterdir()):
            raise Conflict("A job of this project is still running.", "Stop it first, then delete the project.")
        doomed = self.projects_dir / f".deleting-{project.id}"
        with storage_guard(project.path):
            project.path.rename(doomed)
            with held(doomed):
                shutil.rmtree(doomed)

    def import_archive(self, archive: Path) -> Project:
        """Unpack an exported project under a new id. Raises InputError for a damaged or foreign file."""
        return self.bring_in(archive).project

    def bring_in(self, archive: Path) -> Imported:
        """As `import_archive`, and say what was left out."""
        project_id = new_id()
        left_out = unpack_archive(archive, self.projects_dir, project_id)
        project = self.open(project_id)
        project.audit.append("project.import", {"project": project_id}, {"files_left_out": len(left_out)})
        return Imported(project, left_out)
