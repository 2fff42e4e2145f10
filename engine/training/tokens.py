"""How long the rows are for a base, in its own tokens. Counted once per split and base, then read from a file."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from engine.errors import MissingPackage, TuneworthError
from engine.project.files import read_json, sha256_bytes, sha256_file, write_json
from engine.project.project import Project
from engine.training.catalogue import catalogue
from engine.training.chat import render
from engine.training.check_folder import special_tokens
from engine.training.models import BaseModelInfo
from engine.training.rows import Part, TrainingRow, load_rows, with_system

BATCH = 2000


@dataclass(frozen=True)
class RowTokens:
    """Tokens of one row: all of it, and its last answer with the end token."""

    row_id: int
    tokens: int
    answer_tokens: int


@dataclass(frozen=True)
class TokenCounts:
    """Counts of both sides the run reads."""

    train: list[RowTokens]
    validation: list[RowTokens]

    def too_long(self, max_length: int) -> list[int]:
        """row_id of rows over the limit."""
        return [row.row_id for row in [*self.train, *self.validation] if row.tokens > max_length]

    def silent(self) -> list[int]:
        """row_id of rows without an answer to learn from."""
        return [row.row_id for row in [*self.train, *self.validation] if row.answer_tokens < 1]

    def train_tokens(self, max_length: int) -> int:
        """Tokens of the training rows that are kept, one pass."""
        return sum(row.tokens for row in self.train if row.tokens <= max_length)

    def length_for(self, share: float) -> int:
        """Tokens that cover `share` of the training rows."""
        lengths = sorted(row.tokens for row in self.train)
        return lengths[min(len(lengths) - 1, int(share * len(lengths)))] if lengths else 0


def count_tokens(project: Project, split_id: str, base: BaseModelInfo, system_prompt: str = "") -> TokenCounts:
    """Return token counts, from the project's file when they were counted before.

    Raises MissingPackage without `tokenizers`, InputError when the chat template refuses a row, NotFound when the base
    is not on this machine.
    """
    folder = _folder(base)
    template = base.template or catalogue().plain_template.text
    key = sha256_bytes(f"{split_id} {sha256_file(folder / 'tokenizer.json')} {template} {system_prompt}".encode())
    file = project.dir("data") / f"tokens-{key[:24]}.json"
    found = _read(file)
    if found is None:
        sides = {side: _count(folder, template, load_rows(project, split_id, side), system_prompt) for side in _SIDES}
        write_json(file, sides)
        found = TokenCounts(*(_rows(sides[side]) for side in _SIDES))
    return found


_SIDES: tuple[Part, Part] = ("train", "validation")


def _folder(base: BaseModelInfo) -> Path:
    if base.path is None:
        raise MissingPackage(f"{base.name} is not on this computer yet.", "Its tokens are counted after the download.")
    if importlib.util.find_spec("tokenizers") is None:
        raise MissingPackage("The part that counts tokens is not installed.", "Run `make setup`, part [local].")
    return base.path


def _count(folder: Path, template: str, rows: list[TrainingRow], system_prompt: str) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    names = special_tokens(folder)
    found = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        talks = [with_system(row.messages, system_prompt) for row in part]
        whole = _lengths(tokenizer, [render(template, talk, names) for talk in talks])
        asked = [talk[:-1] if talk[-1]["role"] == "assistant" else talk for talk in talks]
        prompts = _lengths(
            tokenizer, [render(template, talk, names, add_generation_prompt=True) if talk else "" for talk in asked]
        )
        for row, talk, tokens, before in zip(part, talks, whole, prompts, strict=True):
            answered = talk[-1]["role"] == "assistant" and bool(talk[-1]["content"].strip())
            found.append([row.row_id, tokens, max(0, tokens - before) if answered else 0])
    return found


def _lengths(tokenizer: object, texts: list[str]) -> list[int]:
    encode = tokenizer.encode_batch_fast  # type: ignore[attr-defined]
    return [len(encoding.ids) for encoding in encode(texts, add_special_tokens=False)]


def _rows(lists: list[list[int]]) -> list[RowTokens]:
    return [RowTokens(*numbers) for numbers in lists]


def _read(file: Path) -> TokenCounts | None:
    if not file.exists():
        return None
    try:
        body = read_json(file)
        return TokenCounts(*(_rows(body[side]) for side in _SIDES))
    except (TuneworthError, KeyError, TypeError, json.JSONDecodeError):
        return None  # damaged: count again
