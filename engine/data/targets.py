"""The formats we write, their limits, and how a conversation looks in each."""

from __future__ import annotations

import datetime
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict

import assets
from engine.data.messages import Message, answer_of, prompt_of, system_of
from engine.errors import InputError

Shape: TypeAlias = Literal["chat", "nova", "prompt_completion", "claude", "vertex", "dpo"]
NOVA_VERSION = "bedrock-conversation-2024"


class Target(BaseModel):
    """Limits of one target; None means no limit known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    shape: Shape
    fewest_rows: int
    most_rows: int | None
    most_tokens: int | None
    most_bytes: int | None
    reserved: tuple[str, ...]


class _Targets(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date
    targets: dict[str, Target]


@lru_cache(maxsize=1)
def targets() -> dict[str, Target]:
    """All targets by name, in the order of the file."""
    path = Path(assets.__file__).parent / "rules" / "export_targets.yml"
    return _Targets.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).targets


def target_named(name: str) -> Target:
    """One target. Raises InputError naming those there are."""
    if name not in targets():
        raise InputError(f"There is no target {name!r}.", f"Use one of: {', '.join(targets())}.")
    return targets()[name]


def convert(shape: Shape, talk: list[Message], meta: str = "{}") -> dict[str, Any]:
    """Write one conversation in a target's shape. Raises InputError when the shape cannot hold it."""
    return {
        "chat": _chat,
        "nova": _nova,
        "prompt_completion": _prompt_completion,
        "claude": _claude,
        "vertex": _vertex,
        "dpo": _dpo,
    }[shape](talk, meta)


def _chat(talk: list[Message], meta: str) -> dict[str, Any]:
    return {"messages": talk}


def _turns(talk: list[Message]) -> list[Message]:
    return [turn for turn in talk if turn["role"] != "system"]


def _nova(talk: list[Message], meta: str) -> dict[str, Any]:
    system = system_of(talk)
    head: dict[str, Any] = {"schemaVersion": NOVA_VERSION}
    if system:
        head["system"] = [{"text": system}]
    return {**head, "messages": [{"role": t["role"], "content": [{"text": t["content"]}]} for t in _turns(talk)]}


def _prompt_completion(talk: list[Message], meta: str) -> dict[str, Any]:
    system = system_of(talk)
    prompt = prompt_of(talk)
    return {"prompt": f"{system}\n\n{prompt}" if system else prompt, "completion": answer_of(talk)}


def _claude(talk: list[Message], meta: str) -> dict[str, Any]:
    system = system_of(talk)
    return {**({"system": system} if system else {}), "messages": _turns(talk)}


def _vertex(talk: list[Message], meta: str) -> dict[str, Any]:
    system = system_of(talk)
    head = {"systemInstruction": {"role": "system", "parts": [{"text": system}]}} if system else {}
    roles = {"assistant": "model"}
    body = [{"role": roles.get(t["role"], t["role"]), "parts": [{"text": t["content"]}]} for t in _turns(talk)]
    return {**head, "contents": body}


def _dpo(talk: list[Message], meta: str) -> dict[str, Any]:
    rejected = json.loads(meta or "{}").get("rejected", "")
    if not rejected:
        raise InputError(
            "The row has no rejected answer.",
            "Preference pairs need a column with the worse answer, mapped as rejected.",
        )
    return {"prompt": prompt_of(talk), "chosen": answer_of(talk), "rejected": rejected}
