"""Passwords and keys in the text: known prefixes, private key blocks, URLs with a password, and `password = ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.privacy.cell import Cell
from engine.privacy.rules import rules
from engine.privacy.span import Span

_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{3,50}-----")
_PEM_LONGEST = 20_000
_URL_PASSWORD = re.compile(r"(?<![A-Za-z0-9+])[a-z][a-z0-9+]{1,20}://[^\s:/@]{1,100}:([^\s:/@]{3,200})@")
_KEYS = "|".join(sorted((key.replace(" ", r"[\s_-]?") for key in rules().secrets.keys), key=len, reverse=True))
_KEY_VALUE = re.compile(  # on lower-case text
    rf"(?:{_KEYS})s?[\"']?\s{{0,3}}(?P<sign>=>|:=|=|:|\bis\b|\bwas\b)\s{{0,3}}[\"'`]?(?:bearer |basic )?"
    r"(?P<value>[^\s\"'`,;<>]{4,500})"
)
_KEY_GATE = (
    "pass",
    "pwd",
    "secret",
    "key",
    "token",
    "credential",
    "bearer",
    "authorization",
    "pin code",
    "pincode",
    "connection",
)


@lru_cache(maxsize=1)
def _prefixes() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (prefix.name, prefix.gate, re.compile(rf"(?<![A-Za-z0-9]){prefix.pattern}(?![A-Za-z0-9])"))
        for prefix in rules().secrets.prefixes
    )


def secrets(cell: Cell) -> Iterator[Span]:
    """Secrets; of `key = value` only the value."""
    text = cell.text
    for name, gate, pattern in _prefixes():
        if gate in text:
            for match in pattern.finditer(text):
                if any(char.isdigit() for char in match.group()):
                    yield Span("SECRET", match.start(), match.end(), 0.95, name)
    if "-----BEGIN" in text:
        yield from _private_keys(text)
    if "://" in text and "@" in text:
        for match in _URL_PASSWORD.finditer(text):
            yield Span("SECRET", match.start(1), match.end(1), 0.8, "password in a url")
    if cell.mentions(_KEY_GATE):
        yield from _key_values(cell)


def _private_keys(text: str) -> Iterator[Span]:
    """Key blocks up to their end line; without one, the first line."""
    done = 0
    for match in _PEM.finditer(text):
        if match.start() >= done:
            at = text.find("-----END ", match.end(), match.end() + _PEM_LONGEST)
            end = _PEM_END.match(text, at) if at >= 0 else None
            done = end.end() if end else match.end()
            yield Span("SECRET", match.start(), done, 1.0, "private key block")


def _key_values(cell: Cell) -> Iterator[Span]:
    for match in _KEY_VALUE.finditer(cell.lower):
        start = match.start("value")
        value = cell.text[start : match.end("value")].rstrip(".)]}:")
        if _is_secret(value, spoken=match.group("sign").isalpha()):
            yield Span("SECRET", start, start + len(value), 0.7, "key and value")


def _is_secret(value: str, *, spoken: bool) -> bool:
    """A value that is no placeholder and looks chosen: digits or symbols with letters, or a long one after a sign."""
    low = value.lower()
    if len(value) < 4 or low in rules().secrets.placeholders or len(set(value)) <= 2:
        return False
    if value[0] in "<{$[%*(" or "://" in value or low.startswith(("your", "my_", "the_")):
        return False
    digits, letters = any(c.isdigit() for c in value), any(c.isalpha() for c in value)
    symbols = any(not c.isalnum() and c not in "-_./" for c in value)
    if digits and (letters or symbols):
        return True
    if spoken:
        return letters and symbols and len(value) >= 6
    return (digits and len(value) >= 4) or (letters and symbols) or len(value) >= 16
