"""What the guards look at in one text: words, numbers, negations, names, content words; English, except numbers."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

from engine.data.plain_forms import plain_form
from engine.data.rules import rules
from engine.data.text_keys import normal_form

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|<!--.{0,200}?-->", re.S)
_MONEY = "$€£¥₹"
_NUMBER = re.compile(rf"((?:(?<=^)|(?<=[\s(\[]))[-+])?([{_MONEY}])?\s?(\d+(?:[.,]\d+)*)\s?([%‰{_MONEY}])?")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
FOREIGN_LETTERS = 0.3  # share of non-ASCII letters from which a text is not English
FOREIGN_WORDS = 6  # below this many words the language is not judged by stop words
STOP_SHARE = 0.12  # English running text has more stop words than this


@dataclass(frozen=True)
class Features:
    """What the guards look at in one text."""

    text: str

    @cached_property
    def plain(self) -> str:
        """NFKC, straight apostrophes and minus signs, no markup tags, and one way to write times, money and units."""
        text = normal_form(html.unescape(self.text))
        text = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u2212", "-").replace("\u2044", "/")
        return plain_form(_TAG.sub(" ", text))

    @cached_property
    def tokens(self) -> list[str]:
        """Words as written."""
        return _WORD.findall(self.plain)

    @cached_property
    def words(self) -> list[str]:
        """Lower-case words; n't stays inside its word."""
        return [token.casefold() for token in self.tokens]

    @cached_property
    def word_set(self) -> frozenset[str]:
        """Different words, and their parts around an apostrophe."""
        return frozenset(self.words) | {part for word in self.words if "'" in word for part in word.split("'")}

    @cached_property
    def joined(self) -> str:
        """All words, one space between."""
        return " ".join(self.words)

    @cached_property
    def sorted_words(self) -> str:
        """Words in alphabetical order: comparing these equals rapidfuzz's token_sort_ratio."""
        return " ".join(sorted(self.words))

    @cached_property
    def number_list(self) -> list[str]:
        """Numbers with sign, currency and percent, in the order of the text; number words count."""
        names = rules().words.numbers
        found = [(match.start(3), _number(match)) for match in _NUMBER.finditer(self.plain)]
        words = ((match.start(), match.group().casefold()) for match in _WORD.finditer(self.plain))
        found += [(start, names[word]) for start, word in words if word in names]
        return [number for _, number in sorted(found)]

    @cached_property
    def numbers(self) -> Counter[str]:
        """Multiset of the numbers."""
        return Counter(self.number_list)

    @cached_property
    def negations(self) -> list[str]:
        """Negation words in order."""
        return [word for word in self.words if is_negation(word)]

    @cached_property
    def content(self) -> list[str]:
        """Words that carry meaning: no stop words, no numbers."""
        lists = rules().words
        return [
            word
            for word in self.words
            if word not in lists.stop
            and word not in lists.numbers
            and not word.isdigit()
            and not _is_contraction_of_stop(word)
        ]

    @cached_property
    def entities(self) -> frozenset[str]:
        """Capitalised words except the first one, without possessive s; empty when the text has one case only."""
        if self.one_case:
            return frozenset()
        ignored = rules().words.not_entities
        names = (token.removesuffix("'s").casefold() for token in self.tokens[1:] if token[0].isupper())
        return frozenset(name for name in names if name not in ignored and "'" not in name)

    @cached_property
    def one_case(self) -> bool:
        """All upper or all lower case, so capitals say nothing."""
        return self.plain.isupper() or self.plain.islower()

    @cached_property
    def foreign(self) -> bool:
        """Not English, as far as letters and stop words tell: the English guards do not hold here."""
        letters = [char for char in self.plain if char.isalpha()]
        if not letters:
            return False
        if sum(not char.isascii() for char in letters) > FOREIGN_LETTERS * len(letters):
            return True
        if len(self.words) < FOREIGN_WORDS:
            return False
        stop = rules().words.stop
        known = sum(word in stop or is_negation(word) or _is_contraction_of_stop(word) for word in self.words)
        return known < STOP_SHARE * len(self.words) and any(not char.isascii() for char in letters)


def is_negation(word: str) -> bool:
    """Whether a lower-case word turns a sentence round."""
    return word in rules().words.negation or word.endswith("n't")


def _is_contraction_of_stop(word: str) -> bool:
    head, mark, _ = word.partition("'")
    return bool(mark) and not word.endswith("n't") and head in rules().words.stop


def _number(match: re.Match[str]) -> str:
    sign, before, digits, after = (part or "" for part in match.groups())
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    symbols = "".join(sorted({*before, *after}))
    return f"{sign.replace('+', '')}{symbols}{digits}"


@lru_cache(maxsize=100_000)  # about 1 KB each; with 20,000 the judging of 100,000 rows took 40 % longer
def features(text: str) -> Features:
    """Features of a text, remembered because a text is compared many times."""
    return Features(text)
