"""Worker-only: load the base and its tokenizer. safetensors only, no code from the folder, offline unless allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl.chat_template_utils import get_training_chat_template

from engine.errors import InputError, UnsafeModel
from engine.training.catalogue import catalogue
from engine.training.chat import has_markers
from engine.training.check_folder import check_folder

DOWNLOADED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model", "LICENSE*", "README.md")


def download(name: str) -> Path:
    """Fetch a model of the hub (weights in safetensors and texts only) and return its checked folder."""
    from huggingface_hub import snapshot_download

    folder = Path(snapshot_download(name, allow_patterns=list(DOWNLOADED)))
    check_folder(folder)
    return folder


def load_tokenizer(folder: Path) -> tuple[Any, str]:
    """Return the tokenizer and which chat template it has: own, patched (markers added by TRL) or plain (ours)."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UnsafeModel(
            f"The tokenizer of {folder.name} cannot be read.", "Choose a base model that needs no code of its own."
        ) from error
    if tokenizer.eos_token is None:
        raise InputError(f"{folder.name} has no end token, so answers would never end.", "Choose another base model.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token  # masked in attention and labels
    if not tokenizer.chat_template:
        tokenizer.chat_template = catalogue().plain_template.text
        return tokenizer, "plain"
    if has_markers(tokenizer.chat_template):
        return tokenizer, "own"
    try:
        tokenizer.chat_template = get_training_chat_template(tokenizer)
        return tokenizer, "patched"
    except (ValueError, AttributeError):
        return tokenizer, "own"  # a family TRL does not know: the loss starts at the last answer


def load_model(folder: Path, *, gpu: bool) -> Any:
    """Return the base: bf16 on a GPU, fp32 on a CPU."""
    dtype = torch.bfloat16 if gpu and torch.cuda.is_bf16_supported() else torch.float32
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
