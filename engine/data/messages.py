"""The canonical row: a conversation as JSON, and what is asked and answered in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

import pandas as pd

Message: TypeAlias = dict[str, str]
COLUMNS = ("row_id", "messages", "label", "source", "meta", "synthetic")
ROLES = frozenset({"system", "user", "assistant", "tool"})


def dumps(messages: Sequence[Message]) -> str:
    """Write a conversation as JSON text (one line, real characters)."""
    return json.dumps(list(messages), ensure_ascii=False)


def loads(text: str) -> list[Message]:
    """Read a conversation written by `dumps`."""
    return list(json.loads(text))


def make(user: str, assistant: str, system: str = "") -> list[Message]:
    """Build a one-question conversation; an empty system text is left out."""
    head = [{"role": "system", "content": system}] if system else []
    return [*head, {"role": "user", "content": user}, {"role": "assistant", "content": assistant}]


def answer_of(messages: str | Sequence[Message]) -> str:
    """Text of the last assistant turn, or an empty string."""
    turns = loads(messages) if isinstance(messages, str) else messages
    return next((turn["content"] for turn in reversed(turns) if turn["role"] == "assistant"), "")


def prompt_of(messages: str | Sequence[Message]) -> str:
    """What is asked: the user's text; in longer talks every turn before the last answer, with its role.

    The system text is not part of it: it is usually the same in every row.
    """
    turns = loads(messages) if isinstance(messages, str) else messages
    last = max((i for i, turn in enumerate(turns) if turn["role"] == "assistant"), default=len(turns))
    before = [turn for turn in turns[:last] if turn["role"] != "system"]
    if len(before) == 1:
        return before[0]["content"]
    return "\n".join(f"{turn['role']}: {turn['content']}" for turn in before)


def system_of(messages: str | Sequence[Message]) -> str:
    """Text of the system turn, or an empty string."""
    turns = loads(messages) if isinstance(messages, str) else messages
    return next((turn["content"] for turn in turns if turn["role"] == "system"), "")


def prompts_and_answers(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Parse each row once; return all prompts and all answers, in row order."""
    talks = [loads(text) for text in frame["messages"]]
    return [prompt_of(talk) for talk in talks], [answer_of(talk) for talk in talks]


def canonical_frame(rows: dict[str, list[Any]]) -> pd.DataFrame:
    """Build a frame with exactly the canonical columns and types from lists of equal length."""
    frame = pd.DataFrame({name: pd.Series(rows[name]) for name in COLUMNS})
    text = dict.fromkeys(("messages", "label", "source", "meta"), "str")
    return frame.astype({"row_id": "int64", "synthetic": "bool", **text})
