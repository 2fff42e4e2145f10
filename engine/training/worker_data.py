"""Worker-only: rows to token ids and labels. Only what the assistant says counts for the loss; nothing is cut.

Two ways, decided by the chat template: with `{% generation %}` markers every assistant turn counts; without them the
last answer counts, found as what follows the rendered prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from datasets import Dataset

from engine.data.messages import Message
from engine.errors import DatasetError
from engine.training.chat import has_markers
from engine.training.reader import has_answer
from engine.training.rows import TrainingRow, with_system
from engine.training.words import listed, rows_have

IGNORED = -100  # label of a token that does not count (torch cross entropy)


@dataclass
class Prepared:
    """Token ids and labels per kept row (same length each), and what was left out for length (row ids)."""

    row_ids: list[int] = field(default_factory=list)
    input_ids: list[list[int]] = field(default_factory=list)
    labels: list[list[int]] = field(default_factory=list)
    too_long: list[int] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Tokens of all kept rows."""
        return sum(map(len, self.input_ids))

    def dataset(self) -> Dataset:
        """An in-memory dataset: nothing is cached on disk."""
        return Dataset.from_dict({"input_ids": self.input_ids, "labels": self.labels})


def prepare(tokenizer: Any, rows: list[TrainingRow], *, max_length: int, system_prompt: str) -> Prepared:
    """Tokenise rows. Raises DatasetError when a row has nothing to learn from, or when all rows are too long."""
    kept = Prepared()
    silent = []
    marked = has_markers(tokenizer.chat_template)
    for row in rows:
        messages = with_system(row.messages, system_prompt)
        ids, labels = _by_markers(tokenizer, messages) if marked else _by_prompt(tokenizer, messages)
        if len(ids) > max_length:
            kept.too_long.append(row.row_id)
        elif not has_answer(messages) or all(label == IGNORED for label in labels):
            silent.append(row.row_id)
        else:
            kept.row_ids.append(row.row_id)
            kept.input_ids.append(ids)
            kept.labels.append(labels)
    if silent:
        raise DatasetError(
            f"{rows_have(len(silent))} no answer the model could learn from: {listed(silent)}.",
            "Give these rows an answer, or drop them in the Data Studio and split again.",
        )
    if rows and not kept.row_ids:
        raise DatasetError(
            f"All {len(rows)} rows are longer than {max_length} tokens.", "Raise the length limit or shorten the texts."
        )
    return kept


def _by_markers(tokenizer: Any, messages: list[Message]) -> tuple[list[int], list[int]]:
    found = tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
    ids = cast(list[int], found["input_ids"])
    return ids, [token if spoken else IGNORED for token, spoken in zip(ids, found["assistant_masks"], strict=True)]


def _by_prompt(tokenizer: Any, messages: list[Message]) -> tuple[list[int], list[int]]:
    last = max((place for place, turn in enumerate(messages) if turn["role"] == "assistant"), default=0)
    ids = cast(list[int], tokenizer.apply_chat_template(messages[: last + 1], return_dict=True)["input_ids"])
    if last == 0:
        return ids, [IGNORED] * len(ids)
    prompt = tokenizer.apply_chat_template(messages[:last], return_dict=True, add_generation_prompt=True)["input_ids"]
    start = next((at for at, (a, b) in enumerate(zip(prompt, ids, strict=False)) if a != b), min(len(prompt), len(ids)))
    return ids, [IGNORED] * start + ids[start:]
