"""Thresholds, word lists and number formats of the scanner, read from assets/rules/privacy.yml."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from engine.facts.yaml_file import asset_path, load_yaml


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date


class ScanRules(_Group):
    """Score threshold (0..1), reach of context words (characters), who wins an overlap."""

    threshold: float
    context_characters: int
    memo_cells: int
    priority: tuple[str, ...]


class WordRules(_Group):
    """Words that make a number what it is, or what it is not; whole words, lower case, a plural s is allowed."""

    phone: tuple[str, ...]
    card: tuple[str, ...]
    ssn: tuple[str, ...]
    itin: tuple[str, ...]
    nhs: tuple[str, ...]
    nino: tuple[str, ...]
    passport: tuple[str, ...]
    license: tuple[str, ...]
    medical: tuple[str, ...]
    bank: tuple[str, ...]
    birth: tuple[str, ...]
    date: tuple[str, ...]
    version: tuple[str, ...]
    not_a_phone: tuple[str, ...]


class Issuer(BaseModel):
    """A card scheme: first digits (`51-55` is a range) and lengths in digits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    first: tuple[str, ...]
    lengths: frozenset[int]


class CardRules(_Group):
    """Card schemes; `short` digits or fewer need more evidence."""

    issuers: tuple[Issuer, ...]
    short: int


class IbanRules(_Group):
    """Length of an IBAN in characters, per country."""

    lengths: dict[str, int]


class PhoneRules(_Group):
    """Regions tried for numbers without a country code, in order."""

    regions: tuple[str, ...]
    trunk_regions: tuple[str, ...]


class UrlRules(_Group):
    """Endings that make a bare name a web address."""

    endings: frozenset[str]
    ambiguous: frozenset[str]


class DateRules(_Group):
    """Month names, lower case."""

    months: tuple[str, ...]


class SecretPrefix(BaseModel):
    """A key format: `gate` must occur in the text before `pattern` is tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    gate: str
    pattern: str


class SecretRules(_Group):
    """Key formats, words whose value is a secret, values that only stand for one."""

    prefixes: tuple[SecretPrefix, ...]
    keys: tuple[str, ...]
    placeholders: frozenset[str]


class NameRules(_Group):
    """Column names and greetings that hint at people; hints, never a scan."""

    columns: dict[str, frozenset[str]]
    greetings: tuple[str, ...]


class DeepRules(_Group):
    """Which Presidio recognizers run, and for how long at most (seconds per text)."""

    regex_seconds: int
    recognizers: tuple[str, ...]
    countries: dict[str, tuple[str, ...]]


class PrivacyRules(_Group):
    """The whole file."""

    version: int
    scan: ScanRules
    words: WordRules
    card: CardRules
    iban: IbanRules
    phone: PhoneRules
    url: UrlRules
    dates: DateRules
    secrets: SecretRules
    names: NameRules
    deep: DeepRules


@lru_cache(maxsize=1)
def rules() -> PrivacyRules:
    """Return the rules. Raises InputError naming key and line when the file has unknown or missing fields."""
    return load_yaml(asset_path("rules/privacy.yml"), PrivacyRules)


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Compile a word list to one pattern that matches whole words, longest first; give it lower-case text."""
    body = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![a-z0-9])(?:{body})s?(?![a-z0-9])")
