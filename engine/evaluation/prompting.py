"""What each contestant is asked. The prompted base sees a few training examples as earlier turns of the same talk."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.messages import Message, loads


@dataclass(frozen=True)
class Example:
    """One training row to show: its id, question and answer."""

    row_id: int
    question: str
    answer: str


def turns_before_answer(messages: str) -> list[Message]:
    """Return every turn before the last answer, the system text included."""
    turns = loads(messages)
    last = max((i for i, turn in enumerate(turns) if turn["role"] == "assistant"), default=len(turns))
    return turns[:last]


def examples_in(rows: Sequence[tuple[int, str]]) -> list[Example]:
    """Return the rows (row_id, messages) that can serve as examples: one question, one answer, nothing between."""
    found = []
    for row_id, messages in rows:
        turns = [turn for turn in loads(messages) if turn["role"] != "system"]
        if [turn["role"] for turn in turns] == ["user", "assistant"] and turns[1]["content"].strip():
            found.append(Example(row_id, turns[0]["content"], turns[1]["content"]))
    return found


def pick_examples(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Return up to `count` examples with answers as different as possible, drawn with `seed`.

    A smaller count gives the beginning of a larger one, so that trying 3 and 6 compares like with like.
    """
    rng = random.Random(seed)
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.answer].append(example)
    for group in groups.values():
        rng.shuffle(group)
    names = sorted(groups)
    rng.shuffle(names)
    picked: list[Example] = []
    while names and len(picked) < count:
        names = [name for name in names if groups[name]]
        picked += [groups[name].pop() for name in names[: count - len(picked)]]
    return picked


def with_examples(turns: Sequence[Message], examples: Sequence[Example]) -> list[Message]:
    """Return the talk with the examples as question and answer turns after the system text."""
    start = 1 if turns and turns[0]["role"] == "system" else 0
    shown = [
        message
        for example in examples
        for message in (
            {"role": "user", "content": example.question},
            {"role": "assistant", "content": example.answer},
        )
    ]
    return [*turns[:start], *shown, *turns[start:]]
