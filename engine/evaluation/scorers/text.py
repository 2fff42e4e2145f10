"""Text made comparable: normal form for matching, words for overlap. Works for scripts without spaces too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_ASCII_WORDS = re.compile(r"[a-z0-9]+")
# the same marks as `_kept` removes, for ASCII text in one go
_ASCII_MARKS = re.compile(r"""[!"#%&'()*/;?@\[\\\]{}]|(?<![0-9])[.,:]|[.,:](?![0-9])|-(?![0-9])|(?<=\S)-""")
_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def normalise(text: str, *, punctuation: bool = True, numbers: bool = True, ignore: Sequence[str] = ()) -> str:
    """Return text for comparing: NFKC, casefolded, single spaces.

    With `punctuation` marks are removed, with `numbers` 1,000.50 becomes 1000.5; patterns in `ignore` are cut out
    first, in the case as written.
    """
    for pattern in ignore:
        text = re.sub(pattern, "", text)
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if numbers and _NUMBER.fullmatch(text):
        return _plain_number(text)
    if punctuation and text.isascii():
        text = _ASCII_MARKS.sub("", text).replace("_", " ")
    elif punctuation:
        text = "".join(_kept(text, place) for place in range(len(text)))
    return " ".join(text.split())


def _plain_number(text: str) -> str:
    text = text.replace(",", "").removeprefix("+")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _kept(text: str, place: int) -> str:
    """Return what stays of one character: marks go, but not those inside a number ("3.5 kg" is not "35 kg")."""
    char = text[place]
    if char == "_":
        return " "
    if not unicodedata.category(char).startswith("P"):
        return char
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    inside = char in ".,:" and before.isdigit() and after.isdigit()
    sign = char == "-" and after.isdigit() and not before.strip()
    return char if inside or sign else ""


def words(text: str) -> list[str]:
    """Return lower-case words of letters, digits and combining marks; scripts without spaces give single characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    if text.isascii():
        return _ASCII_WORDS.findall(text)
    spaced = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text)
    return _NO_SPACES.sub(r" \g<0> ", spaced).split()


def mostly_without_spaces(texts: Sequence[str]) -> bool:
    """Return whether more than a fifth of the characters belong to scripts written without spaces."""
    joined = "".join(texts)
    return bool(joined) and len(_NO_SPACES.findall(joined)) > len(joined) / 5
