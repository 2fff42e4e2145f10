"""Pre-training conversations: questions about tickets in plain words, labels that change with every chat, small talk.

The base shall understand a ticket and follow a format, and must never see the company's own routing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assets.make import tickets
from assets.make.companies import companies
from assets.make.tickets import Ticket, draw

Chat = list[dict[str, str]]
CHATS = Path(__file__).with_name("chats.yml")
FACTS = ("topic", "product", "urgency")


@cache
def book() -> dict[str, Any]:
    """Return the chat file, read once."""
    return dict(yaml.safe_load(CHATS.read_text(encoding="utf-8")))


def _says(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _start(system: str) -> Chat:
    return [_says("system", system)] if system else []


def fact(ticket: Ticket, kind: str) -> str:
    """Return what a reader answers to a plain question of this kind."""
    return str(getattr(ticket, kind))


def _question(ticket: Ticket, kind: str, rng: random.Random) -> tuple[str, str]:
    pattern = rng.choice(book()["questions"][kind])
    if not kind.startswith("is_"):
        return pattern, fact(ticket, kind)
    kind = kind.removeprefix("is_")
    truth = fact(ticket, kind)
    others = tickets.topics() if kind == "topic" else tickets.products()
    guess = truth if truth in others and rng.random() < 0.5 else rng.choice(others)
    return pattern.replace("<guess>", guess), "yes" if guess == truth else "no"


def interview(rng: random.Random) -> Chat:
    """One ticket and three to five plain questions about it."""
    ticket = draw(rng)
    kinds = ["topic", "product", "urgency", *rng.sample(["mood", "is_topic", "is_product"], rng.randint(0, 2))]
    rng.shuffle(kinds)
    chat = _start(rng.choice(book()["systems"]))
    for index, kind in enumerate(kinds):
        asked, said = _question(ticket, kind, rng)
        chat += [_says("user", asked if index else f"{ticket.text}\n{asked}"), _says("assistant", said)]
    return chat


def task(rng: random.Random) -> Chat:
    """The question stands in the system prompt, the ticket follows."""
    ticket, kind = draw(rng), rng.choice(("topic", "product", "urgency", "topic", "product", "urgency", "mood"))
    system = rng.choice(book()["tasks"][kind])
    return [*_start(system), _says("user", ticket.text), _says("assistant", fact(ticket, kind))]


def card(rng: random.Random) -> Chat:
    """Two or three facts as "Key: value | Key: value"."""
    ticket = draw(rng)
    keys = rng.sample(FACTS, rng.choice((2, 3, 3)))
    named = " and ".join(keys) if len(keys) == 2 else f"{keys[0]}, {keys[1]} and {keys[2]}"
    verb = rng.choice(("Read", "Sort", "File", "Describe", "Note"))
    said = " | ".join(f"{key.capitalize()}: {fact(ticket, key)}" for key in keys)
    return [*_start(f"{verb} this ticket: {named}."), _says("user", ticket.text), _says("assistant", said)]


def routed(rng: random.Random) -> Chat:
    """A ticket routed by the rules of another invented company."""
    ticket, company = draw(rng), rng.choice(companies())
    return [*_start(company.task), _says("user", ticket.text), _says("assistant", company.answer(ticket))]


def routed_talk(rng: random.Random) -> Chat:
    """Several tickets of one company in a row, as in a few-shot prompt."""
    company = rng.choice(companies())
    chat = _start(company.task)
    for _ in range(rng.choice((2, 4, 7, 9))):
        ticket = draw(rng)
        chat += [_says("user", ticket.text), _says("assistant", company.answer(ticket))]
    return chat


def _labels(kind: str, rng: random.Random) -> dict[str, str]:
    values = {"topic": tickets.topics(), "product": [*tickets.products(), tickets.NO_PRODUCT]}.get(kind)
    values = values or ["high", "normal", "low"]
    pool = book()["words"][rng.choice(("birds", "colours", "codes", "things"))]
    return {value: rng.choice(pool) for value in values}


def by_example(rng: random.Random) -> Chat:
    """Tickets with labels that mean something only inside this chat: what few-shot prompting needs."""
    kinds = rng.sample(FACTS, rng.choice((1, 1, 2)))
    tables = [(rng.choice(book()["label_keys"]), kind, _labels(kind, rng)) for kind in kinds]
    seen = rng.sample(tickets.topics(), rng.randint(2, 5)) if rng.random() < 0.8 else tickets.topics()
    system = rng.choice(book()["label_systems"]).replace("<keys>", " and ".join(key for key, _, _ in tables))
    chat = _start(system)
    for _ in range(rng.choice((3, 3, 4, 4, 5, 9))):
        ticket = draw(rng, topic=rng.choice(seen))
        said = " | ".join(f"{key.capitalize()}: {labels[fact(ticket, kind)]}" for key, kind, labels in tables)
        chat += [_says("user", ticket.text), _says("assistant", said)]
    return chat


def _repeat(rng: random.Random) -> tuple[str, str]:
    words = book()["words"]
    picked = [rng.choice(words[rng.choice(list(words))]) for _ in range(rng.randint(1, 4))]
    joint = rng.choice((" ", " | ", ", "))
    asked = rng.choice(("Repeat: ", "Say: ", "Copy: ", "Write "))
    return asked + joint.join(picked), joint.join(picked)


def _keyed(rng: random.Random) -> tuple[str, str]:
    words, keys = book()["words"], rng.sample(book()["label_keys"], 2)
    picked = [rng.choice(words[rng.choice(list(words))]) for _ in keys]
    pairs = [f"{key.capitalize()}: {word}" for key, word in zip(keys, picked, strict=True)]
    if rng.random() < 0.5:
        return "Write as one line: " + ", ".join(f"{k} is {w}" for k, w in zip(keys, picked, strict=True)), " | ".join(
            pairs
        )
    at = rng.randrange(2)
    return f"{' | '.join(pairs)}\nWhich {keys[at]}?", picked[at]


def _sum(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    return (f"{a} + {b}", str(a + b)) if rng.random() < 0.6 else (f"Is {a} more than {b}?", "yes" if a > b else "no")


def _member(rng: random.Random) -> tuple[str, str]:
    words = book()["words"]
    kind = rng.choice(("birds", "colours", "things"))
    return f"Name {rng.choice(('a', 'one', 'any'))} {kind[:-1]}.", str(rng.choice(words[kind]))


def small_talk(rng: random.Random) -> Chat:
    """Copying, lines of key and word, sums: the words and the format, without any ticket."""
    chat = _start(rng.choice(book()["systems"]))
    for _ in range(rng.randint(1, 2)):
        asked, said = rng.choice((_repeat, _repeat, _keyed, _keyed, _sum, _member))(rng)
        chat += [_says("user", asked), _says("assistant", said)]
    return chat


def reply(rng: random.Random) -> Chat:
    """A polite answer that names the topic."""
    ticket = draw(rng)
    product = "order" if ticket.product == tickets.NO_PRODUCT else ticket.product
    said = rng.choice(book()["replies"]).replace("<topic>", ticket.topic).replace("<product>", product)
    asked = rng.choice(("Write a polite reply.", "Answer this customer.", "Reply kindly."))
    return [*_start(asked), _says("user", ticket.text), _says("assistant", said)]


Kinds = tuple[tuple[Callable[[random.Random], Chat], int], ...]
FIRST: Kinds = (
    (card, 38),
    (routed, 30),
    (task, 12),
    (interview, 9),
    (small_talk, 6),
    (by_example, 4),
    (reply, 1),
)
SECOND: Kinds = (
    (interview, 7),
    (task, 10),
    (card, 22),
    (routed, 36),
    (routed_talk, 12),
    (by_example, 4),
    (small_talk, 8),
    (reply, 1),
)


def chat(rng: random.Random, kinds: Kinds = FIRST) -> Chat:
    """Draw one conversation of any kind."""
    return rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0](rng)
