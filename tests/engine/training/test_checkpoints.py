from __future__ import annotations

from pathlib import Path

from engine.training.checkpoints import (
    MARKER,
    complete,
    drop_incomplete,
    is_complete,
    keep_best_and_last,
    mark_complete,
    newest_complete,
    step_of,
)


def checkpoint(root: Path, step: int, *, marked: bool = True) -> Path:
    folder = root / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    (folder / "optimizer.pt").write_bytes(b"state")
    if marked:
        mark_complete(folder)
    return folder


def test_only_marked_checkpoints_count(tmp_path: Path) -> None:
    good = checkpoint(tmp_path, 5)
    checkpoint(tmp_path, 10, marked=False)
    assert newest_complete(tmp_path) == good
    assert [step_of(path) for path in drop_incomplete(tmp_path)] == [10]
    assert complete(tmp_path) == [good]


def test_a_cut_or_missing_file_makes_it_incomplete(tmp_path: Path) -> None:
    cut, lost, torn = (checkpoint(tmp_path, step) for step in (1, 2, 3))
    (cut / "optimizer.pt").write_bytes(b"st")
    (lost / "optimizer.pt").unlink()
    (torn / MARKER).write_text('{"files": {"opt')
    assert not any(map(is_complete, (cut, lost, torn)))
    assert newest_complete(tmp_path) is None


def test_best_and_last_stay(tmp_path: Path) -> None:
    for step in (5, 10, 15, 20):
        checkpoint(tmp_path, step)
    (tmp_path / "notes").mkdir()
    keep_best_and_last(tmp_path, 10)
    assert [step_of(path) for path in complete(tmp_path)] == [10, 20]
    assert (tmp_path / "notes").exists()
    keep_best_and_last(tmp_path, None)
    assert [step_of(path) for path in complete(tmp_path)] == [20]


def test_no_folder_is_no_checkpoint(tmp_path: Path) -> None:
    assert newest_complete(tmp_path / "none") is None
    assert drop_incomplete(tmp_path / "none") == []


def test_numeric_order_not_by_name(tmp_path: Path) -> None:
    for step in (900, 1000):
        checkpoint(tmp_path, step)
    assert newest_complete(tmp_path) == tmp_path / "checkpoint-1000"
