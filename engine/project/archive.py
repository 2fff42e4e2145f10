"""A project as one file: a ZIP of its folder with a manifest of hashes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import InputError
from engine.project.archive_files import (
    FORMAT,
    adopt,
    check_name,
    is_of_a_process,
    mark_jobs,
    may_come_in,
    named_but_missing,
    read_manifest,
)
from engine.project.files import refuse_special, sha256_file, storage_guard
from engine.project.project import Project
from engine.project.remains import held

SKIPPED = {"project.sqlite", "project.sqlite-wal", "project.sqlite-shm"}
_FOREIGN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RecursionError, sqlite3.DatabaseError)


def export_archive(project: Project, out: Path) -> Path:
    """Write the whole project to `out` (ZIP). The database is copied by SQLite, so an open one is consistent."""
    refuse_special(out)
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


def unpack_archive(archive: Path, projects_dir: Path, project_id: str) -> list[str]:
    """Unpack into a hidden folder, check every hash, then rename. Raises InputError; nothing half stays.

    Returns the names that were left out because they are not plain data (engine/project/archive_files.py).
    """
    staging = projects_dir / f".importing-{project_id}"
    try:
        with zipfile.ZipFile(archive) as bundle:
            manifest = read_manifest(bundle)
            with storage_guard(staging):
                staging.mkdir(mode=0o700, parents=True)
                with held(staging):
                    left_out = _extract(bundle, manifest["files"], staging)
                    mark_jobs(staging)
                    adopt(staging / "project.sqlite", manifest["project"], project_id)
                    if missing := named_but_missing(staging):
                        raise InputError(
                            f"{archive.name} is not complete: {missing[0]} is missing.", "Make the export again."
                        )
                    staging.rename(projects_dir / project_id)
    except _FOREIGN as error:
        raise InputError(
            f"{archive.name} is not a Tuneworth project export.", "Choose a file made by Export."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return left_out


def _extract(bundle: zipfile.ZipFile, files: dict[str, str], staging: Path) -> list[str]:
    left_out = []
    for name, expected in files.items():
        path = check_name(name)
        if not may_come_in(path):
            left_out += [] if is_of_a_process(path) else [name]
            continue
        target = staging / path
        with bundle.open(name) as packed, _new_file(target) as file:
            shutil.copyfileobj(packed, file, 2**20)
        if sha256_file(target) != expected:
            raise ValueError("damaged")
    return left_out


def _new_file(target: Path) -> BinaryIO:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ValueError("two entries claim one place") from error
