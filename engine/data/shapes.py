"""Conversation shapes found in exports: OpenAI `messages`, ShareGPT `conversations`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.data.messages import ROLES, Message
from engine.data.read_json import parse_json

SPEAKERS = {
    "human": "user",
    "user": "user",
    "customer": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "assistant": "assistant",
    "agent": "assistant",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}
TALK_COLUMNS = ("messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns")


class NotATalk(ValueError):
    """The cell holds no conversation; the text says why."""


@dataclass
class ParsedTalk:
    """A conversation and what a row cannot hold as turns: `extras` goes to the row's meta, `notes` say what changed."""

    messages: list[Message]
    extras: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def parse_talk(cell: str) -> list[Message]:
    """Read a conversation cell (OpenAI or ShareGPT keys, text or text parts). Raises NotATalk with the reason."""
    return parse_whole(cell).messages


def parse_whole(cell: str) -> ParsedTalk:
    """Read a conversation with its tools and the weights of its turns. Raises NotATalk with the reason."""
    try:
        value = parse_json(cell)
    except ValueError as error:
        raise NotATalk("the conversation is not valid JSON") from error
    extras: dict[str, Any] = {}
    if isinstance(value, dict):
        if value.get("tools"):
            extras["tools"] = value["tools"]
        value = next((value[key] for key in ("messages", "conversations") if isinstance(value.get(key), list)), value)
    if not isinstance(value, list) or not value:
        raise NotATalk("the conversation is not a list of turns")
    talk = ParsedTalk([], extras)
    for item in value:
        talk.messages.append(_turn(item, talk.notes))
    weights = [item.get("weight") for item in value]
    if any(weight is not None for weight in weights):
        talk.extras["turn_weights"] = weights
    return talk


def is_talk(cell: str) -> bool:
    """Whether a cell holds a conversation."""
    try:
        return bool(parse_talk(cell))
    except NotATalk:
        return False


def _turn(item: Any, notes: list[str]) -> Message:
    if not isinstance(item, dict):
        raise NotATalk("a turn is not an object with role and content")
    speaker = item.get("role", item.get("from"))
    content = item.get("content", item.get("value"))
    role = SPEAKERS.get(str(speaker).lower())
    if role is None or role not in ROLES:
        raise NotATalk(f"the role {speaker!r} is not known")
    if isinstance(content, list):
        content = "".join(_part(part) for part in content)
    calls = item.get("tool_calls") or item.get("function_call")
    if calls:
        written = json.dumps(calls, ensure_ascii=False)
        content = f"{content}\n{written}" if content else written
        notes.append("A call of a tool was kept as text.")
    if content is None:
        content = ""
    if not isinstance(content, str):
        raise NotATalk("the content of a turn is not text")
    return {"role": role, "content": content}


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    raise NotATalk("a turn holds something other than text")
