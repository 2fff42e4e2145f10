"""Phone numbers: shape first, then libphonenumber on the few candidates that are left.

Formats alone are not enough (stock Presidio: 672 false positives in 1,500 rows), validity alone misses made-up but
well-written numbers. So: a country code, a North American 3-3-4 shape, a valid trunk number, or a word like "call".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from engine.privacy.cell import Cell, last_end
from engine.privacy.rules import rules, word_pattern
from engine.privacy.span import Span

_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z_@#])(?<![0-9][./:,-])(?:\+[ (]?|\()?[0-9](?:[ ().\-/]{0,3}[0-9]){6,16}(?![0-9%])(?![.,:/-]?[0-9])"
    r"(?P<ext>,? ?(?:x|ext\.?|extension|durchwahl) ?[0-9]{1,6}(?![0-9A-Za-z]))?(?![A-Za-z_@])"
)
_NANP = re.compile(r"(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}")
_BRACKETS = re.compile(r"\([0-9]{2,5}\)[ -]?[0-9]{3,5}[ -]?[0-9]{3,5}")
_FIVE_FIVE = re.compile(r"[6-9][0-9]{4}[ -][0-9]{5}")
_SSN_SHAPE = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_TAIL = re.compile(r"[a-z][0-9]+[ -]$")  # the rest of a code like DE89 3704 ...
_WORDS = word_pattern(rules().words.phone)
_OTHER = word_pattern(rules().words.not_a_phone)
_OTHER_DIGITS = re.compile(r"[0-9]{4}(?!.{0,6}(?:\bor\b|\band\b|[/,;&|]))")  # the word belongs to the number in between
_COUNTRY_CODES = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def phone_numbers(cell: Cell) -> Iterator[Span]:
    """Phone numbers, with their extension when they have one; never inside what is something else already."""
    covered = bytearray(len(cell.text))
    for span in cell.taken:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    for match in _CANDIDATE.finditer(cell.text):
        if 1 in covered[match.start() : match.end()]:
            continue
        for start, end in _parts(match):
            found = cell.text[start:end]
            score, detector = _judge(found, cell.left(start))
            if score:
                yield Span("PHONE_NUMBER", start, match.end() if end == _core_end(match) else end, score, detector)
                break


def _core_end(match: re.Match[str]) -> int:
    return match.start("ext") if match.group("ext") else match.end()


def _parts(match: re.Match[str]) -> list[tuple[int, int]]:
    """The whole candidate, then without its first or its last space-separated group ("12 212-555-0123")."""
    start, end = match.start(), _core_end(match)
    core = match.string[start:end]
    parts = [(start, end)]
    first, last = core.find(" "), core.rfind(" ")
    if 0 < first <= 3 and not core.startswith(("+", "(")):
        parts.append((start + first + 1, end))
    if last > 0:
        parts.append((start, start + last))
    return parts


def _judge(found: str, left: str) -> tuple[float, str]:
    digits = re.sub(r"[^0-9]", "", found)
    size = len(digits)
    if not 7 <= size <= 15 or len(set(digits)) < 3:
        return 0.0, ""
    named, other = last_end(_WORDS, left), last_end(_OTHER, left)
    called = named > other and not _OTHER_DIGITS.search(left, named)
    denied = other > named and len(left) - other <= 12
    separated = size != len(found.lstrip("+"))
    if found.startswith("+") or (digits.startswith("00") and size > 9):
        return _international(digits.lstrip("0"), separated, called)
    if denied or _SSN_SHAPE.fullmatch(found) or _TAIL.search(left):
        return 0.0, ""
    if _NANP.fullmatch(found):
        return (0.75 if called else 0.6), "3-3-4 shape"
    if called:
        return _called(digits, separated)
    if digits[0] == "0" and found[0] in "0(":
        return _trunk(found, digits, separated)
    if _BRACKETS.fullmatch(found) and _valid(digits, "BR"):
        return 0.6, "valid number"
    if _FIVE_FIVE.fullmatch(found) and _valid(digits, "IN"):
        return 0.45, "valid number"
    return 0.0, ""


def _international(digits: str, separated: bool, called: bool) -> tuple[float, str]:
    if not 8 <= len(digits) <= 15 or not any(int(digits[:width]) in _COUNTRY_CODES for width in (1, 2, 3)):
        return 0.0, ""
    if separated or called:
        return 0.8, "country code"
    return (0.8, "valid international number") if _valid(digits, "") else (0.0, "")


def _called(digits: str, separated: bool) -> tuple[float, str]:
    if separated or len(digits) >= 10 or any(_valid(digits, region) for region in rules().phone.regions):
        return 0.6, "number after a phone word"
    return 0.0, ""


def _trunk(found: str, digits: str, separated: bool) -> tuple[float, str]:
    if not 9 <= len(digits) <= 12 or (separated and found.count(".") == 1 and not set(found) & set(" -/()")):
        return 0.0, ""
    for region in rules().phone.trunk_regions:
        if _valid(digits, region) and (separated or len(digits) >= 10):
            return (0.6 if separated else 0.45), "valid national number"
    return 0.0, ""


@lru_cache(maxsize=8192)
def _parsed(digits: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(digits if region else f"+{digits}", region or None)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=8192)
def _valid(digits: str, region: str) -> bool:
    """Whether libphonenumber calls it valid in a region; with region "" as a full international number."""
    number = _parsed(digits, region)
    return number is not None and bool(phonenumbers.is_valid_number(number))
