"""Model folders: what is accepted, what is refused, and that nothing in a refused folder ever runs."""

from __future__ import annotations

import json
import pickle
import shutil
import struct
from pathlib import Path

import pytest

from engine.errors import InputError, NotFound, UnsafeModel
from engine.training.check_folder import check_folder
from engine.training.models import add_folder, find_base, fingerprint, list_bases, remove_folder


class _Trap:
    """Unpickling this writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.target,))


@pytest.fixture
def copy(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "copy"))


def test_a_good_folder(base: Path) -> None:
    found = check_folder(base)
    assert found.parameters == 31_072
    assert found.context == 256
    assert found.model_type == "llama"
    assert found.template is not None
    assert "generation" in found.template


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "training_args.bin", "weights.pt", "a.pth", "x.pkl", "state.ckpt"]
)
def test_a_pickle_is_refused_by_name_and_never_run(copy: Path, tmp_path: Path, name: str) -> None:
    trap = tmp_path / "it-ran"
    (copy / name).write_bytes(pickle.dumps(_Trap(trap)))
    with pytest.raises(UnsafeModel, match="can run code") as caught:
        check_folder(copy)
    assert name in caught.value.message
    assert caught.value.hint
    assert not trap.exists()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_refused_by_its_bytes(copy: Path, tmp_path: Path, protocol: int) -> None:
    trap = tmp_path / "it-ran"
    folder = copy / "extra"
    folder.mkdir()
    (folder / "harmless.dat").write_bytes(pickle.dumps(_Trap(trap), protocol=protocol))
    with pytest.raises(UnsafeModel, match=r"harmless\.dat"):
        check_folder(copy)
    assert not trap.exists()


def test_a_pickle_under_a_safe_name_is_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "model.safetensors").write_bytes(pickle.dumps(_Trap(tmp_path / "it-ran")))
    with pytest.raises(UnsafeModel, match="not a safetensors file"):
        check_folder(copy)
    assert not (tmp_path / "it-ran").exists()


def test_a_torch_archive_is_refused(copy: Path) -> None:
    (copy / "data").write_bytes(b"PK\x03\x04" + b"0" * 30)
    with pytest.raises(UnsafeModel):
        check_folder(copy)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_custom_code_is_refused(copy: Path, file: str) -> None:
    body = json.loads((copy / file).read_text())
    (copy / file).write_text(json.dumps({**body, "auto_map": {"AutoModelForCausalLM": "modeling.Mine"}}))
    with pytest.raises(UnsafeModel, match="its own Python code"):
        check_folder(copy)


@pytest.mark.parametrize("keep", [4, 100, 5000])
def test_cut_weights_are_refused(copy: Path, keep: int) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(UnsafeModel):
        check_folder(copy)


@pytest.mark.parametrize(
    "header", [b"[]", b"{}x", b'{"a": 1}', b'{"a": {"shape": 3, "data_offsets": [0]}}', b"\xff\xff"]
)
def test_odd_headers_are_refused(copy: Path, header: bytes) -> None:
    (copy / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(UnsafeModel):
        check_folder(copy)


def test_missing_parts_are_named(copy: Path, tmp_path: Path) -> None:
    (copy / "tokenizer.json").unlink()
    with pytest.raises(InputError, match="no tokenizer"):
        check_folder(copy)
    (copy / "model.safetensors").unlink()
    with pytest.raises(InputError, match="no weights"):
        check_folder(copy)
    (copy / "config.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        check_folder(copy)
    (copy / "config.json").unlink()
    with pytest.raises(InputError, match=r"config\.json is missing"):
        check_folder(copy)
    with pytest.raises(InputError, match="is not a folder"):
        check_folder(tmp_path / "nothing")


def test_a_model_that_writes_no_text_is_refused(copy: Path) -> None:
    body = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**body, "architectures": ["BertForMaskedLM"]}))
    with pytest.raises(InputError, match="not a model that writes text"):
        check_folder(copy)


def test_the_licence_is_found_and_hashed(copy: Path) -> None:
    (copy / "LICENSE").write_text("MIT")
    (copy / "README.md").write_text("---\nlicense: apache-2.0\n---\n# x")
    found = check_folder(copy)
    assert found.licence == "apache-2.0"
    assert len(found.licence_sha256) == 64


def test_user_folders_are_remembered_and_forgotten(base: Path, tmp_path: Path) -> None:
    assert add_folder(tmp_path, base).key == f"folder:{base.resolve()}"
    add_folder(tmp_path, base)
    assert [info.key for info in list_bases(tmp_path)[1:] if info.key.startswith("folder:")] == [f"folder:{base}"]
    remove_folder(tmp_path, base.resolve())
    assert not [info for info in list_bases(tmp_path) if info.key.startswith("folder:")]


def test_a_folder_that_went_bad_is_listed_with_its_problem(copy: Path, tmp_path: Path) -> None:
    add_folder(tmp_path, copy)
    (copy / "x.pkl").write_bytes(b"")
    listed = next(info for info in list_bases(tmp_path) if info.key.startswith("folder:"))
    assert "can run code" in listed.problem
    assert not listed.online


def test_the_cache_is_read_and_names_come_only_online(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    snapshot = tmp_path / "hub" / "models--Acme--tiny-1B" / "snapshots" / "abc"
    shutil.copytree(base, snapshot)
    offline = list_bases(tmp_path)
    assert [info.name for info in offline if info.key.startswith("hub:")] == ["Acme/tiny-1B"]
    assert find_base("hub:Acme/tiny-1B").path == snapshot
    assert any(info.online for info in list_bases(tmp_path, online=True))
    with pytest.raises(NotFound, match="not on this computer"):
        find_base("hub:Acme/other")
    assert find_base("hub:Acme/other", online=True).path is None


@pytest.mark.parametrize("key", ["", "hub:", "hub:one", "hub:../../etc/passwd", "ftp:x/y", "hub:a/b/c"])
def test_odd_names_are_refused(key: str) -> None:
    with pytest.raises(InputError, match="does not name a base"):
        find_base(key, online=True)


def test_the_fingerprint_sees_a_changed_weight(copy: Path) -> None:
    before = fingerprint(copy)
    (copy / "notes.json").write_text("{}")
    assert fingerprint(copy) == before
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    assert fingerprint(copy) != before
