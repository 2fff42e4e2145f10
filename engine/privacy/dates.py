"""Dates: numeric in the common orders, with month names, and how sure a word like "born" makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.privacy.cell import Cell, last_end
from engine.privacy.rules import rules, word_pattern
from engine.privacy.span import Span

_MONTH = "(?:" + "|".join(sorted(rules().dates.months, key=len, reverse=True)) + r")\.?"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_YEAR = "(?:1[89]|2[01])[0-9]{2}"
_NUMERIC = re.compile(
    rf"(?<![0-9A-Za-z_])(?<![0-9][./-])(?:{_YEAR}([./-])(?P<m1>{_DAY})\1(?P<d1>{_DAY})"
    r"(?:T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?)?"
    rf"|(?P<a>{_DAY})(?P<mark>[./-])(?P<b>{_DAY})(?P=mark)(?P<year>{_YEAR}|[0-9]{{2}}))(?![0-9A-Za-z_]|[./-][0-9])"
)
_AFTER_DAY = re.compile(  # patterns with month names run on lower-case text
    rf"[0-9](?<![\w][0-9])[0-9]?(?:st|nd|rd|th|\.)?[ -]?(?:of )?{_MONTH}[ ,/-]{{0,2}}"
    rf"(?:{_YEAR}|'?[0-9]{{2}}(?![0-9:]))(?![\w])"
)
_BEFORE_DAY = re.compile(rf"(?<![\w]){_MONTH}[ -]{_DAY}(?:st|nd|rd|th)?,?[ -]{_YEAR}(?![\w])")
_AFTER_YEAR = re.compile(rf"[0-9](?<![\w][0-9])[0-9]{{3}}[ -]{_MONTH}[ -]{_DAY}(?![\w])")
_NO_DAY = re.compile(rf"(?<![\w-]){_MONTH}-(?:{_YEAR}|[0-9]{{2}})(?![\w-])")
_NO_YEAR = re.compile(rf"(?<![\w-]){_DAY}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?![\w-])")
_BIRTH = word_pattern(rules().words.birth)
_DATE_WORDS = word_pattern(rules().words.date)
_VERSION = word_pattern(rules().words.version)


def numeric_dates(cell: Cell) -> Iterator[Span]:
    """Day, month and year in figures; two-digit years with dashes or dots need a date word or two-digit parts."""
    for match in _NUMERIC.finditer(cell.text):
        left = cell.left(match.start())
        if _plausible(match, left):
            yield _span(match, left, 0.6, "numeric date")


def named_dates(cell: Cell) -> Iterator[Span]:
    """Dates with a month name; without day or without year only when written with hyphens (12-Mar, Mar-24)."""
    for pattern in _wanted(cell.shape):
        for match in pattern.finditer(cell.lower):
            yield _span(match, cell.left(match.start()), 0.6, "date with month name")


def _wanted(shape: bytes) -> Iterator[re.Pattern[str]]:
    yield _AFTER_DAY
    if b"0, 0000" in shape or b"0 0000" in shape or b"0aa, 0000" in shape or b"0aa 0000" in shape or b"0-0000" in shape:
        yield _BEFORE_DAY
    if b"0000 aaa" in shape or b"0000-aaa" in shape:
        yield _AFTER_YEAR
    if b"aaa-00" in shape:
        yield _NO_DAY
    if b"0-aaa" in shape:
        yield _NO_YEAR


def _span(match: re.Match[str], left: str, score: float, detector: str) -> Span:
    born = last_end(_BIRTH, left) >= 0
    return Span("DATE_TIME", match.start(), match.end(), 0.9 if born else score, "date of birth" if born else detector)


def _plausible(match: re.Match[str], left: str) -> bool:
    year = match.group("year")
    if year is None:
        return int(match.group("m1")) <= 12 or int(match.group("d1")) <= 12
    first, second = match.group("a"), match.group("b")
    if int(first) > 12 and int(second) > 12:
        return False
    if len(year) == 4 or match.group("mark") == "/":
        return True
    version = last_end(_VERSION, left)
    if version >= 0 and len(left) - version <= 3:
        return False
    two_digits = match.group("mark") == "." and len(first) == len(second) == 2
    return two_digits or last_end(_DATE_WORDS, left) >= 0 or last_end(_BIRTH, left) >= 0
