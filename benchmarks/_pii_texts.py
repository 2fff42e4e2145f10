"""Synthetic support texts with known personal data (Faker values in hand-written sentences) and look-alike traps.

The values come from Faker, not from our patterns; the sentences know nothing of our context words on purpose: about
half of them name what follows, half do not. Checks plumbing and speed; proves no accuracy on real data.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from faker import Faker

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "en_IN")
FILLER = (
    "The parcel arrived two days late and the box was open at one side.",
    "I tried the steps in the manual but the light keeps blinking red.",
    "Please let me know whether the refund covers the shipping costs as well.",
    "Your colleague promised that somebody would look into it before the weekend.",
    "We have used the service for years and this is the first time it went wrong.",
    "Nothing changed after the update, so I went back to the older settings.",
    "The meeting room was booked twice and nobody could tell us why.",
    "It works on my laptop but not on the phone of my partner.",
    "Could you also change the language of the letters to English?",
    "I would like to keep the discount that we agreed on last spring.",
)
TRAPS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("My order {} has not been shipped.", lambda r: f"{r.randrange(10**9, 10**10)}"),
    ("Tracking number {} shows no movement.", lambda r: f"{r.randrange(10**11, 10**12)}"),
    ("Ticket #{} was closed without an answer.", lambda r: f"{r.randrange(10**6, 10**8)}"),
    ("Invoice {} lists the wrong amount.", lambda r: f"{r.randrange(2015, 2027)}-{r.randrange(10**4, 10**6):06d}"),
    ("I am on version {} of the app.", lambda r: f"{r.randrange(1, 20)}.{r.randrange(40)}.{r.randrange(90)}"),
    ("The total was {} EUR.", lambda r: f"{r.randrange(1000, 99999):,}.{r.randrange(100):02d}"),
    ("The article is {} in your catalogue.", lambda r: f"{r.randrange(100, 999)}-{r.randrange(10**4, 10**5)}"),
    ("We counted {} visitors in total.", lambda r: f"{r.randrange(10**6, 10**9)}"),
    ("The log says {} at that moment.", lambda r: f"{r.randrange(1_500_000_000, 1_800_000_000)}"),
    ("It happened between {} already.", lambda r: f"{r.randrange(8, 12)}:30 and {r.randrange(13, 18)}:15"),
    ("The serial number is {}.", lambda r: "".join(r.choices("ABCDEFGHJKLMNP0123456789", k=12))),
    ("See chapter {} of the guide.", lambda r: f"{r.randrange(1, 9)}.{r.randrange(1, 20)}"),
)
SENTENCES: dict[str, tuple[str, ...]] = {
    "EMAIL_ADDRESS": ("Write to {} please.", "My e-mail is {}.", "{} is where I get my letters"),
    "PHONE_NUMBER": ("Call me on {} after six.", "My number is {}.", "Phone: {}", "You can find me under {}."),
    "CREDIT_CARD": ("I paid with my card {} in the shop.", "The payment from {} failed.", "{} was charged twice."),
    "IBAN_CODE": ("Please send the money to {}.", "My IBAN is {}.", "The account {} belongs to my firm."),
    "US_SSN": ("My SSN is {}.", "Social security number: {}", "The form asks for {} and I gave it."),
    "IP_ADDRESS": ("I was logged in from {} then.", "IP address {}", "Requests from {} are blocked."),
    "URL": ("The page {} does not load.", "See {} for a picture.", "Link: {}"),
    "DATE_TIME": ("I was born on {}.", "The contract runs since {}.", "Delivery was on {} in the morning."),
    "MAC_ADDRESS": ("The router shows {} as unknown.", "Device {} cannot connect."),
    "US_ITIN": ("My ITIN is {}.", "The tax office uses {} for me."),
}


class Labelled(NamedTuple):
    """A text and the values in it: (entity, start, end)."""

    text: str
    values: list[tuple[str, int, int]]


def _value(entity: str, fakes: list[Faker], chance: random.Random) -> str:
    fake = chance.choice(fakes)
    us = fakes[0]
    makers: dict[str, Callable[[], str]] = {
        "EMAIL_ADDRESS": fake.email,
        "PHONE_NUMBER": fake.phone_number,
        "CREDIT_CARD": fake.credit_card_number,
        "IBAN_CODE": lambda: chance.choice((fake.iban, lambda: _grouped(fake.iban())))(),
        "US_SSN": us.ssn,
        "IP_ADDRESS": chance.choice((fake.ipv4, fake.ipv4, fake.ipv6)),
        "URL": fake.url,
        "DATE_TIME": lambda: fake.date_object().strftime(chance.choice(DATE_FORMS)),
        "MAC_ADDRESS": fake.mac_address,
        "US_ITIN": us.itin,
    }
    return makers[entity]()


DATE_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d.%m.%y")


def _grouped(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def labelled_texts(rows: int, seed: int = 7) -> list[Labelled]:
    """Return `rows` texts of about 340 characters; about one in two holds one or two values, most hold a trap."""
    chance = random.Random(seed)
    fakes = []
    for number, locale in enumerate(LOCALES):
        fakes.append(Faker(locale))
        fakes[-1].seed_instance(seed + number)
    return [_one(chance, fakes) for _ in range(rows)]


def _one(chance: random.Random, fakes: list[Faker]) -> Labelled:
    parts: list[tuple[str, str, str]] = [("", sentence, "") for sentence in chance.sample(FILLER, 4)]
    for entity in chance.choices(list(SENTENCES), k=chance.choice((0, 0, 1, 1, 2))):
        parts.append((entity, chance.choice(SENTENCES[entity]), _value(entity, fakes, chance)))
    if chance.random() < 0.7:
        sentence, make = chance.choice(TRAPS)
        parts.append(("", sentence, make(chance)))
    chance.shuffle(parts)
    text, values = "", []
    for entity, sentence, value in parts:
        before, mark, after = sentence.partition("{}")
        start = len(text) + len(before)
        text += before + (value if mark else "") + after + " "
        if entity:
            values.append((entity, start, start + len(value)))
    return Labelled(text.rstrip(), values)
