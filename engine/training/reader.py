"""A conversation as a base reads it in training: text, tokens, and which of them count for the loss.

The same rules as engine/training/worker_data.py, without transformers: with `{% generation %}` markers every assistant
turn counts; without them what follows the rendered prompt of the last answer. Tests compare both token for token.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.messages import Message
from engine.errors import MissingPackage
from engine.training.chat import Rendered, has_markers, render, render_marked
from engine.training.check_folder import special_tokens
from engine.training.models import BaseModelInfo
from engine.training.rows import with_system
from engine.training.template import training_template

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


@dataclass(frozen=True)
class SeenRow:
    """One row as the model sees it. Lists have one entry per token; `places` are (start, end) in `text`."""

    text: str
    ids: list[int]
    places: list[tuple[int, int]]
    learned: list[bool]
    special: list[bool]

    @property
    def tokens(self) -> int:
        """Tokens of the whole row."""
        return len(self.ids)

    @property
    def learned_tokens(self) -> int:
        """Tokens that count for the loss."""
        return sum(self.learned)


class Reader:
    """Reads rows as one base does. Raises MissingPackage without `tokenizers` or when the base is not here."""

    def __init__(self, base: BaseModelInfo, system_prompt: str = "") -> None:
        self.folder = model_folder(base)
        self.template = training_template(base.template)
        self.marked = has_markers(self.template)
        self.system_prompt = system_prompt
        self._tokenizer, self._special = _tokenizer(str(self.folder), (self.folder / "tokenizer.json").stat().st_mtime)
        self._names = special_tokens(self.folder)
        self.controls = tuple(
            token.content for token in self._tokenizer.get_added_tokens_decoder().values() if token.special
        )
        self.ends = _end_ids(self.folder, self._tokenizer, self._names)

    def read(self, messages: list[Message]) -> SeenRow:
        """Read one conversation. Raises InputError when the chat template refuses it."""
        return self.read_all([messages])[0]

    def read_all(self, talks: Sequence[list[Message]]) -> list[SeenRow]:
        """Read conversations, in order. Raises InputError when the chat template refuses one."""
        talks = [with_system(talk, self.system_prompt) for talk in talks]
        return self._by_markers(talks) if self.marked else self._by_prompt(talks)

    def has_control(self, messages: Sequence[Message]) -> bool:
        """Whether a text holds a special token of this base, such as an end mark: it would be read as one."""
        return any(word in turn["content"] for turn in messages for word in self.controls)

    def _by_markers(self, talks: Sequence[list[Message]]) -> list[SeenRow]:
        texts = [render_marked(self.template, talk, self._names) for talk in talks]
        encoded = self._encode([text.text for text in texts])
        return [self._row(text.text, code, _marks(code, text)) for text, code in zip(texts, encoded, strict=True)]

    def _by_prompt(self, talks: Sequence[list[Message]]) -> list[SeenRow]:
        lasts = [
            max((place for place, turn in enumerate(talk) if turn["role"] == "assistant"), default=0) for talk in talks
        ]
        texts = [render(self.template, talk[: last + 1], self._names) for talk, last in zip(talks, lasts, strict=True)]
        asked = [
            render(self.template, talk[:last], self._names, add_generation_prompt=True) if last else ""
            for talk, last in zip(talks, lasts, strict=True)
        ]
        rows = []
        for text, code, prompt, last in zip(texts, self._encode(texts), self._encode(asked), lasts, strict=True):
            start = _common(prompt.ids, code.ids) if last else len(code.ids)
            rows.append(self._row(text, code, [place >= start for place in range(len(code.ids))]))
        return rows

    def _row(self, text: str, code: Encoding, learned: list[bool]) -> SeenRow:
        return SeenRow(text, code.ids, code.offsets, learned, [token in self._special for token in code.ids])

    def _encode(self, texts: list[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(texts, add_special_tokens=False))


def model_folder(base: BaseModelInfo) -> Path:
    """The folder of a base on this machine. Raises MissingPackage when it, or the tokenizer package, is not here."""
    if base.path is None:
        raise MissingPackage(f"{base.name} is not on this computer yet.", "Its tokens are counted after the download.")
    if importlib.util.find_spec("tokenizers") is None:
        raise MissingPackage("The part that counts tokens is not installed.", "Run `make setup`, part [local].")
    return base.path


def has_answer(messages: Sequence[Message]) -> bool:
    """Whether the assistant says anything that is not blank."""
    return any(turn["role"] == "assistant" and turn["content"].strip() for turn in messages)


def _marks(code: Encoding, rendered: Rendered) -> list[bool]:
    """As transformers' `return_assistant_tokens_mask`: from the token of the first character to that of the last."""
    learned = [False] * len(code.ids)
    for start, end in rendered.spoken:
        first, last = code.char_to_token(start), code.char_to_token(end - 1)
        if first is None:
            break
        for place in range(first, last + 1 if last else len(learned)):
            learned[place] = True
    return learned


def _common(prompt: list[int], ids: list[int]) -> int:
    """Length of the common beginning."""
    both = zip(prompt, ids, strict=False)
    return next((place for place, (a, b) in enumerate(both) if a != b), min(len(prompt), len(ids)))


@lru_cache(maxsize=4)
def _tokenizer(folder: str, changed: float) -> tuple[Tokenizer, frozenset[int]]:
    """The tokenizer of a folder and its special tokens; `changed` makes a new file be read again."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    added = tokenizer.get_added_tokens_decoder()
    return tokenizer, frozenset(number for number, token in added.items() if token.special)


def _end_ids(folder: Path, tokenizer: Tokenizer, names: dict[str, str]) -> frozenset[int]:
    """Tokens that end an answer: `eos_token` and those generation_config.json names."""
    found = {tokenizer.token_to_id(names["eos_token"])} if "eos_token" in names else set()
    file = folder / "generation_config.json"
    if file.exists():
        try:
            listed = json.loads(file.read_text(encoding="utf-8")).get("eos_token_id")
        except (ValueError, AttributeError):
            listed = None  # damaged: the tokenizer's own end token still counts
        found |= set(listed if isinstance(listed, list) else [listed])
    return frozenset(number for number in found if isinstance(number, int))
