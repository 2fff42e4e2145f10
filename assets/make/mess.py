"""The ways in which a real help-desk export goes wrong, put into the sample on purpose and counted."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from assets.make import house_rules
from assets.make.tickets import Ticket, draw, misspell, phrases


@dataclass(frozen=True)
class Row:
    """What two columns of the export hold; the others are dressing."""

    message: str
    routing: str
    kind: str = "good"


CONTACTS = (
    "You can reach me at {email}.",
    "Write to {email}, please.",
    "Call me on 555-01{two}.",
    "My number is (201) 555-01{two}.",
    "I paid with card 4111 1111 1111 1111.",
    "I live at {two} Mill Lane, call 555-01{two}.",
)
ASCII = {"ö": "oe", "ü": "ue", "ä": "ae", "ß": "ss", "ë": "e"}
SHORT = ("", "", "", "", "?", "-", "tbd", "ask Jo")


def row(ticket: Ticket) -> Row:
    """Return the ticket with the right answer."""
    return Row(ticket.text, house_rules.answer(ticket))


def address(name: str, rng: random.Random) -> str:
    """Return an invented mail address in a domain that can never exist."""
    plain = "".join(ASCII.get(letter, letter) for letter in name.lower())
    return f"{plain}{rng.randint(1, 99)}@example.org"


def with_contact(one: Row, rng: random.Random) -> Row:
    """Add personal data: mail address, phone number of the fiction range, test card number."""
    email = address(rng.choice(phrases()["voices"]["first"]), rng)
    return replace(one, message=f"{one.message} {rng.choice(CONTACTS).format(email=email, two=rng.randint(10, 99))}")


def exact_copy(one: Row, rng: random.Random) -> Row:
    """The same ticket exported twice."""
    return replace(one, kind="exact duplicate")


def near_copy(one: Row, rng: random.Random) -> Row:
    """The same ticket sent again with a small change that means nothing."""
    edits: tuple[Callable[[str], str], ...] = (
        lambda text: misspell(text, rng),
        lambda text: "Hello again, " + text,
        lambda text: text + " Thanks a lot",
        lambda text: text.replace(". ", " . "),
        lambda text: text.upper() if len(text) < 60 else text.replace(".", "!"),
    )
    changed = rng.choice(edits)(one.message)
    changed = changed if changed != one.message else f"{one.message} Thx"
    return replace(one, message=changed, kind="near duplicate")


def not_pair(rng: random.Random) -> list[Row]:
    """Two tickets that differ by one "not" and have different answers."""
    while True:
        ticket = draw(rng, urgency="high")
        if ticket.product in house_rules.FIRST or "his is urgent" not in ticket.text:
            continue
        calm = replace(ticket, text=ticket.text.replace("his is urgent", "his is not urgent"), urgency="low")
        return [replace(row(one), kind="not pair") for one in (ticket, calm)]


def number_pair(rng: random.Random) -> list[Row]:
    """Two tickets that differ only in a number: both must stay."""
    while True:
        first = row(draw(rng))
        numbers = re.findall(r"\b\d{5}\b|\b\d{2}(?= \w+s\b)", first.message)
        if not numbers:
            continue
        other = str(int(numbers[0]) + rng.randint(3, 9))
        second = replace(first, message=first.message.replace(numbers[0], other, 1))
        return [replace(one, kind="number pair") for one in (first, second)]


def contradiction(one: Row, rng: random.Random) -> Row:
    """The same message with another answer: two agents who disagreed."""
    now_queue, now_priority = re.findall(r"Queue: (\w+) \| Priority: (P\d)", one.routing)[0]
    if rng.random() < 0.5:
        now_queue = rng.choice([name for name in house_rules.queues() if name != now_queue])
    else:
        now_priority = rng.choice([name for name in ("P1", "P2", "P3") if name != now_priority])
    return Row(one.message, f"Queue: {now_queue} | Priority: {now_priority}", "contradiction")


def unanswered(one: Row, rng: random.Random) -> Row:
    """A ticket nobody has routed properly."""
    return Row(one.message, rng.choice(SHORT), "empty or short answer")
