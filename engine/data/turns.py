"""Conversations whose turns are rows: grouped by an id, ordered, one speaker per turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.messages import Message
from engine.data.shapes import SPEAKERS

Speaker: TypeAlias = Literal["system", "user", "assistant", "tool"]


class Turns(BaseModel):
    """Which columns make a conversation out of several rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id_column: str = Field(description="Rows with the same value are one conversation")
    role_column: str = Field(description="Who speaks")
    text_column: str = Field(description="What is said")
    order_column: str = Field(default="", description="What the turns are sorted by; empty keeps the order of the file")
    speakers: dict[str, Speaker] = Field(default_factory=dict, description="Who a value of the role column is")

    def columns(self) -> list[str]:
        """Every column that is used."""
        names = [self.id_column, self.role_column, self.text_column, self.order_column]
        return [name for name in names if name]

    def speaker(self, value: str) -> str | None:
        """The role of a value of the role column, or None when it is not known."""
        given = self.speakers.get(value)
        return given if given is not None else SPEAKERS.get(value.strip().lower())


@dataclass
class Talk:
    """One conversation: the row it starts in, its turns, what was done to it; `fault` says why it cannot be used."""

    row: int
    messages: list[Message] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    fault: str = ""


def join_turns(frame: pd.DataFrame, turns: Turns, row_ids: Sequence[int]) -> list[Talk]:
    """Group rows into conversations, in the order in which they begin. Rows without an id stand alone.

    Turns of one speaker in a row become one turn; what follows the last answer is cut.
    """
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(frame[turns.id_column].tolist()):
        groups.setdefault(name if name.strip() else f"\x00{place}", []).append(place)
    texts, speakers = frame[turns.text_column].tolist(), frame[turns.role_column].tolist()
    order = _order(frame[turns.order_column].tolist()) if turns.order_column else None
    talks = []
    for places in groups.values():
        if order is not None:
            places = sorted(places, key=lambda place: order[place])
        talk = Talk(row_ids[min(places)])
        _speak(talk, [(speakers[place], texts[place]) for place in places], turns)
        talks.append(talk)
    return talks


def _speak(talk: Talk, said: Sequence[tuple[str, str]], turns: Turns) -> None:
    merged = 0
    for value, text in said:
        role = turns.speaker(value)
        if role is None:
            talk.fault = f"nobody knows who {value[:40]!r} is"
            return
        if not text.strip():
            continue
        if talk.messages and talk.messages[-1]["role"] == role:
            talk.messages[-1] = {"role": role, "content": f"{talk.messages[-1]['content']}\n\n{text}"}
            merged += 1
        else:
            talk.messages.append({"role": role, "content": text})
    last = max((place for place, turn in enumerate(talk.messages) if turn["role"] == "assistant"), default=-1)
    if last < 0:
        talk.fault = "nobody answers in it"
        return
    cut = len(talk.messages) - 1 - last
    del talk.messages[last + 1 :]
    if not any(turn["role"] == "user" for turn in talk.messages):
        talk.fault = "nobody asks in it"
        return
    if merged:
        talk.notes.append(("turns joined", _joined(merged)))
    if cut:
        what = "turn had no answer and was" if cut == 1 else f"{cut} turns had no answer and were"
        talk.notes.append(("cut to the last answer", f"The last {what} cut."))


def _joined(count: int) -> str:
    if count == 1:
        return "One turn followed another of the same speaker and was joined to it."
    return f"{count} turns followed another of the same speaker and were joined to it."


def _order(cells: Sequence[str]) -> list[tuple[int, float, str]]:
    """Numbers as numbers, dates and other text as text (ISO dates sort right); blank last."""
    keys: list[tuple[int, float, str]] = []
    for cell in cells:
        plain = cell.strip()
        try:
            keys.append((0, float(plain), ""))
        except ValueError:
            keys.append((1 if plain else 2, 0.0, plain))
    return keys


def guess_speakers(values: Sequence[str]) -> dict[str, Speaker]:
    """A role for each value that is not known by name: customers ask, the rest answers when nobody else does."""
    unknown = [value for value in values if SPEAKERS.get(value.strip().lower()) is None]
    found: dict[str, Speaker] = {}
    for value in unknown:
        plain = value.lower()
        if any(word in plain for word in _ASKING):
            found[value] = "user"
        elif any(word in plain for word in _ANSWERING):
            found[value] = "assistant"
    rest = [value for value in unknown if value not in found]
    known = {SPEAKERS.get(value.strip().lower()) for value in values} | set(found.values())
    if len(rest) == 1:
        found[rest[0]] = "user" if "assistant" in known else "assistant"
    return found


_ASKING = ("customer", "client", "user", "caller", "visitor", "guest", "kunde", "human", "requester", "contact")
_ANSWERING = ("agent", "assistant", "support", "bot", "staff", "operator", "advisor", "helpdesk", "system_reply", "rep")
