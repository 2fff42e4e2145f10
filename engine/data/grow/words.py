"""A row with another last question or another last answer; earlier turns stay."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.messages import Message


def with_words(talk: Sequence[Message], question: str, answer: str) -> list[Message]:
    """Exchange the last user turn and the last assistant turn."""
    return _with_last(_with_last(talk, "user", question), "assistant", answer)


def with_question(talk: Sequence[Message], question: str) -> list[Message]:
    """Exchange the last user turn."""
    return _with_last(talk, "user", question)


def _with_last(talk: Sequence[Message], role: str, text: str) -> list[Message]:
    place = max((i for i, turn in enumerate(talk) if turn["role"] == role), default=None)
    if place is None:
        return list(talk)
    return [*talk[:place], {**talk[place], "content": text}, *talk[place + 1 :]]
