"""Canonical key of a text: what two exact duplicates have in common. Rule: facts "Data" 6 stage 0 and 8."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGIT_FORMS = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u209c\u2460-\u249b\u00bc-\u00be\u2150-\u215e]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-.,:/](?=\d)")
_LOOSE_MINUS = re.compile(r"-(?! ?\d)|(?<=[^\W\d])-")
_KEPT = frozenset("%‰#&@*")  # punctuation that carries meaning: 50 %, C#, R&D


class _Table(dict[int, str]):
    """Character table for str.translate, filled on demand."""

    def __missing__(self, code: int) -> str:
        self[code] = replacement = _replacement(code)
        return replacement


def _replacement(code: int) -> str:
    if _MARK <= code < _MARK + 128:
        return chr(code - _MARK)
    char = chr(code)
    category = unicodedata.category(char)
    if char in "\u2010\u2011\u2012\u2212":
        return "-"
    if category[0] in "ZC":
        return " "
    if category[0] == "P" and char not in _KEPT and char != "-":
        return " "
    return char


_MARK = 0xE000  # punctuation between digits travels as a private character
_TABLE = _Table()


def normal_form(text: str) -> str:
    """NFKC, but a small digit stays apart from the number before it: 10\u00b2 is not 102."""
    kept = _DIGIT_FORMS.sub(lambda match: f" ^{unicodedata.normalize('NFKC', match.group())} ", text)
    return unicodedata.normalize("NFKC", kept)


@lru_cache(maxsize=20_000)
def canonical_key(text: str) -> str:
    """Ignore case, spacing, Unicode form and plain punctuation; keep digits, signs, %, currency, C#, 1.5.

    A minus is kept only in front of a number. Empty for text without any letter, digit or symbol.
    """
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", normal_form(text).casefold())
    plain = _BETWEEN_DIGITS.sub(lambda m: chr(_MARK + ord(m.group())), folded).translate(_TABLE)
    if "-" in plain:
        plain = _LOOSE_MINUS.sub(" ", plain)
    return " ".join(plain.split())
