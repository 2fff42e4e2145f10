"""Which base models this machine has: the demo model, folders the user added, the Hugging Face cache, names online."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.errors import InputError, NotFound, TuneworthError
from engine.facts.yaml_file import asset_path
from engine.project.files import read_json, sha256_bytes, sha256_file, write_json
from engine.project.workspace import default_root
from engine.training.catalogue import catalogue
from engine.training.check_folder import ModelFolder, check_folder

__all__ = ["BaseModelInfo", "add_folder", "check_folder", "find_base", "fingerprint", "list_bases", "remove_folder"]

DEMO_KEY = "demo"
DEMO_NAME = "Demo model"
WHOLE_HASH_BYTES = 2 * 2**30  # larger weight files are fingerprinted by size and first and last megabyte
_MODEL_FILES = ("config", "tokenizer", "special_tokens", "added_tokens", "vocab", "merges", "chat_template")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True)
class BaseModelInfo:
    """A base model one can choose. `problem` says in one sentence why it cannot be used; empty when it can."""

    key: str
    name: str
    path: Path | None
    parameters: int
    context: int
    size: int
    model_type: str
    template: str | None
    licence: str
    licence_sha256: str
    problem: str = ""
    hint: str = ""

    @property
    def demo(self) -> bool:
        """Whether it is the small model that ships with Tuneworth: good to learn with, not for real work."""
        return self.key == DEMO_KEY

    @property
    def online(self) -> bool:
        """Whether it would have to be downloaded first."""
        return self.path is None and not self.problem


def list_bases(workspace: Path | None = None, *, online: bool = False) -> list[BaseModelInfo]:
    """Return all bases, the demo model first; names to download only when `online`. Folders are only read."""
    found = [_describe(DEMO_KEY, DEMO_NAME, asset_path("demo_model"))]
    found += [_describe(f"folder:{folder}", folder.name, folder) for folder in _folders(workspace)]
    cached = _cached()
    found += [_describe(f"hub:{name}", name, path) for name, path in cached.items()]
    if online:
        found += [_offered(name) for name in (model.name for model in catalogue().hub.models) if name not in cached]
    return found


def find_base(key: str, *, online: bool = False) -> BaseModelInfo:
    """Return one base by its key (`demo`, `folder:PATH`, `hub:ORG/NAME`), checked.

    Raises InputError or UnsafeModel when it cannot be used, NotFound when it is not on this machine.
    """
    if key == DEMO_KEY:
        return _checked(key, DEMO_NAME, asset_path("demo_model"))
    kind, _, name = key.partition(":")
    if kind == "folder" and name:
        path = Path(name).expanduser()
        return _checked(key, path.name, path)
    if kind != "hub" or not _HUB_NAME.fullmatch(name):
        raise InputError(f"{key!r} does not name a base model.", "Use demo, folder:PATH or hub:ORG/NAME.")
    cached = _cached().get(name)
    if cached is not None:
        return _checked(key, name, cached)
    if not online:
        raise NotFound(f"{name} is not on this computer.", "Go online and allow the download, or choose another base.")
    return _offered(name)


def add_folder(workspace: Path, folder: Path) -> BaseModelInfo:
    """Remember a model folder of the user's for this workspace. Raises as `check_folder` does."""
    folder = folder.expanduser().resolve()
    info = _checked(f"folder:{folder}", folder.name, folder)
    kept = [str(path) for path in _folders(workspace) if path != folder]
    write_json(workspace / "models.json", {"folders": [*kept, str(folder)]})
    return info


def remove_folder(workspace: Path, folder: Path) -> None:
    """Forget a folder; the files stay where they are."""
    kept = [str(path) for path in _folders(workspace) if path != folder]
    write_json(workspace / "models.json", {"folders": kept})


def fingerprint(path: Path) -> str:
    """Return one hash over config, tokenizer, chat template and weights of a folder; its other files do not matter."""
    parts = []
    for file in sorted(path.iterdir()):
        if file.suffix == ".safetensors" or file.name.startswith(_MODEL_FILES):
            facts = file.stat()
            parts.append(f"{file.name} {_file_hash(file, facts.st_size, facts.st_mtime_ns)}")
    return sha256_bytes("\n".join(parts).encode())


@lru_cache(maxsize=64)
def _file_hash(file: Path, size: int, changed: int) -> str:
    """Hash a file once; `size` and `changed` (ns) are there so that a new file is hashed again."""
    if size <= WHOLE_HASH_BYTES:
        return sha256_file(file)
    with file.open("rb") as stream:
        head = stream.read(2**20)
        stream.seek(-(2**20), os.SEEK_END)
        return sha256_bytes(str(size).encode() + head + stream.read())


def _checked(key: str, name: str, path: Path) -> BaseModelInfo:
    return _info(key, name, check_folder(path))


def _describe(key: str, name: str, path: Path) -> BaseModelInfo:
    try:
        return _checked(key, name, path)
    except TuneworthError as error:
        return BaseModelInfo(key, name, path, 0, 0, 0, "", None, "", "", error.message, error.hint)


def _info(key: str, name: str, folder: ModelFolder) -> BaseModelInfo:
    return BaseModelInfo(
        key=key,
        name=name,
        path=folder.path,
        parameters=folder.parameters,
        context=folder.context,
        size=folder.size,
        model_type=folder.model_type,
        template=folder.template,
        licence=folder.licence,
        licence_sha256=folder.licence_sha256,
    )


def _offered(name: str) -> BaseModelInfo:
    known = next((model for model in catalogue().hub.models if model.name == name), None)
    parameters, context, licence = (known.parameters, known.context, known.licence) if known else (0, 0, "")
    return BaseModelInfo(f"hub:{name}", name, None, parameters, context, 2 * parameters, "", None, licence, "")


def _folders(workspace: Path | None) -> list[Path]:
    file = (workspace or default_root()) / "models.json"
    if not file.exists():
        return []
    return [Path(str(folder)) for folder in read_json(file).get("folders", [])]


def _cached() -> dict[str, Path]:
    """Models in the Hugging Face cache: name -> newest snapshot with a config.json."""
    home = os.environ.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    root = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")
    found: dict[str, Path] = {}
    for folder in sorted(root.glob("models--*--*")):
        snapshots = [path for path in folder.glob("snapshots/*") if (path / "config.json").exists()]
        if snapshots:
            name = folder.name.removeprefix("models--").replace("--", "/", 1)
            found[name] = max(snapshots, key=lambda path: path.stat().st_mtime)
    return found
