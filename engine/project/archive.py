"""A project as one file: a ZIP of its folder with a manifest of hashes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from engine.errors import InputError
from engine.project.files import sha256_file, storage_guard
from engine.project.project import Project

FORMAT = "tuneworth-project-1"
MAX_UNPACKED = 50 * 2**30
SKIPPED = {"project.sqlite", "project.sqlite-wal", "project.sqlite-shm"}


def export_archive(project: Project, out: Path) -> Path:
    """Write the whole project to `out` (ZIP). The database is copied by SQLite, so an open one is consistent."""
    project.audit.append("project.export", {"project": project.id})
    with storage_guard(out), tempfile.TemporaryDirectory(dir=out.parent) as folder:
        database = Path(folder) / "project.sqlite"
        with project.records.connect() as connection:
            lines = connection.execute("SELECT COUNT(*) FROM audit").fetchone()[0]
        source = sqlite3.connect(project.records.path)
        try:
            source.execute("VACUUM INTO ?", (str(database),))
        finally:
            source.close()
        temp = Path(folder) / "archive.zip"
        _write_zip(project, database, temp, lines)
        shutil.move(temp, out)
    return out


def _write_zip(project: Project, database: Path, temp: Path, audit_lines: int) -> None:
    manifest: dict[str, Any] = {"format": FORMAT, "project": project.id, "audit_events": audit_lines, "files": {}}
    with zipfile.ZipFile(temp, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as bundle:
        entries = [("project.sqlite", database)]
        for path in sorted(project.path.rglob("*")):
            name = path.relative_to(project.path).as_posix()
            if path.is_file() and not path.is_symlink() and name not in SKIPPED:
                entries.append((name, path))
        for name, path in entries:
            bundle.write(path, name)
            manifest["files"][name] = sha256_file(path)
        bundle.writestr("manifest.json", json.dumps(manifest))


def unpack_archive(archive: Path, projects_dir: Path, project_id: str) -> None:
    """Unpack into a hidden folder, check every hash, then rename. Raises InputError; nothing half stays."""
    staging = projects_dir / f".importing-{project_id}"
    try:
        with zipfile.ZipFile(archive) as bundle:
            manifest = _manifest(bundle)
            with storage_guard(staging):
                _extract(bundle, manifest["files"], staging)
        _adopt(staging / "project.sqlite", str(manifest["project"]), project_id)
        staging.rename(projects_dir / project_id)
    except (zipfile.BadZipFile, KeyError, ValueError, sqlite3.DatabaseError) as error:
        raise InputError(
            f"{archive.name} is not a Tuneworth project export.", "Choose a file made by Export."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _manifest(bundle: zipfile.ZipFile) -> dict[str, Any]:
    manifest = json.loads(bundle.read("manifest.json"))
    if manifest["format"] != FORMAT or "project.sqlite" not in manifest["files"]:
        raise ValueError("unknown format")
    if sum(info.file_size for info in bundle.infolist()) > MAX_UNPACKED:
        raise ValueError("too large")
    return dict(manifest)


def _extract(bundle: zipfile.ZipFile, files: dict[str, str], staging: Path) -> None:
    staging.mkdir(parents=True)
    for name, expected in files.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name:
            raise ValueError("unsafe name")
        target = staging / parts
        target.parent.mkdir(parents=True, exist_ok=True)
        with bundle.open(name) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, 2**20)
        if sha256_file(target) != expected:
            raise ValueError("damaged")


def _adopt(database: Path, old_id: str, new_id: str) -> None:
    connection = sqlite3.connect(database)
    try:
        row = connection.execute("SELECT body FROM record WHERE kind='project' AND id=?", (old_id,)).fetchone()
        body = {**json.loads(row[0]), "id": new_id} if row else {}
        if not body:
            raise ValueError("no project record")
        connection.execute(
            "UPDATE record SET id=?, body=? WHERE kind='project' AND id=?", (new_id, json.dumps(body), old_id)
        )
        connection.commit()
    finally:
        connection.close()
