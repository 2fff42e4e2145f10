"""One project: a folder that holds everything the user made."""

from __future__ import annotations

import shutil
from functools import cached_property
from pathlib import Path

from engine.errors import NotFound
from engine.project.audit import AuditLog
from engine.project.records import ProjectInfo
from engine.project.store import RecordStore

FOLDERS = ("uploads", "data", "jobs", "models", "reports")


class Project:
    """Handle on a project folder. Cheap to make; holds no open files."""

    def __init__(self, path: Path) -> None:
        if not (path / "project.sqlite").exists():
            raise NotFound("This project does not exist any more.", "Choose another one on the start page.")
        self.path = path
        self.records = RecordStore(path / "project.sqlite")
        self.audit = AuditLog(self.records)

    @property
    def id(self) -> str:
        """Folder name: a random id, never the title."""
        return self.path.name

    @cached_property
    def info(self) -> ProjectInfo:
        """Title and date."""
        return self.records.get(ProjectInfo, self.id)

    @property
    def title(self) -> str:
        """Name given by the user: show it only as plain text."""
        return self.info.title

    @property
    def workspace_root(self) -> Path:
        """Folder of the workspace this project lives in."""
        return self.path.parent.parent

    def dir(self, name: str) -> Path:
        """Return one of the project's folders, made when missing."""
        if name not in FOLDERS:
            raise NotFound(f"A project has no folder {name!r}.")
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        return folder


def create_project(path: Path, info: ProjectInfo) -> Project:
    """Make the folder and its store, or leave nothing. The record is written late: a half-made folder is no project."""
    path.mkdir(mode=0o700, parents=True)
    try:
        for name in FOLDERS:
            (path / name).mkdir()
        (path / "project.sqlite").touch(mode=0o600)  # SQLite gives its other files the same permissions
        store = RecordStore(path / "project.sqlite")
        store.migrate()
        store.save(info)
        project = Project(path)
        project.audit.append("project.create", {"project": info.id}, {"demo": info.demo})
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return project
