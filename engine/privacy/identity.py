"""Numbers the state, a bank or a clinic gave to a person. Weak formats count only with their name beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from engine.privacy import checksums
from engine.privacy.cell import Cell, last_end
from engine.privacy.rules import rules, word_pattern
from engine.privacy.span import Span

_WORDS = rules().words
_SSN_WORDS, _ITIN_WORDS, _NHS_WORDS = (word_pattern(w) for w in (_WORDS.ssn, _WORDS.itin, _WORDS.nhs))
_NINO_WORDS, _OTHER = word_pattern(_WORDS.nino), word_pattern(_WORDS.not_a_phone)
_NINE = re.compile(r"(?<![0-9A-Za-z_])(?<![0-9][.-])([0-9]{3})([- .]?)([0-9]{2})\2([0-9]{4})(?![0-9A-Za-z_]|[.-][0-9])")
_ODD_NINE = re.compile(r"(?<![0-9A-Za-z_-])(?:[0-9]{5}-[0-9]{4}|[0-9]{3}-[0-9]{6})(?![0-9A-Za-z_-])")
_TEN = re.compile(r"(?<![0-9A-Za-z_+(])(?<![0-9][ .-])[0-9]{3}([- ]?)[0-9]{3}\1[0-9]{4}(?![0-9A-Za-z_])")
_NINO = re.compile(
    r"(?<![0-9A-Za-z])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"([ -]?)[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[A-D](?![0-9A-Za-z])"
)
_DEA = re.compile(r"(?<![0-9A-Za-z])[A-HJ-MPRSTUX][A-Z9][0-9]{7}(?![0-9A-Za-z])", re.IGNORECASE)
_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])(?:[A-Z]{0,2}[0-9]{6,9}|[A-Z][0-9]{2}[A-Z0-9]{6})(?![0-9A-Za-z])", re.IGNORECASE
)
_LICENSE = re.compile(
    r"(?<![0-9A-Za-z])(?=[A-Z0-9-]*[0-9]{3})[A-Z0-9](?:-?[A-Z0-9]){5,17}(?![0-9A-Za-z-])", re.IGNORECASE
)
_BANK = re.compile(r"(?<![0-9A-Za-z.,-])[0-9]{8,17}(?![0-9A-Za-z]|[.,-][0-9])")
_NEVER_ISSUED = {"078051120", "219099999", "987654320"}
_SAMPLE = "123456789"


def social_security(cell: Cell) -> Iterator[Span]:
    """US SSN and ITIN: area, group and serial rules of the SSA and IRS; without separators only when named."""
    for match in _NINE.finditer(cell.text):
        area, mark, group, serial = match.groups()
        left = cell.left(match.start())
        if area[0] == "9":
            if 50 <= int(group) <= 65 or 70 <= int(group) <= 88 or 90 <= int(group) <= 92 or 94 <= int(group) <= 99:
                named = last_end(_ITIN_WORDS, left) >= 0
                score = 0.9 if named else 0.5 if mark else 0.0
                if score:
                    yield Span("US_ITIN", match.start(), match.end(), score, "itin rules")
            continue
        named = last_end(_SSN_WORDS, left) >= 0
        digits = area + group + serial
        if _issued(area, group, serial) and (named or (mark and digits != _SAMPLE)):
            score = 0.95 if named else 0.6 if mark == "-" else 0.5
            if named or last_end(_OTHER, left[-14:]) < 0:
                yield Span("US_SSN", match.start(), match.end(), score, "ssn rules")
    for match in _ODD_NINE.finditer(cell.text):
        digits = match.group().replace("-", "")
        if _issued(digits[:3], digits[3:5], digits[5:]) and last_end(_SSN_WORDS, cell.left(match.start())) >= 0:
            yield Span("US_SSN", match.start(), match.end(), 0.6, "ssn rules, odd grouping")


def _issued(area: str, group: str, serial: str) -> bool:
    digits = area + group + serial
    never = area in {"000", "666"} or area[0] == "9" or group == "00" or serial == "0000"
    return not never and digits not in _NEVER_ISSUED and len(set(digits)) > 1


def nhs_numbers(cell: Cell) -> Iterator[Span]:
    """UK NHS numbers: check digit and a word from health care nearby (one in eleven phone numbers passes it too)."""
    if not cell.mentions(_WORDS.nhs):
        return
    for match in _TEN.finditer(cell.text):
        digits = re.sub(r"[ -]", "", match.group())
        if len(set(digits)) > 1 and checksums.nhs(digits) and last_end(_NHS_WORDS, cell.left(match.start())) >= 0:
            yield Span("UK_NHS", match.start(), match.end(), 0.95, "nhs check digit")


def insurance_numbers(cell: Cell) -> Iterator[Span]:
    """UK national insurance numbers: allowed letters; written in upper case."""
    for match in _NINO.finditer(cell.text):
        named = last_end(_NINO_WORDS, cell.left(match.start())) >= 0
        yield Span("UK_NINO", match.start(), match.end(), 0.95 if named else 0.5, "nino letters")


def _named(
    entity: str, pattern: re.Pattern[str], names: tuple[str, ...], score: float, valid: Callable[[str], bool]
) -> Callable[[Cell], Iterator[Span]]:
    """A detector for numbers that mean something only right after their name."""
    words = word_pattern(names)

    def find(cell: Cell) -> Iterator[Span]:
        if not cell.mentions(names):
            return
        for match in pattern.finditer(cell.text):
            left = cell.left(match.start())
            named = last_end(words, left)
            if named >= 0 and named >= last_end(_OTHER, _without(left, words)) and valid(match.group()):
                yield Span(entity, match.start(), match.end(), score, "named number")

    return find


def _without(left: str, words: re.Pattern[str]) -> str:
    """Blank the naming words themselves: "account number" must not speak against an account."""
    return words.sub(lambda found: " " * len(found.group()), left)


def _varied(text: str) -> bool:
    return len(set(text)) > 2


passports = _named("US_PASSPORT", _PASSPORT, _WORDS.passport, 0.6, _varied)
driver_licenses = _named("US_DRIVER_LICENSE", _LICENSE, _WORDS.license, 0.6, _varied)
bank_accounts = _named("US_BANK_NUMBER", _BANK, _WORDS.bank, 0.45, _varied)
medical_licenses = _named("MEDICAL_LICENSE", _DEA, _WORDS.medical, 0.9, checksums.dea)
