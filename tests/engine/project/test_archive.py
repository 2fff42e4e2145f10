"""Archives that nobody's Export made: each is refused in one sentence, and nothing of it stays."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.data.columns import guess_columns
from engine.data.sources import add_upload, start_dataset
from engine.errors import InputError
from engine.project.archive import export_archive
from engine.project.project import Project
from engine.project.workspace import Workspace


def parts(archive: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    with zipfile.ZipFile(archive) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    return files, json.loads(files.pop("manifest.json"))


def packed(out: Path, files: dict[str, bytes], manifest: str) -> Path:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in {**files, "manifest.json": manifest.encode()}.items():
            bundle.writestr(name, data)
    return out


@pytest.mark.parametrize(
    "manifest",
    ["[]", "5", "null", '"x"', "{", "[" * 200_000, '{"format": "tuneworth-project-1"}']
    + [
        json.dumps({"format": "tuneworth-project-1", "project": "a", **rest})
        for rest in ({"files": []}, {"files": ["project.sqlite"]}, {"files": {"project.sqlite": 5}}, {"files": 7})
    ],
)
def test_a_manifest_that_is_none(workspace: Workspace, project: Project, tmp_path: Path, manifest: str) -> None:
    files, _ = parts(export_archive(project, tmp_path / "p.zip"))
    with pytest.raises(InputError, match="not a Tuneworth project export"):
        workspace.import_archive(packed(tmp_path / "bad.zip", files, manifest))
    assert [path.name for path in workspace.projects_dir.iterdir()] == [project.id]


@pytest.mark.parametrize(
    "name",
    [
        *(".", "uploads", "a/" * 2000 + "b", "x" * 300, "../evil", "/tmp/evil", "C:evil", "a//b", "./a", "a/./b"),
        *("project.sqlite/x", "a\\b", "reports/ü" + "ü" * 200),
    ],
)
def test_an_entry_with_an_odd_name(workspace: Workspace, project: Project, tmp_path: Path, name: str) -> None:
    (project.dir("uploads") / "kept").write_bytes(b"x")
    files, manifest = parts(export_archive(project, tmp_path / "p.zip"))
    files[name] = b"hi"
    manifest["files"][name] = hashlib.sha256(b"hi").hexdigest()
    with pytest.raises(InputError, match="not a Tuneworth project export"):
        workspace.import_archive(packed(tmp_path / "bad.zip", files, json.dumps(manifest)))
    assert [path.name for path in workspace.projects_dir.iterdir()] == [project.id]


def test_a_database_without_its_project(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    files, manifest = parts(export_archive(project, tmp_path / "p.zip"))
    for changes in ({"project": "other"}, {"project": ["a"]}):
        with pytest.raises(InputError, match="not a Tuneworth project export"):
            workspace.import_archive(packed(tmp_path / "bad.zip", files, json.dumps({**manifest, **changes})))
    files["project.sqlite"] = b"SQLite format 3\0" + b"\x07" * 5000
    manifest["files"]["project.sqlite"] = hashlib.sha256(files["project.sqlite"]).hexdigest()
    with pytest.raises(InputError, match="not a Tuneworth project export"):
        workspace.import_archive(packed(tmp_path / "bad.zip", files, json.dumps(manifest)))
    assert [path.name for path in workspace.projects_dir.iterdir()] == [project.id]


def test_an_encrypted_or_oddly_packed_archive(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    archive = export_archive(project, tmp_path / "p.zip")
    files, manifest = parts(archive)
    with zipfile.ZipFile(tmp_path / "bz.zip", "w", zipfile.ZIP_BZIP2) as bundle:
        for name, data in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            bundle.writestr(name, data)
    raw = bytearray(archive.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 8] |= 1  # the flag "encrypted" of the first entry in the directory
    (tmp_path / "locked.zip").write_bytes(raw)
    for name in ("bz.zip", "locked.zip"):
        with pytest.raises(InputError, match="not a Tuneworth project export"):
            workspace.import_archive(tmp_path / name)


def test_an_archive_without_a_file_that_a_record_names(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    source, read = add_upload(project, b"question,answer\nWho?,Me\nWhere?,Here\n", "a.csv")
    version = start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    files, manifest = parts(export_archive(project, tmp_path / "p.zip"))
    workspace.import_archive(packed(tmp_path / "good.zip", files, json.dumps(manifest)))
    before = {path.name for path in workspace.projects_dir.iterdir()}
    del manifest["files"][version.path]
    with pytest.raises(InputError, match=f"not complete: {version.path} is missing"):
        workspace.import_archive(packed(tmp_path / "bad.zip", files, json.dumps(manifest)))
    assert {path.name for path in workspace.projects_dir.iterdir()} == before


def test_nobody_else_on_this_computer_can_read_a_project(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir(mode=0o755)
    for root in (tmp_path / "fresh", tmp_path / "new"):
        place = Workspace(root)
        project = place.create("Private")
        copy = place.import_archive(export_archive(project, tmp_path / f"{root.name}.zip"))
        for each in (project, copy):
            each.audit.append("a.b")
            assert each.path.stat().st_mode & 0o077 == 0
            assert each.records.path.stat().st_mode & 0o077 == 0
        assert place.projects_dir.stat().st_mode & 0o077 == 0
    assert (tmp_path / "fresh").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0o055
