"""Read the sample export the plain way (the product has its own, careful way) and turn rows into chats."""

from __future__ import annotations

import csv
import io
import random
import re
from pathlib import Path

from assets.make.chats import Chat
from assets.make.house_rules import SYSTEM_PROMPT, answer
from assets.make.sample_tickets import COLUMNS, DELIMITER, ENCODING
from assets.make.tickets import draw

Pair = tuple[str, str]
SAMPLE = Path(__file__).resolve().parents[1] / "sample" / "support_tickets.csv"
ANSWER = re.compile(r"Queue: \w+ \| Priority: P\d")


def clean(path: Path = SAMPLE) -> list[Pair]:
    """Return (message, answer) without broken lines, missing answers, copies and contradictions."""
    text = path.read_bytes().decode(ENCODING)
    said: dict[str, tuple[str, set[str]]] = {}
    for line in list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITER))[1:]:
        if len(line) != len(COLUMNS) or not ANSWER.fullmatch(line[6]):
            continue
        _, answers = said.setdefault(" ".join(line[5].casefold().split()), (line[5], set()))
        answers.add(line[6])
    return [(message, min(answers)) for message, answers in said.values() if len(answers) == 1]


def split(rows: list[Pair], seed: int = 0) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Return 80 % for training, 10 % for validation, 10 % for the test."""
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    tenth = len(rows) // 10
    return rows[2 * tenth :], rows[tenth : 2 * tenth], rows[:tenth]


def fresh(seed: int, count: int, known: set[str], bank: str = "used") -> list[Pair]:
    """Draw tickets that no training row repeats."""
    rng = random.Random(seed)
    rows: dict[str, str] = {}
    while len(rows) < count:
        ticket = draw(rng, bank=bank)
        if ticket.text not in known:
            rows[ticket.text] = answer(ticket)
    return list(rows.items())


def prompt(message: str, shots: list[Pair] | None = None) -> Chat:
    """Return the chat up to the question; examples come before it as earlier turns."""
    chat = [{"role": "system", "content": SYSTEM_PROMPT}]
    for asked, said in shots or []:
        chat += [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    return [*chat, {"role": "user", "content": message}]


def example(pair: Pair) -> Chat:
    """Return one training chat."""
    return [*prompt(pair[0]), {"role": "assistant", "content": pair[1]}]
