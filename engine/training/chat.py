"""Render a chat template without transformers, for counting tokens in the app process.

Same rules as transformers' `apply_chat_template` (sandboxed Jinja, trim_blocks, lstrip_blocks, loop controls, a
`generation` block that marks what the assistant says); a test compares both token for token.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.data.messages import Message
from engine.errors import InputError


class _Generation(Extension):
    """`{% generation %}` only marks a span; for counting its body is written as it is."""

    tags = {"generation"}  # noqa: RUF012 - the attribute Jinja reads

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def render(
    template: str, messages: list[Message], tokens: dict[str, str], *, add_generation_prompt: bool = False
) -> str:
    """Return the text the model sees. Raises InputError when the template refuses the conversation."""
    try:
        return _compiled(template)(messages=messages, add_generation_prompt=add_generation_prompt, **tokens)
    except TemplateError as error:
        raise InputError(
            f"The chat template of this base refuses an example ({str(error)[:120]}).",
            "Some bases allow no system text, or want question and answer in turns.",
        ) from error


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
