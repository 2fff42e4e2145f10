"""New rows without any model: names, days and numbers of a row exchanged for others, in question and answer alike."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.features import features
from engine.data.grow.candidate import Candidate
from engine.data.grow.rulebook import grow_rules
from engine.data.messages import Message, answer_of, loads, prompt_of
from engine.data.rules import rules

_AFTER = re.compile(r"(?<!\w)([^\W\d_A-Z]+) ([^\W\d_a-z][^\W\d_]+)(?!\w)")  # `from Berlin`: no full stop between
_NUMBER = re.compile(r"(?<![\w.,])\d+(?![\w.,]*\w)")
_DIGITS = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")

Slots = Mapping[str, Sequence[str]]


def suggest_slots(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Offer values that could be exchanged for one another, the most frequent kind first: days, and names.

    Names are grouped by the small word right before them (`from Berlin`, `from Rome` -> after `from`), because words
    that follow the same word are most often of the same kind. A person edits the lists before they are used.
    """
    limits, lists = grow_rules(), rules().words
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    days: Counter[str] = Counter()
    for text in frame["messages"]:
        question = prompt_of(text)
        names = features(question).entities
        found = {(word, name) for word, name in _AFTER.findall(question) if name.casefold() in names}
        days.update({name for _, name in found if name.casefold() in lists.calendar and name.endswith("day")})
        for word, name in found:
            if name.casefold() not in lists.calendar:
                before[word][name] += 1
    groups = {f"after {word}": names for word, names in before.items()} | {"days": days}
    slots: dict[str, list[str]] = {}
    for key, counts in sorted(groups.items(), key=lambda item: -item[1].total()):
        known = [
            name for name, count in counts.most_common(limits.slot_values_most) if count >= limits.slot_fewest_rows
        ]
        if len(known) > 1:
            slots[key] = known
    return slots


def vary(
    frame: pd.DataFrame, slots: Slots, *, per_row: int | None = None, numbers: bool = False, seed: int = 0
) -> list[Candidate]:
    """Up to `per_row` candidates for each row in which a slot's value (or a long number) stands; seeded.

    A value is exchanged everywhere in the row, answer included, unless the answer is a category. Rows made before are
    not varied again.
    """
    count = grow_rules().per_row if per_row is None else min(per_row, grow_rules().most_per_row)
    chance = random.Random(seed)
    found: list[Candidate] = []
    real = frame[~frame["synthetic"]]
    categories = answers_are_labels([answer_of(text) for text in real["messages"]])
    for row_id, text, label in zip(real["row_id"], real["messages"], real["label"], strict=True):
        talk = loads(text)
        fixed = categories or (bool(label) and label == answer_of(talk).strip())
        found += [
            Candidate(other, "vary", label=label, seed_row=int(row_id))
            for other in _others(talk, slots, count, numbers=numbers, fixed_answer=fixed, chance=chance)
        ]
    return found


def _others(
    talk: list[Message], slots: Slots, count: int, *, numbers: bool, fixed_answer: bool, chance: random.Random
) -> list[list[Message]]:
    """Up to `count` different versions of a row; three tries each, since chance may draw the same twice."""
    made: dict[str, list[Message]] = {}
    for _ in range(count * 3):
        other = _exchange(talk, slots, numbers=numbers, fixed_answer=fixed_answer, chance=chance)
        if other is None or len(made) == count:
            break
        if prompt_of(other) != prompt_of(talk):
            made.setdefault(prompt_of(other), other)
    return list(made.values())


def _exchange(
    talk: list[Message], slots: Slots, *, numbers: bool, fixed_answer: bool, chance: random.Random
) -> list[Message] | None:
    """The row with every known value exchanged, or None when it holds none."""
    question = prompt_of(talk)
    table: dict[str, str] = {}
    for values in slots.values():
        for value in values:
            others = [other for other in values if other != value and other not in table.values()]
            if others and _word(value).search(question):
                table[value] = chance.choice(others)
    if numbers:
        for digits in _long_numbers(question, "" if fixed_answer else answer_of(talk)):
            table[digits] = _other_number(digits, chance)
    if not table:
        return None
    pattern = re.compile("|".join(_word(value).pattern for value in sorted(table, key=len, reverse=True)))
    return [
        turn
        if turn["role"] == "system" or (fixed_answer and turn["role"] == "assistant")
        else {**turn, "content": pattern.sub(lambda match: table[match.group()], turn["content"])}
        for turn in talk
    ]


def _long_numbers(question: str, answer: str) -> list[str]:
    """Numbers that only name something (orders, tickets): long, no years.

    None when the answer holds a number of its own: it may have been worked out from the question's.
    """
    asked = dict.fromkeys(_NUMBER.findall(question))
    if any(digits not in asked for digits in _DIGITS.findall(answer)):
        return []
    least = grow_rules().number_fewest_digits
    return [digits for digits in asked if len(digits) >= least and not _YEAR.fullmatch(digits)]


def _other_number(digits: str, chance: random.Random) -> str:
    while True:
        first = digits[0] if digits[0] == "0" else chance.choice("123456789")
        other = first + "".join(chance.choice("0123456789") for _ in digits[1:])
        if other != digits:
            return other


@lru_cache(maxsize=2000)
def _word(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
