"""What is said before a start, and that a start refuses what is not ready."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from engine.errors import Conflict, MissingPackage, NotFound
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.hardware import estimate, machine
from engine.training.models import find_base
from engine.training.preflight import Check, blockers, preflight
from engine.training.presets import NAMES, preset
from engine.training.start import start_training
from engine.training.tokens import count_tokens
from engine.training.words import listed
from tests.engine.training.project_with_rows import fill, small_config


def sentences(checks: list[Check]) -> str:
    return " ".join(check.sentence for check in checks)


def test_an_empty_project_is_not_ready(project: Project, base: Path) -> None:
    failed = blockers(preflight(project, small_config(base)))
    assert [check.page for check in failed] == ["data_studio"]
    assert "no examples yet" in sentences(failed)
    with pytest.raises(Conflict, match="Not ready: There are no examples yet"):
        start_training(project, small_config(base))
    assert JobManager(project).list() == []


def test_all_is_ready(project: Project, base: Path) -> None:
    fill(project)
    checks = preflight(project, small_config(base))
    assert all(check.ok for check in checks), sentences(checks)
    assert "96 training rows and 12 validation rows" in sentences(checks)


def test_long_rows_are_named_and_left_out(project: Project, base: Path) -> None:
    split = fill(project, answers=[f"Queue: {'long ' * 80}" if row < 9 else "Queue: Cards" for row in range(120)])
    counts = count_tokens(project, split, find_base(f"folder:{base}"))
    long = sorted(row.row_id for row in [*counts.train, *counts.validation] if row.row_id < 9)
    checks = preflight(project, small_config(base))
    found = next(check for check in checks if "left out" in check.sentence)
    assert not found.ok
    assert not found.blocking
    assert f"{len(long)} rows are longer than 128 tokens and left out: {listed(long)}" in found.sentence
    assert blockers(checks) == []
    assert "All rows fit" not in sentences(checks)


def test_a_limit_that_leaves_nothing_blocks(project: Project, base: Path) -> None:
    fill(project)
    failed = blockers(preflight(project, small_config(base, max_length=8)))
    assert "120" in sentences(failed) or "108" in sentences(failed)
    assert "Raise max_length" in failed[0].fix


def test_rows_without_an_answer_are_a_hard_stop(project: Project, base: Path) -> None:
    fill(project, answers=["" if row < 9 else "Queue: Cards" for row in range(120)])
    failed = blockers(preflight(project, small_config(base)))
    assert "no answer to learn from" in sentences(failed)
    assert failed[0].page == "data_studio"


def test_the_base_is_checked(project: Project, base: Path, tmp_path: Path) -> None:
    fill(project)
    copy = Path(shutil.copytree(base, tmp_path / "copy"))
    (copy / "evil.pkl").write_bytes(b"\x80\x04.")
    assert "can run code" in sentences(blockers(preflight(project, small_config(copy))))
    missing = TrainConfig(base="hub:Acme/none")
    assert "not on this computer" in sentences(blockers(preflight(project, missing)))
    assert "will be downloaded first" in sentences(preflight(project, missing, online=True))
    assert "reads 256" in sentences(blockers(preflight(project, small_config(base, max_length=2048))))


def test_a_base_without_a_template_is_told(project: Project, base: Path, tmp_path: Path) -> None:
    fill(project)
    copy = Path(shutil.copytree(base, tmp_path / "copy"))
    (copy / "chat_template.jinja").unlink()
    checks = preflight(project, small_config(copy))
    assert "has no chat template" in sentences(checks)
    assert blockers(checks) == []


def test_a_full_disk_blocks(project: Project, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(project)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    assert "0.0 GB free" in sentences(blockers(preflight(project, small_config(base))))


def test_without_torch_it_says_what_to_install(project: Project, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else real(name))
    assert "Training is not installed here (torch)" in sentences(blockers(preflight(project, small_config(base))))
    with pytest.raises(MissingPackage, match="not installed"):
        start_training(project, small_config(base))


def test_tokens_are_counted_once(project: Project, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split = fill(project)
    info = find_base(f"folder:{base}")
    first = count_tokens(project, split, info)
    monkeypatch.setattr("engine.training.tokens._count", None)
    assert count_tokens(project, split, info) == first
    assert first.length_for(1.0) == max(row.tokens for row in first.train)


def test_the_general_preset_gives_a_reason_per_value(project: Project, base: Path) -> None:
    split = fill(project)
    info = find_base(f"folder:{base}")
    counts = count_tokens(project, split, info)
    found = preset("recommended", info, counts)
    assert found.config.learning_rate == 2e-3
    assert found.config.max_length >= counts.length_for(0.99)
    assert found.config.steps(96) >= 60
    assert all(reason for reason in found.reasons.values())
    assert {preset(name, info, counts).config.base for name in NAMES} == {f"folder:{base}"}
    assert preset("quick", info, counts).config.num_train_epochs == 1
    with pytest.raises(NotFound):
        preset("magic", info, counts)


def test_the_estimate_is_a_range_until_it_was_measured(project: Project, base: Path) -> None:
    from engine.training.calibration import remember

    facts = {"rows": 96, "tokens": 5000, "parameters": 30_000, "base_sha256": "abc", "found": machine()}
    root = project.workspace_root
    first = estimate(small_config(base), workspace=root, **facts)  # type: ignore[arg-type]
    assert first.low < first.seconds < first.high
    assert not first.measured
    remember(root, "abc", "cpu", seconds=10.0, tokens=1000)
    second = estimate(small_config(base), workspace=root, **facts)  # type: ignore[arg-type]
    assert second.measured == (not machine().gpus)
    assert second.seconds == pytest.approx(18 + 2 * 5000 * 0.01)
