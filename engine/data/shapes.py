"""Conversation shapes found in exports: OpenAI `messages`, ShareGPT `conversations`."""

from __future__ import annotations

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


def parse_talk(cell: str) -> list[Message]:
    """Read a conversation cell (OpenAI or ShareGPT keys, text or text parts). Raises NotATalk with the reason."""
    try:
        value = parse_json(cell)
    except ValueError as error:
        raise NotATalk("the conversation is not valid JSON") from error
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if not isinstance(value, list) or not value:
        raise NotATalk("the conversation is not a list of turns")
    return [_turn(item) for item in value]


def is_talk(cell: str) -> bool:
    """Whether a cell holds a conversation."""
    try:
        return bool(parse_talk(cell))
    except NotATalk:
        return False


def _turn(item: Any) -> Message:
    if not isinstance(item, dict):
        raise NotATalk("a turn is not an object with role and content")
    speaker = item.get("role", item.get("from"))
    content = item.get("content", item.get("value"))
    role = SPEAKERS.get(str(speaker).lower())
    if role is None or role not in ROLES:
        raise NotATalk(f"the role {speaker!r} is not known")
    if isinstance(content, list):
        content = "".join(_part(part) for part in content)
    if content is None:
        content = ""
    if not isinstance(content, str):
        raise NotATalk("the content of a turn is not text")
    return {"role": role, "content": content}


def _part(part: Any) -> str:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    raise NotATalk("a turn holds something other than text")
