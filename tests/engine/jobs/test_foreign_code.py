"""A job folder may come from a stranger's archive: nothing in it chooses what runs on this computer."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.errors import Conflict
from engine.jobs.kinds import PROGRAMS, check_program
from engine.jobs.manager import JobManager
from engine.project.archive import export_archive
from engine.project.project import Project
from engine.project.workspace import Workspace
from tests.conftest import REPOSITORY
from tests.engine.jobs.test_manager import MODULE, start

ENDINGS = ("/exit.json", "/outcome.json")
PLANTED = "from pathlib import Path\nPath({marker!r}).write_text('ran')\n"


def finished(project: Project, **settings: Any) -> str:
    return JobManager(project).wait(start(project, steps=2, **settings).id, timeout=30).id


def forged(archive: Path, out: Path, add: dict[str, bytes]) -> Path:
    """The archive with files added or replaced, every job unfinished, and every hash made right again."""
    with zipfile.ZipFile(archive) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    files = {name: data for name, data in files.items() if not name.endswith(ENDINGS)} | add
    manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            bundle.writestr(name, data)
    return out


def spec_of(project: Project, job_id: str, **changes: Any) -> bytes:
    return json.dumps({**json.loads((project.dir("jobs") / job_id / "job.json").read_text()), **changes}).encode()


@pytest.mark.parametrize("planted", ["evil.py", "engine/__init__.py", "engine/data/worker.py", "sitecustomize.py"])
def test_an_archive_cannot_bring_a_program(
    workspace: Workspace, project: Project, tmp_path: Path, planted: str
) -> None:
    marker = tmp_path / "marker"
    job_id = finished(project)
    honest = export_archive(project, tmp_path / "honest.zip")
    code = PLANTED.format(marker=str(marker)).encode()
    module = "evil" if planted == "evil.py" else MODULE
    added = {f"jobs/{job_id}/{planted}": code, f"jobs/{job_id}/job.json": spec_of(project, job_id, module=module)}
    found = workspace.bring_in(forged(honest, tmp_path / "evil.zip", added))
    assert found.left_out == [f"jobs/{job_id}/{planted}"]
    assert planted.rpartition("/")[2] in found.sentence
    assert not list(found.project.path.rglob("*.py"))
    with pytest.raises(Conflict, match="came with an imported project"):
        JobManager(found.project).resume(job_id)
    job = JobManager(found.project).get(job_id)
    assert (job.state, job.can_resume) == ("lost", False)
    time.sleep(0.5)
    assert not marker.exists()


def test_a_program_planted_in_a_job_of_our_own_is_not_found(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "marker"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(REPOSITORY)]))
    job = JobManager(project).wait(start(project, crash_text="boom").id, timeout=30)
    for name in ("engine", "tests"):
        (job.folder / name).mkdir()
        (job.folder / name / "__init__.py").write_text(PLANTED.format(marker=str(marker)))
    (job.folder / "job.json").write_bytes(spec_of(project, job.id, settings={"steps": 2}))
    JobManager(project).resume(job.id)
    assert JobManager(project).wait(job.id, timeout=30).state == "succeeded"
    assert not marker.exists()


def test_resume_looks_the_program_up_again(project: Project) -> None:
    job = JobManager(project).wait(start(project, crash_text="boom").id, timeout=30)
    for changes in ({"module": "os"}, {"kind": "train", "module": "engine.data.worker"}, {"kind": "unheard"}):
        (job.folder / "job.json").write_bytes(spec_of(project, job.id, **changes))
        with pytest.raises(Conflict, match="No program"):
            JobManager(project).resume(job.id)


def test_resume_trusts_neither_queue_nor_token_on_disk(project: Project, tmp_path: Path) -> None:
    job = JobManager(project).wait(start(project, heavy=True, crash_text="boom").id, timeout=30)
    elsewhere = tmp_path / "elsewhere"
    forged_spec = spec_of(project, job.id, settings={"steps": 1}, locks=str(elsewhere), token="../../up")
    (job.folder / "job.json").write_bytes(forged_spec)
    JobManager(project).resume(job.id)
    assert JobManager(project).wait(job.id, timeout=30).state == "succeeded"
    assert not elsewhere.exists()
    assert json.loads((job.folder / "job.json").read_text())["token"] != "../../up"
    assert (project.workspace_root / "locks" / "device.lock").exists()


def test_signs_of_life_from_elsewhere_are_not_believed(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    job_id = finished(project)
    honest = export_archive(project, tmp_path / "honest.zip")
    here = {"pid": os.getpid(), "create_time": psutil.Process().create_time()}
    beat = json.dumps({"shim": here, "worker": here, "time": time.time(), "started": 1.0}).encode()
    added = {
        f"jobs/{job_id}/heartbeat.json": beat,
        f"jobs/{job_id}/job.json": spec_of(project, job_id, queued_at=time.time() + 1e6),
    }
    found = workspace.bring_in(forged(honest, tmp_path / "alive.zip", added))
    job = JobManager(found.project).get(job_id)
    assert job.state == "lost"
    assert job.error is not None
    assert "when the project was exported" in job.error["message"]
    assert found.sentence == ""
    workspace.delete(found.project.id)


def test_finished_jobs_come_in_as_they_were(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    job_id = finished(project)
    folder = project.dir("jobs") / job_id / "checkpoints" / "checkpoint-1"
    folder.mkdir(parents=True)
    for name in ("adapter_model.safetensors", "trainer_state.json", "optimizer.pt", "training_args.bin"):
        (folder / name).write_bytes(b"x")
    found = workspace.bring_in(export_archive(project, tmp_path / "p.zip"))
    job = JobManager(found.project).get(job_id)
    assert (job.state, job.result) == ("succeeded", {"steps": 2})
    assert [path.split("/")[-1] for path in found.left_out] == ["optimizer.pt", "training_args.bin"]
    assert (job.folder / "checkpoints" / "checkpoint-1" / "adapter_model.safetensors").exists()


def test_a_damaged_job_does_not_hide_the_others(project: Project) -> None:
    job_id = finished(project)
    for name, text in (("a1", "[]"), ("b2", '{"kind": "test"}'), ("c3", "{")):
        (project.dir("jobs") / name).mkdir()
        (project.dir("jobs") / name / "job.json").write_text(text)
    (project.dir("jobs") / "note.txt").write_text("")
    assert [job.id for job in JobManager(project).list()] == [job_id]


def test_only_known_programs_start(project: Project) -> None:
    with pytest.raises(Conflict, match=r"No program 'engine\.data\.worker' is known for jobs of the kind 'train'"):
        JobManager(project).start("train", "engine.data.worker", {}, title="x")
    with pytest.raises(Conflict, match="never go online"):
        JobManager(project).start("split", PROGRAMS["split"].module, {}, title="x", online=True)
    check_program("train", PROGRAMS["train"].module, online=True)
    assert list(project.dir("jobs").iterdir()) == []


def test_every_worker_is_on_the_list() -> None:
    workers = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in (REPOSITORY / "engine").rglob("worker*.py")
        if "\n    run_worker(main)\n" in path.read_text(encoding="utf-8")
    }
    known = {program.module for program in PROGRAMS.values()}
    assert workers <= known, f"add to engine/jobs/kinds.py: {sorted(workers - known)}"
    assert all(module.startswith("engine.") for module in known)
