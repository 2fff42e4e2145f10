"""One text under the magnifying glass: folded to plain digits and spaces, with the words to the left of a place.

Folding replaces characters one by one (full-width digits, no-break spaces, long dashes), so offsets stay true.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from engine.privacy.rules import rules
from engine.privacy.span import Span

_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u2060\u3000\ufeff"
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d\u00ad"
REACH = rules().scan.context_characters
_SENTENCE = re.compile(r"[\s\S]*[.!?\n][ \n]+[^\W\d_a-z]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _table() -> dict[int, str]:
    table = {ord(char): " " for char in _SPACES} | {ord(char): "-" for char in _DASHES}
    table |= {ord("\uff20"): "@", ord("\uff0e"): ".", ord("\uff1a"): ":", ord("\uff0b"): "+", ord("\uff0f"): "/"}
    for code in range(0x80, 0x20000):
        digit = unicodedata.digit(chr(code), None)
        if digit is not None and unicodedata.category(chr(code)) == "Nd":
            table[code] = str(digit)
    return table


_FOLD = _table()


def fold(text: str) -> str:
    """Return `text` with look-alike digits, spaces and dashes made plain; same length."""
    return text if text.isascii() else text.translate(_FOLD)


@lru_cache(maxsize=512)
def plain_words(name: str) -> str:
    """Return a column name as lower-case words: `customerPhone_no` -> `customer phone no`."""
    return " ".join(re.split(r"[\W_]+", _HUMP.sub(" ", name))).strip().lower()


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = bytes.maketrans(b"0123456789" + _LETTERS, b"0" * 10 + b"a" * 52)
_RUNS = bytes.maketrans(b"0123456789" + _LETTERS, b"a" * 62)


def _lower(text: str) -> str:
    """Lower case of the same length: the few letters that grow keep their case."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


class Cell:
    """A folded text and, from its column name, what it is about.

    `shape` has 0 for every digit and a for every ASCII letter, `dense` is the shape without the separators of numbers,
    `runs` has a for both: looking for `000-00-0000` in bytes costs nothing beside running a pattern over the text.
    """

    __slots__ = ("dense", "hint", "lower", "runs", "shape", "taken", "text")

    def __init__(self, text: str, hint: str = "") -> None:
        self.text = fold(text)
        self.hint = hint
        self.taken: list[Span] = []  # what earlier detectors found; phones come last and stay off it
        self.lower = _lower(self.text)
        raw = self.text.encode("ascii", "replace")
        self.shape = raw.translate(_SHAPE)
        self.dense = raw.translate(_SHAPE, b" ().-/+\n")
        self.runs = raw.translate(_RUNS)

    def mentions(self, words: Iterable[str]) -> bool:
        """Whether one of the words occurs anywhere in the text or the column name: a cheap question to ask first."""
        lower = f"{self.hint}\n{self.lower}" if self.hint else self.lower
        for word in words:  # noqa: SIM110 - a generator here costs as much as the search
            if word in lower:
                return True
        return False

    def left(self, start: int) -> str:
        """Lower-case words before `start` in the same sentence, as far as context reaches.

        At the beginning of the text the column name stands in front.
        """
        begin = start - REACH
        begin = max(begin, 0)
        sentence = _SENTENCE.match(self.text, begin, start)
        if sentence is not None:
            return self.lower[sentence.end() - 1 : start]
        near = self.lower[begin:start]
        return near if begin else f"{self.hint} {near}"


def last_end(pattern: re.Pattern[str], left: str) -> int:
    """End of the last match of `pattern` in the left context; -1 without one."""
    end = -1
    for match in pattern.finditer(left):
        end = match.end()
    return end
