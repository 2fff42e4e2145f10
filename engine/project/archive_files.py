"""Which files of an archive may come in: plain data only, under names that stay inside the project.

An archive can come from anybody. Folders that programs work in (`jobs`, `models`) take only kinds of file that are
read as data: no Python, no pickles (`.pt`, `.pth`, `.bin`, `.pkl`). What a process wrote about itself stays out.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = "tuneworth-project-1"
IMPORTED = "imported"  # marks the folder of a job that came in an archive
MAX_UNPACKED = 50 * 2**30
MAX_MANIFEST = 64 * 2**20
MAX_NAME = 400  # characters; the deepest file of ours has about 150
MAX_DEPTH = 12
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 1  # bit of an entry's flags
WORKED_IN = ("jobs", "models")
AS_DATA = {".json", ".jsonl", ".txt", ".parquet", ".csv", ".safetensors", ".md", ".jinja", ".model"}
OF_A_PROCESS = {"heartbeat.json", "stop", IMPORTED}


def read_manifest(bundle: zipfile.ZipFile) -> dict[str, Any]:
    """Return project, files (name -> SHA-256) of an archive.

    Raises ValueError, KeyError, RecursionError or zipfile.BadZipFile for a file that is none.
    """
    if bundle.getinfo("manifest.json").file_size > MAX_MANIFEST:
        raise ValueError("manifest too large")
    manifest = json.loads(bundle.read("manifest.json"))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError("unknown format")
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise ValueError("no list of files")
    if "project.sqlite" not in files or not isinstance(manifest.get("project"), str):
        raise ValueError("no project")
    entries = bundle.infolist()
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ValueError("too large")
    if any(entry.flag_bits & ENCRYPTED or entry.compress_type not in PACKED_AS for entry in entries):
        raise ValueError("packed in another way than ours")
    return manifest


def check_name(name: str) -> PurePosixPath:
    """Return the path of an entry inside the project. Raises ValueError when it is no plain relative file name."""
    path = PurePosixPath(name)
    odd = set(name) & set("\\:\0") or ".." in path.parts or path.is_absolute()
    if odd or not path.parts or path.as_posix() != name:
        raise ValueError("unsafe name")
    if len(name) > MAX_NAME or len(path.parts) > MAX_DEPTH or any(len(part.encode()) > 255 for part in path.parts):
        raise ValueError("name too long")
    return path


def may_come_in(path: PurePosixPath) -> bool:
    """Whether a file is taken from an archive; others are left out and named to the user."""
    if path.parts[0].casefold() not in WORKED_IN:
        return True
    return path.suffix.lower() in AS_DATA and path.name.lower() not in OF_A_PROCESS


def is_of_a_process(path: PurePosixPath) -> bool:
    """Whether leaving the file out is not worth a word: signs of life of a process on another computer."""
    return path.name.lower() in OF_A_PROCESS


def mark_jobs(project: Path) -> None:
    """Mark every job folder as imported, so that nothing in it is taken for a job that ran here."""
    jobs = project / "jobs"
    for folder in jobs.iterdir() if jobs.is_dir() else ():
        if folder.is_dir():
            (folder / IMPORTED).write_bytes(b"")


def adopt(database: Path, old_id: str, new_id: str) -> None:
    """Give the project record its new id. Raises ValueError or sqlite3.DatabaseError for a foreign database."""
    database.chmod(0o600)
    connection = sqlite3.connect(database)
    try:
        row = connection.execute("SELECT body FROM record WHERE kind='project' AND id=?", (old_id,)).fetchone()
        body = json.loads(row[0]) if row else None
        if not isinstance(body, dict):
            raise ValueError("no project record")
        connection.execute(
            "UPDATE record SET id=?, body=? WHERE kind='project' AND id=?",
            (new_id, json.dumps({**body, "id": new_id}), old_id),
        )
        connection.commit()
    finally:
        connection.close()


def named_but_missing(project: Path) -> list[str]:
    """Files or folders of the project that a record names in a field `path` or `..._path`, and that are not there."""
    connection = sqlite3.connect(project / "project.sqlite")
    try:
        bodies = [json.loads(row[0]) for row in connection.execute("SELECT body FROM record")]
    finally:
        connection.close()
    named = {
        value
        for body in bodies
        if isinstance(body, dict)
        for key, value in body.items()
        if (key == "path" or key.endswith("_path")) and isinstance(value, str) and value.startswith(_OF_A_PROJECT)
    }
    return sorted(name for name in named if not (project / name).exists())


_OF_A_PROJECT = ("uploads/", "data/", "jobs/", "models/", "reports/")
