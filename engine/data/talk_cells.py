"""Cells that hold turns instead of plain text: preference pairs and prompt/completion as lists of messages.

The rules for pairs without a prompt column follow TRL's `extract_prompt` (trl/data_utils.py): the prompt is what the
chosen and the rejected side have in common from the start.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.data.messages import Message, make
from engine.data.shapes import NotATalk, parse_talk

_SAID = re.compile(r"(?:^|\n\n)(Human|User|Assistant):")


@dataclass(frozen=True)
class PairTalk:
    """A conversation that ends with the better answer, and the worse answer as text ("" without one)."""

    messages: list[Message]
    rejected: str = ""
    notes: list[str] = field(default_factory=list)


def turns_of(cell: str, role: str) -> list[Message]:
    """The turns in a cell: a JSON list of messages, a `Human: / Assistant:` transcript, else one turn of `role`."""
    if cell.lstrip()[:1] in ("[", "{"):
        try:
            return parse_talk(cell)
        except NotATalk:
            return [{"role": role, "content": cell}]
    if _SAID.match(cell):
        return _transcript(cell)
    return [{"role": role, "content": cell}] if cell else []


def pair_talk(prompt: str | None, chosen: str, rejected: str | None) -> PairTalk:
    """Put prompt, better and worse answer together. `prompt` None means: it is inside both answers.

    Raises NotATalk with the reason when no question or no answer can be told apart.
    """
    if not chosen.strip():
        raise NotATalk("the better answer is empty")
    good = turns_of(chosen, "assistant")
    bad = turns_of(rejected, "assistant") if rejected is not None else []
    if prompt is None and rejected is not None and _plain(good) and _plain(bad):
        asked, chosen, rejected = _common_text(chosen, rejected)
        return PairTalk(make(asked, chosen), rejected)
    if prompt is None:
        head, good, bad = _common_turns(good, bad)
    else:
        head = turns_of(prompt, "user")
        good, bad = _without(head, good), _without(head, bad)
    if not head:
        raise NotATalk("there is no question in it")
    if not good or good[-1]["role"] != "assistant":
        raise NotATalk("it does not end with an answer")
    return PairTalk(head + good, _answer_text(bad))


def _plain(turns: Sequence[Message]) -> bool:
    return len(turns) == 1 and turns[0]["role"] == "assistant"


def _common_turns(good: list[Message], bad: list[Message]) -> tuple[list[Message], list[Message], list[Message]]:
    same = 0
    while same < min(len(good), len(bad)) - 1 and good[same] == bad[same]:
        same += 1
    if not bad:
        same = max(len(good) - 1, 0)
    return good[:same], good[same:], bad[same:]


def _common_text(good: str, bad: str) -> tuple[str, str, str]:
    """The longest common start, moved back to the space before the first different word."""
    same = next((at for at, (a, b) in enumerate(zip(good, bad, strict=False)) if a != b), min(len(good), len(bad)))
    if same and same < max(len(good), len(bad)):
        space = max(good.rfind(" ", 0, same), good.rfind("\n", 0, same)) + 1
        same = space if not good[same - 1].isspace() else same
    prompt, chosen, rejected = good[:same].strip(), good[same:].strip(), bad[same:].strip()
    if not prompt or not chosen:
        raise NotATalk("the two answers do not start with the same question")
    return prompt, chosen, rejected


def _without(head: list[Message], turns: list[Message]) -> list[Message]:
    """Turns after the prompt, when they repeat it."""
    asked = [turn for turn in head if turn["role"] != "system"]
    for start in (head, asked):
        if start and turns[: len(start)] == start and len(turns) > len(start):
            return turns[len(start) :]
    return turns


def _answer_text(turns: Sequence[Message]) -> str:
    if not turns:
        return ""
    if len(turns) == 1:
        return turns[0]["content"]
    return json.dumps(list(turns), ensure_ascii=False)


def _transcript(text: str) -> list[Message]:
    pieces = _SAID.split(text)
    said = zip(pieces[1::2], pieces[2::2], strict=True)
    return [{"role": "assistant" if who == "Assistant" else "user", "content": what.strip()} for who, what in said]
