"""Projects on disk: created, exported, imported, deleted; damaged files become sentences."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from engine.demo.sample import create_sample_project
from engine.errors import Conflict, InputError, NotFound, StorageError, TuneworthError
from engine.project.archive import export_archive
from engine.project.files import inside, safe_name, write_atomic
from engine.project.project import Project
from engine.project.records import ProjectInfo, Record
from engine.project.workspace import Workspace


class Note(Record):
    kind = "note"  # type: ignore[misc]
    text: str


def test_title_never_becomes_a_path(workspace: Workspace) -> None:
    project = workspace.create("../../etc/passwd\n<b>")
    assert project.path.parent == workspace.projects_dir
    assert project.title == "../../etc/passwd <b>"


@pytest.mark.parametrize("title", ["", "   ", "\n\t"])
def test_empty_title_is_one_sentence(workspace: Workspace, title: str) -> None:
    with pytest.raises(InputError, match="no name"):
        workspace.create(title)


def test_export_then_import_is_identity(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    project.records.save(Note(text="größer"))
    (project.dir("uploads") / "abc").write_bytes(b"\x00\x01")
    archive = export_archive(project, tmp_path / "p.zip")
    copy = workspace.import_archive(archive)
    assert copy.id != project.id
    assert copy.title == project.title
    assert [note.text for note in copy.records.list(Note)] == ["größer"]
    assert (copy.dir("uploads") / "abc").read_bytes() == b"\x00\x01"
    assert copy.audit.verify().ok
    assert copy.audit.lines()[: len(project.audit.lines())] == project.audit.lines()


def test_a_damaged_export_changes_nothing(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    archive = export_archive(project, tmp_path / "p.zip")
    for bad in (b"not a zip", archive.read_bytes()[:-200]):
        (tmp_path / "bad.zip").write_bytes(bad)
        with pytest.raises(InputError, match="not a Tuneworth project export"):
            workspace.import_archive(tmp_path / "bad.zip")
    assert len(list(workspace.projects_dir.iterdir())) == 1


def test_an_archive_cannot_write_outside(workspace: Workspace, tmp_path: Path) -> None:
    bad = tmp_path / "evil.zip"
    with zipfile.ZipFile(bad, "w") as bundle:
        bundle.writestr("../../evil.txt", "x")
        files = {"../../evil.txt": "0", "project.sqlite": "0"}
        bundle.writestr("manifest.json", json.dumps({"format": "tuneworth-project-1", "project": "a", "files": files}))
    with pytest.raises(InputError):
        workspace.import_archive(bad)
    assert not (tmp_path / "evil.txt").exists()


def test_delete_deletes_everything(workspace: Workspace, project: Project) -> None:
    workspace.delete(project.id)
    assert list(workspace.projects_dir.iterdir()) == []
    with pytest.raises(NotFound):
        workspace.open(project.id)


def test_a_running_job_blocks_delete(workspace: Workspace, project: Project) -> None:
    job = project.dir("jobs") / "j1"
    job.mkdir()
    (job / "heartbeat.json").write_text("{}")
    with pytest.raises(Conflict, match="still running"):
        workspace.delete(project.id)


def test_a_foreign_folder_is_left_alone(workspace: Workspace, project: Project) -> None:
    (workspace.projects_dir / "holiday").mkdir()
    assert [info.id for info in workspace.list()] == [project.id]
    for bad in ("../x", "", "nope", "a" * 100):
        with pytest.raises(TuneworthError):
            workspace.open(bad)


def test_records_are_immutable_unless_replaced(project: Project) -> None:
    note = Note(text="one")
    project.records.save(note)
    with pytest.raises(Conflict):
        project.records.save(note)
    project.records.save(note.model_copy(update={"text": "two"}), replace=True)
    assert project.records.get(Note, note.id).text == "two"
    assert project.records.counts() == {"project": 1, "note": 1}


def test_pointers_move(project: Project) -> None:
    assert project.records.pointer("dataset") is None
    project.records.set_pointer("dataset", "a")
    project.records.set_pointer("dataset", "b")
    assert project.records.pointer("dataset") == "b"
    project.records.set_pointer("dataset", None)
    assert project.records.pointer("dataset") is None


def test_a_damaged_project_file_is_a_sentence(project: Project) -> None:
    project.records.path.write_bytes(b"garbage" * 1000)
    for extra in ("-wal", "-shm"):
        Path(str(project.records.path) + extra).unlink(missing_ok=True)
    with pytest.raises(StorageError, match="damaged"):
        project.records.list(ProjectInfo)


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, small_disk: Path) -> None:
    target = small_disk / "settings.json"
    write_atomic(target, b"old")
    with pytest.raises(StorageError, match="disk is full"):
        write_atomic(target, b"x" * 5_000_000)
    assert target.read_bytes() == b"old"
    assert [path.name for path in small_disk.iterdir()] == ["settings.json"]


def test_a_full_disk_keeps_the_project(small_disk: Path) -> None:
    project = Workspace(small_disk / "w").create("Full")
    subprocess.run(["dd", "if=/dev/zero", f"of={small_disk / 'fill'}", "bs=4k"], check=False, stderr=subprocess.DEVNULL)
    with pytest.raises(StorageError, match="disk is full"):
        project.records.save(Note(text="y" * 1_000_000))
    (small_disk / "fill").unlink()
    assert project.title == "Full"
    assert project.audit.verify().ok
    project.records.save(Note(text="fits again"))


def test_a_project_that_does_not_fit_leaves_nothing(small_disk: Path) -> None:
    workspace = Workspace(small_disk / "w")
    fill = small_disk / "fill"
    subprocess.run(["dd", "if=/dev/zero", f"of={fill}", "bs=4k"], check=False, stderr=subprocess.DEVNULL)
    for left_free in (0, 20_000, 50_000):
        os.truncate(fill, fill.stat().st_size - left_free)
        with pytest.raises(StorageError, match="disk is full"):
            workspace.create("Full")
        with pytest.raises(StorageError, match="disk is full"):
            create_sample_project(workspace)
        assert list(workspace.projects_dir.iterdir()) == []
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={fill}", "bs=4k", "oflag=append", "conv=notrunc"],
            check=False,
            stderr=subprocess.DEVNULL,
        )


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../b"])
def test_inside_refuses_to_leave(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError):
        inside(tmp_path, path)


@pytest.mark.parametrize(
    ("text", "name"), [("Tickets März.csv", "Tickets-Marz.csv"), ("../..", "file"), ("CON.txt", "file"), ("", "file")]
)
def test_safe_name(text: str, name: str) -> None:
    assert safe_name(text) == name
