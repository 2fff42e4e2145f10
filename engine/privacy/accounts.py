"""Money: payment cards (Luhn and issuer), IBAN (length per country and check digits), crypto addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.privacy import checksums
from engine.privacy.cell import Cell, last_end
from engine.privacy.rules import rules, word_pattern
from engine.privacy.span import Span

_CARD = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9][.,])(?:[0-9]{12,19}|[0-9]{4}([ .-])[0-9]{3,6}(?:\1[0-9]{1,6}){1,4})(?![0-9A-Za-z_])"
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?=[ -]?[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{2})")
_BITCOIN = re.compile(
    r"(?<![0-9A-Za-z])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[0-9A-Za-z]{11,71})(?![0-9A-Za-z])"
)
_ETHEREUM = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40}(?![0-9A-Za-z])")
_CARD_WORDS = word_pattern(rules().words.card)
_OTHER_NUMBER = word_pattern(rules().words.not_a_phone)


@lru_cache(maxsize=1)
def _issuers() -> tuple[tuple[int, str, str, frozenset[int]], ...]:
    """Rows of (prefix length, low, high, allowed lengths)."""
    rows = []
    for issuer in rules().card.issuers:
        for first in issuer.first:
            low, _, high = first.partition("-")
            rows.append((len(low), low, high or low, issuer.lengths))
    return tuple(rows)


def known_issuer(digits: str) -> bool:
    """Whether first digits and length fit a card scheme."""
    size = len(digits)
    return any(low <= digits[:width] <= high and size in lengths for width, low, high, lengths in _issuers())


def cards(cell: Cell) -> Iterator[Span]:
    """Card numbers of 12 to 19 digits, plain or in groups."""
    for match in _CARD.finditer(cell.text):
        for end in _ends(match):
            digits = re.sub(r"[ .-]", "", cell.text[match.start() : end])
            score = _card_score(cell, match.start(), digits)
            if score:
                yield Span("CREDIT_CARD", match.start(), end, score, "luhn and issuer")
                break


def _ends(match: re.Match[str]) -> list[int]:
    """The end of the match and, in a grouped number, the ends of its groups from the fourth: longest first."""
    mark = match.group(1)
    ends = [match.end()]
    if mark:
        whole, start = match.group(), match.start()
        ends += [start + at for at in range(len(whole) - 1, 13, -1) if whole[at] == mark]
    return ends


def _card_score(cell: Cell, start: int, digits: str) -> float:
    if not 12 <= len(digits) <= 19 or len(set(digits)) == 1 or not checksums.luhn(digits):
        return 0.0
    left = cell.left(start)
    named, other = last_end(_CARD_WORDS, left), last_end(_OTHER_NUMBER, left)
    if known_issuer(digits):
        if named > other:
            return 1.0
        if len(digits) <= rules().card.short and other >= 0:
            return 0.0
        return 0.9 if len(digits) > rules().card.short else 0.6
    return 0.5 if named > other and len(digits) >= 13 else 0.0


def ibans(cell: Cell) -> Iterator[Span]:
    """IBANs: as many characters as the country has, then the check digits; a wrong length only when it still checks."""
    text, lengths = cell.text, rules().iban.lengths
    for head in _IBAN.finditer(text):
        size = lengths.get(head.group()[:2].upper())
        if size is None:
            continue
        end = _after(text, head.end(), size - 4)
        if end is not None and _checks(text[head.start() : end]) and not text[end : end + 1].isalnum():
            yield Span("IBAN_CODE", head.start(), end, 1.0, "iban check digits")
            continue
        for count in range(30, 10, -1):
            end = _after(text, head.end(), count)
            if end is not None and not text[end : end + 1].isalnum() and _checks(text[head.start() : end]):
                yield Span("IBAN_CODE", head.start(), end, 0.6, "iban check digits, unusual length")
                break


def _checks(found: str) -> bool:
    bare = found.replace(" ", "").replace("-", "").upper()
    return bare.isascii() and sum(char.isdigit() for char in bare) >= 8 and checksums.iban(bare)


def _after(text: str, start: int, count: int) -> int | None:
    """Position after `count` letters or digits, each with at most one space or hyphen before it."""
    at = start
    for _ in range(count):
        if at < len(text) and text[at] in " -":
            at += 1
        if at >= len(text) or not (text[at].isascii() and text[at].isalnum()):
            return None
        at += 1
    return at


def crypto(cell: Cell) -> Iterator[Span]:
    """Bitcoin addresses with their checksum; Ethereum addresses by shape."""
    for match in _BITCOIN.finditer(cell.text):
        found = match.group()
        if checksums.bech32(found) if found[:3].lower() == "bc1" else checksums.base58check(found):
            yield Span("CRYPTO", match.start(), match.end(), 1.0, "bitcoin checksum")
    if "0x" in cell.text:
        for match in _ETHEREUM.finditer(cell.text):
            yield Span("CRYPTO", match.start(), match.end(), 0.7, "ethereum shape")
