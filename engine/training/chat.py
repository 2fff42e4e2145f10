"""Render a chat template without transformers, for counting tokens in the app process.

Same rules as transformers' `apply_chat_template` (sandboxed Jinja, trim_blocks, lstrip_blocks, loop controls, a
`generation` block that marks what the assistant says); tests compare both token for token, with the marked spans.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.data.messages import Message
from engine.errors import InputError

OPEN, CLOSE = "\ufdd0", "\ufdd1"  # noncharacters of Unicode: they stand around a span while it is rendered


class _Generation(Extension):
    """`{% generation %}` marks what the assistant says: its body is written between two noncharacters."""

    tags = {"generation"}  # noqa: RUF012 - the attribute Jinja reads

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_marked"), [], [], body).set_lineno(line)

    def _marked(self, caller: Callable[[], str]) -> str:
        return f"{OPEN}{caller()}{CLOSE}"


@dataclass(frozen=True)
class Rendered:
    """What the model sees as text, and the places (start, end; in characters) that the template marks as spoken."""

    text: str
    spoken: list[tuple[int, int]]


def render(
    template: str, messages: list[Message], tokens: dict[str, str], *, add_generation_prompt: bool = False
) -> str:
    """Return the text the model sees. Raises InputError when the template refuses the conversation."""
    return render_marked(template, messages, tokens, add_generation_prompt=add_generation_prompt).text


def render_marked(
    template: str, messages: list[Message], tokens: dict[str, str], *, add_generation_prompt: bool = False
) -> Rendered:
    """Return text and marked places. Raises InputError when the template refuses the conversation."""
    clean = [{name: _without_marks(value) for name, value in turn.items()} for turn in messages]
    try:
        marked = _compiled(template)(messages=clean, add_generation_prompt=add_generation_prompt, **tokens)
    except TemplateError as error:
        raise InputError(
            f"The chat template of this base refuses an example ({str(error)[:120]}).",
            "Some bases allow no system text, or want question and answer in turns.",
        ) from error
    parts, spoken, length = [], [], 0
    for place, piece in enumerate(marked.split(OPEN)):
        inside, _, after = piece.partition(CLOSE) if place else ("", "", piece)
        if place:
            spoken.append((length, length + len(inside)))
        parts += [inside, after]
        length += len(inside) + len(after)
    return Rendered("".join(parts), spoken)


def _without_marks(value: str) -> str:
    return value.replace(OPEN, "").replace(CLOSE, "") if OPEN in value or CLOSE in value else value


def has_markers(template: str | None) -> bool:
    """Whether the template says which part the assistant speaks."""
    return bool(template) and "generation %}" in (template or "").replace("-%}", "%}")


@lru_cache(maxsize=8)
def _compiled(template: str) -> Callable[..., str]:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment.from_string(template).render


def _tojson(value: Any, ensure_ascii: bool = False, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)
