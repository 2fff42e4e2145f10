"""Is this folder a language model we may load? Pure file reading: nothing in it is ever executed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, UnsafeModel
from engine.project.files import sha256_file
from engine.training.catalogue import catalogue
from engine.training.weights import count_parameters

PICKLE_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))  # PROTO opcode and its number
ZIP_START = b"PK\x03\x04"  # torch.save writes a ZIP with a pickle inside
SAFE_SUFFIXES = {".safetensors", ".json", ".txt", ".md", ".jinja", ".model", ".jsonl"}


@dataclass(frozen=True)
class ModelFolder:
    """What a checked folder holds. `context` and `parameters` are counts, `size` is in bytes."""

    path: Path
    model_type: str
    parameters: int
    context: int
    size: int
    template: str | None
    licence: str
    licence_sha256: str


def check_folder(path: Path) -> ModelFolder:
    """Check a model folder. Raises InputError when it is no language model, UnsafeModel when it could run code."""
    if not path.is_dir():
        raise InputError(f"{path.name} is not a folder.", "Choose the folder that holds config.json.")
    config = _json(path / "config.json", "It is not a model folder: config.json is missing.")
    files = sorted(file for file in path.rglob("*") if file.is_file() and ".git" not in file.parts)
    _no_code(path, files, config)
    weights = [file for file in files if file.suffix == ".safetensors" and file.parent == path]
    if not weights:
        raise InputError(
            f"{path.name} holds no weights in the safetensors format.", "Get the safetensors version of this model."
        )
    if (path / "adapter_config.json").exists():
        raise InputError(f"{path.name} is an adapter, not a base model.", "Choose the base model it was made from.")
    _writes_text(path, config)
    if not (path / "tokenizer.json").exists():
        raise InputError(
            f"{path.name} has no tokenizer.json, so text cannot be turned into tokens.",
            "Copy the tokenizer files of the model into the folder.",
        )
    licence = _licence_file(path)
    return ModelFolder(
        path=path,
        model_type=str(config.get("model_type", "")),
        parameters=count_parameters(weights),
        context=int(config.get("max_position_embeddings") or config.get("n_positions") or 0),
        size=sum(file.stat().st_size for file in weights),
        template=read_template(path),
        licence=_licence_name(path),
        licence_sha256=sha256_file(licence) if licence else "",
    )


def read_template(path: Path) -> str | None:
    """Return the chat template of a folder (chat_template.jinja wins, as in transformers), or None."""
    file = path / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    found = _optional(path / "tokenizer_config.json").get("chat_template")
    if isinstance(found, list):
        named = {str(entry.get("name")): entry.get("template") for entry in found if isinstance(entry, dict)}
        found = named.get("default")
    return found if isinstance(found, str) and found.strip() else None


def special_tokens(path: Path) -> dict[str, str]:
    """Return `bos_token`, `eos_token`, `pad_token`, `unk_token` as text, as far as the folder names them."""
    found = {}
    for source in (_optional(path / "special_tokens_map.json"), _optional(path / "tokenizer_config.json")):
        for name in ("bos_token", "eos_token", "pad_token", "unk_token"):
            value = source.get(name)
            text = value.get("content") if isinstance(value, dict) else value
            if isinstance(text, str):
                found[name] = text
    return found


def _no_code(path: Path, files: list[Path], config: dict[str, Any]) -> None:
    refused = set(catalogue().unsafe.suffixes)
    for file in files:
        if file.suffix.lower() in refused or _looks_pickled(file):
            raise UnsafeModel(
                f"{path.name} holds {file.name}, a file that can run code when it is opened.",
                "Use a folder with safetensors weights only; if those are there too, delete this file.",
            )
    for source in (config, _optional(path / "tokenizer_config.json")):
        if "auto_map" in source:
            raise UnsafeModel(
                f"{path.name} wants to run its own Python code (auto_map).",
                "Tuneworth never runs code that comes with a model. Choose a model without custom code.",
            )


def _looks_pickled(file: Path) -> bool:
    if file.suffix.lower() in SAFE_SUFFIXES:
        return False  # read as text or by the safetensors header check, never unpickled
    with file.open("rb") as stream:
        start = stream.read(4)
    return start.startswith(PICKLE_STARTS) or start == ZIP_START


def _writes_text(path: Path, config: dict[str, Any]) -> None:
    names = config.get("architectures") or []
    if not any(str(name).endswith(("ForCausalLM", "LMHeadModel")) for name in names):
        raise InputError(
            f"{path.name} is not a model that writes text ({', '.join(map(str, names)) or 'no architecture named'}).",
            "Choose a causal language model, for example a Llama, Qwen or SmolLM.",
        )
    if "quantization_config" in config:
        raise InputError(
            f"{path.name} is already quantised, and LoRA here starts from full weights.",
            "Choose the 16-bit version of this model.",
        )


def _json(file: Path, missing: str) -> dict[str, Any]:
    if not file.exists():
        raise InputError(missing, "Choose the folder that holds config.json and the weights.")
    found = _optional(file)
    if not found:
        raise InputError(f"{file.name} in {file.parent.name} is damaged.", "Get the model folder again.")
    return found


def _optional(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # optional file: absent or unreadable means it says nothing
    return found if isinstance(found, dict) else {}


def _licence_file(path: Path) -> Path | None:
    names = ("license", "license.txt", "license.md", "licence", "licence.txt", "licence.md", "copying")
    return next((file for file in sorted(path.iterdir()) if file.name.lower() in names), None)


def _licence_name(path: Path) -> str:
    """`license:` from the front matter of README.md, as model cards state it; empty when it is not there."""
    card = path / "README.md"
    if not card.exists():
        return ""
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()[:60]
    if not lines or lines[0].strip() != "---":
        return ""
    for line in lines[1:]:
        if line.strip() == "---":
            break
        if line.lower().startswith(("license:", "licence:")):
            return line.split(":", 1)[1].strip().strip("'\"")[:80]
    return ""
