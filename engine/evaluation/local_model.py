"""Worker-only: a local base model with an adapter that can be switched off, asked in batches.

Safetensors only, no remote code, nothing from the network. fp32 on CPU, bf16 on a GPU that has it; greedy answers;
left padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from engine.data.messages import Message
from engine.errors import UnsafeModel
from engine.evaluation.rounds import Generated
from engine.training.catalogue import catalogue
from engine.training.check_folder import check_folder


class LocalModel:
    """A base loaded once, with or without its adapter.

    Raises UnsafeModel; a base without template gets the plain one.
    """

    def __init__(self, base: Path, adapter: Path | None = None) -> None:
        check_folder(base)
        safe = {"trust_remote_code": False, "local_files_only": True}
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        half = self.device == "cuda" and torch.cuda.is_bf16_supported()
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(_tokenizer_folder(base, adapter), **safe)
            model: Any = AutoModelForCausalLM.from_pretrained(
                base, use_safetensors=True, dtype=torch.bfloat16 if half else torch.float32, **safe
            )
        except (OSError, ValueError) as error:
            raise UnsafeModel(
                f"The model in {base.name!r} could not be loaded.", "It must be a Hugging Face folder with safetensors."
            ) from error
        if not self.tokenizer.chat_template:
            self.tokenizer.chat_template = catalogue().plain_template.text
        self._prepare_tokens(model)
        self._adapted = adapter is not None
        self.model: Any = _adapt(model, adapter) if adapter else model
        self.model.to(self.device).eval()
        self.positions = int(getattr(model.config, "max_position_embeddings", 0) or 2**31)

    def _prepare_tokens(self, model: Any) -> None:
        ends = model.generation_config.eos_token_id
        listed = list(ends) if isinstance(ends, (list, tuple)) else [ends]
        known = {end for end in [*listed, self.tokenizer.eos_token_id] if end is not None}
        self.ends = sorted(known)
        pad = self.tokenizer.pad_token_id
        self.pad = pad if pad is not None else (self.ends[0] if self.ends else 0)

    def encode(self, turns: Sequence[Message]) -> list[int]:
        """Return the token ids of a talk that waits for its next answer."""
        text = self.tokenizer.apply_chat_template(list(turns), add_generation_prompt=True, tokenize=False)
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def tokens_in(self, text: str) -> int:
        """Return how many tokens a text has."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def answer(self, prompts: Sequence[list[int]], *, tuned: bool, max_new_tokens: int) -> list[Generated]:
        """Answer prompts (token ids) in one batch, with the adapter on or off."""
        width = max(len(prompt) for prompt in prompts)
        ids = torch.full((len(prompts), width), self.pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            mask[row, width - len(prompt) :] = 1
        how = GenerationConfig(
            max_new_tokens=max_new_tokens, do_sample=False, num_beams=1, pad_token_id=self.pad, eos_token_id=self.ends
        )
        plain = self._adapted and not tuned
        with torch.inference_mode(), self.model.disable_adapter() if plain else nullcontext():
            output = self.model.generate(
                input_ids=ids.to(self.device), attention_mask=mask.to(self.device), generation_config=how
            )
        return [self._read(new, max_new_tokens) for new in output[:, width:].tolist()]

    def _read(self, tokens: list[int], max_new_tokens: int) -> Generated:
        cut = next((place for place, token in enumerate(tokens) if token in self.ends), None)
        text = self.tokenizer.decode(tokens[:cut], skip_special_tokens=True)
        return Generated(text.strip(), cut is None and len(tokens) >= max_new_tokens)


def _tokenizer_folder(base: Path, adapter: Path | None) -> Path:
    """Return where the tokenizer is: beside the adapter when training wrote one there."""
    return adapter if adapter and (adapter / "tokenizer_config.json").exists() else base


def _adapt(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    if not (adapter / "adapter_model.safetensors").exists():
        raise UnsafeModel(f"The adapter folder {adapter.name!r} has no safetensors file.", "Train the run again.")
    try:
        return PeftModel.from_pretrained(model, adapter, is_trainable=False)
    except (RuntimeError, ValueError, KeyError) as error:
        raise UnsafeModel("The adapter does not fit this base model.", "Choose the base it was trained on.") from error
