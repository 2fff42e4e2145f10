"""Canonical key of a text: what two exact duplicates have in common. Rule: facts "Data" 6 stage 0 and 8."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGIT_FORMS = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u209c\u2460-\u249b\u00bc-\u00be\u2150-\u215e]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-.,:/](?=\d)")
_SPACE = re.compile(r"\s+")
_KEPT = frozenset("%‰#&@*")  # punctuation that carries meaning: 50 %, C#, R&D


@lru_cache(maxsize=4096)
def _replacement(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\u2010\u2011\u2012\u2212":
        return "-"
    if category[0] in "ZC":
        return " "
    if category[0] == "P" and char not in _KEPT and char != "-":
        return " "
    return char


def canonical_key(text: str) -> str:
    """Ignore case, spacing, Unicode form and plain punctuation; keep digits, signs, %, currency, C#, 1.5.

    A minus is kept only in front of a number. Empty for text without any letter, digit or symbol.
    """
    if text.isascii():
        folded = text.lower()
    else:
        kept = _DIGIT_FORMS.sub(lambda m: f" ^{unicodedata.normalize('NFKC', m.group())} ", text)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", kept).casefold())
    marked = _BETWEEN_DIGITS.sub(lambda m: chr(0xE000 + ord(m.group())), folded)
    plain = "".join(map(_replacement_or_mark, marked))
    plain = re.sub(r"-(?! ?\d)|(?<=\w)-", " ", plain) if "-" in plain else plain
    return _SPACE.sub(" ", plain).strip()


def _replacement_or_mark(char: str) -> str:
    code = ord(char)
    if 0xE000 <= code < 0xE080:
        return chr(code - 0xE000)
    return _replacement(char)
