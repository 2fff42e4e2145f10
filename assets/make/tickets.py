"""Draw one support ticket: what it says, and the plain facts (topic, product, urgency) behind the words."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PHRASES = Path(__file__).with_name("phrases.yml")
INNERMOST = re.compile(r"\{([^{}]*)\}")
SLOT = re.compile(r"<(\w+)>")
NO_PRODUCT = "none"


@dataclass(frozen=True)
class Ticket:
    """One message and what a careful reader knows after reading it."""

    text: str
    core: str
    topic: str
    product: str
    urgency: str
    mood: str
    name: str
    urgency_words: str


@cache
def phrases() -> dict[str, Any]:
    """Return the phrase file, read once."""
    return dict(yaml.safe_load(PHRASES.read_text(encoding="utf-8")))


def topics() -> list[str]:
    """Return all topics in the file's order."""
    return list(phrases()["topics"])


def products() -> list[str]:
    """Return all product kinds in the file's order."""
    return list(phrases()["products"])


def expand(pattern: str, rng: random.Random) -> str:
    """Pick one alternative of each {a|b}, from the inside out."""
    while match := INNERMOST.search(pattern):
        pattern = pattern[: match.start()] + rng.choice(match.group(1).split("|")) + pattern[match.end() :]
    return pattern


def _slot(kind: str, rng: random.Random) -> str:
    voices = phrases()["voices"]
    if kind in ("city", "day", "first"):
        return str(rng.choice(voices[kind]))
    if kind == "name":
        return f"{rng.choice(voices['first'])} {rng.choice(voices['last'])}"
    if kind == "eur":
        return f"{rng.randint(9, 399)},{rng.choice(('00', '50', '90', '99'))} €"
    if kind == "order":
        return str(rng.randint(20000, 99999))
    return str(rng.randint(10, 90) if kind == "many" else rng.randint(2, 9))


def fill(pattern: str, rng: random.Random, given: dict[str, str]) -> str:
    """Expand a pattern and fill its slots; slots in `given` are taken from there."""
    return SLOT.sub(lambda match: given.get(match.group(1)) or _slot(match.group(1), rng), expand(pattern, rng))


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def misspell(text: str, rng: random.Random) -> str:
    """Swap, drop or double one letter inside one longer word, as fast typing does."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    index = rng.choice(long)
    word, at = words[index], rng.randint(1, len(words[index]) - 3)
    words[index] = rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )
    return " ".join(words)


def _assemble(core: str, urgent: str, mood_words: str, rng: random.Random, given: dict[str, str]) -> str:
    voices = phrases()["voices"]
    filler = fill(rng.choice(voices["fillers"]), rng, given)
    body = [_sentence(core), _sentence(filler), mood_words]
    if rng.random() < 0.3:
        body[0], body[1] = body[1], body[0]
    body.insert(0 if rng.random() < 0.25 else len(body), _sentence(urgent))
    closing = fill(rng.choice(voices["closings"]), rng, given)
    text = rng.choice(voices["greetings"]) + " ".join(part for part in [*body, closing] if part)
    return dress(text, rng)


def dress(text: str, rng: random.Random) -> str:
    """Let the text look typed by somebody: all lower case, line breaks, curly quotes, a slip of the finger."""
    if rng.random() < 0.15:
        text = text.lower()
    if rng.random() < 0.06:
        text = text.replace(". ", ".\n", 1)
    if rng.random() < 0.4:
        text = text.replace("'", "\u2019")
    return misspell(text, rng) if rng.random() < 0.25 else text


def draw(rng: random.Random, *, topic: str | None = None, urgency: str | None = None, bank: str = "used") -> Ticket:
    """Draw a ticket; `bank` is "used" or "held_out" (phrasings no training row has)."""
    book = phrases()
    topic = topic or rng.choice(topics())
    product = rng.choice(products())
    urgency = urgency or rng.choice(("high", "normal", "low"))
    mood = rng.choice(("calm", "calm", "calm", "angry", "friendly"))
    first, last = rng.choice(book["voices"]["first"]), rng.choice(book["voices"]["last"])
    given = {"p": rng.choice(book["products"][product]), "first": first, "name": f"{first} {last}"}
    pattern = expand(rng.choice(book["topics"][topic][bank]), rng)
    if "<p>" not in pattern:
        product = NO_PRODUCT
    core = SLOT.sub(lambda match: given.get(match.group(1)) or _slot(match.group(1), rng), pattern)
    urgent = expand(rng.choice(book["urgency"][urgency][bank]), rng)
    mood_words = "" if mood == "calm" else rng.choice(book["voices"]["moods"][mood])
    text = _assemble(core, urgent, mood_words, rng, given)
    return Ticket(text, _sentence(core), topic, product, urgency, mood, first, urgent)
