"""Guards: what may not differ between two duplicates, whatever the cosine says. Definitions: facts "Data" 5.

English only, except numbers, which hold in every language. Every guard returns a reason, or None when it passes.
"""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz import fuzz

from engine.data.features import Features, is_negation
from engine.data.rules import rules

TYPO = 75.0  # letter similarity (0..100) from which two words are the same word misspelt
SHORT = 4  # words this short must be nearly equal to be a typo: card / cart is not one
SHORT_TYPO = 85.0
ALIKE = 80.0  # token_sort_ratio from which two texts count as one text with words exchanged
SAME_LETTERS = 90.0  # letter similarity from which a changed person is the difference and not the wording
EXCHANGED = 3  # at most this many content words exchanged on each side


def numbers(a: Features, b: Features) -> str | None:
    """(a) The numbers are the same, each as often."""
    if a.numbers == b.numbers:
        return None
    left, right = sorted((a.numbers - b.numbers).elements()), sorted((b.numbers - a.numbers).elements())
    return f"number {', '.join(left[:3]) or 'none'} vs {', '.join(right[:3]) or 'none'}"


def negation(a: Features, b: Features) -> str | None:
    """(b) The number of negations is even on both sides or odd on both."""
    if len(a.negations) % 2 == len(b.negations) % 2:
        return None
    more = a.negations if len(a.negations) > len(b.negations) else b.negations
    return f"'{more[0]}'"


def entities(a: Features, b: Features) -> str | None:
    """(c) Every name on one side occurs on the other."""
    missing = (a.entities - b.word_set) | (b.entities - a.word_set)
    return f"name '{min(missing)}'" if missing else None


def calendar(a: Features, b: Features) -> str | None:
    """Days and months are the same."""
    dates = rules().words.calendar
    left, right = (a.word_set & dates) - b.word_set, (b.word_set & dates) - a.word_set
    return f"date '{min(left)}' vs '{min(right)}'" if left and right else None


def substitution(a: Features, b: Features) -> str | None:
    """(d) In otherwise equal texts no content word was exchanged for another one (typos are no exchange)."""
    left, right = _missing(_without_negation(a), b), _missing(_without_negation(b), a)
    if not left or not right or fuzz.ratio(a.sorted_words, b.sorted_words) < ALIKE:
        return None
    left, right = _no_typos(left, right), _no_typos(right, left)
    if 1 <= len(left) <= EXCHANGED and 1 <= len(right) <= EXCHANGED:
        return f"'{left[0]}' vs '{right[0]}'"
    return None


def opposites(a: Features, b: Features) -> str | None:
    """(e) The differences hold no pair of opposites (before/after, possible/impossible)."""
    left, right = a.word_set - b.word_set, b.word_set - a.word_set
    for word, other in rules().words.antonyms:
        if (word in left and other in right) or (other in left and word in right):
            return f"'{word}' vs '{other}'"
    for one, two in ((left, right), (right, left)):
        for word in one:
            for prefix in rules().words.opposite_prefixes:
                if word.startswith(prefix) and len(word) > len(prefix) + 3 and word[len(prefix) :] in two:
                    return f"'{word}' vs '{word[len(prefix) :]}'"
    return None


def addition(a: Features, b: Features) -> str | None:
    """Neither text only adds something to the other: a condition, a second wish. Fillers add nothing."""
    left, right = _missing(_without_negation(a), b), _missing(_without_negation(b), a)
    if bool(left) == bool(right):
        return None
    fillers = rules().words.fillers
    more = [word for word in left or right if word not in fillers]
    return f"only one says '{' '.join(more[:4])}'" if more else None


def question(a: Features, b: Features) -> str | None:
    """Otherwise equal texts ask for the same: when is not where."""
    asked = rules().words.askers
    left, right = (a.word_set & asked) - b.word_set, (b.word_set & asked) - a.word_set
    if left and right and fuzz.ratio(a.sorted_words, b.sorted_words) >= ALIKE:
        return f"'{min(left)}' vs '{min(right)}'"
    return None


def order(a: Features, b: Features) -> str | None:
    """The same words do not change places: who does what to whom, from where to where, and what is negated."""
    if a.words == b.words:
        return None
    if a.number_list != b.number_list:
        return "the numbers change places"
    if sorted(a.content) == sorted(b.content):
        return _moved(a, b)
    left, right = set(_persons(a)), set(_persons(b))
    if left and right and left != right and fuzz.ratio(a.joined, b.joined) >= SAME_LETTERS:
        return "who does what is not the same"
    return None


def _moved(a: Features, b: Features) -> str | None:
    moved = [i for i, (x, y) in enumerate(zip(a.content, b.content, strict=True)) if x != y]
    if len(moved) == 2:
        return f"'{a.content[moved[0]]}' and '{a.content[moved[1]]}' change places"
    if moved and a.negations and _without_negation(a) == _without_negation(b):
        return f"'{a.negations[0]}' stands elsewhere"
    pivots = [word for word in a.words if word in rules().words.pivots and word in b.word_set]
    if moved and pivots:
        return f"what stands before and after '{pivots[0]}' changes places"
    left, right = _persons(a), _persons(b)
    if left != right and (sorted(left) == sorted(right) or len(left) == len(right)):
        return "who does what is turned round"
    return None


GUARDS: tuple[tuple[str, Callable[[Features, Features], str | None]], ...] = (
    ("number", numbers),
    ("negation", negation),
    ("entity", entities),
    ("date", calendar),
    ("opposite", opposites),
    ("substitution", substitution),
    ("question", question),
    ("order", order),
    ("addition", addition),
)


def first_failed(a: Features, b: Features) -> tuple[str, str] | None:
    """Return `(guard, reason)` of the first guard that fails, or None when all pass."""
    for name, guard in GUARDS:
        reason = guard(a, b)
        if reason:
            return name, reason
    return None


def _missing(words: list[str], other: Features) -> list[str]:
    return [word for word in dict.fromkeys(words) if word not in other.word_set]


def _no_typos(words: list[str], others: list[str]) -> list[str]:
    return [word for word in words if not any(_typo(word, other) for other in others)]


def _typo(a: str, b: str) -> bool:
    if max(len(a), len(b)) <= SHORT:
        return fuzz.ratio(a, b) >= SHORT_TYPO or sorted(a) == sorted(b)
    return fuzz.ratio(a, b) >= TYPO


def _without_negation(text: Features) -> list[str]:
    return [word for word in text.content if not is_negation(word)]


def _persons(text: Features) -> list[int]:
    lists = rules().words
    heads = [word.partition("'")[0] for word in text.words]
    return [
        1 if word in lists.first_person else 2 for word in heads if word in lists.first_person | lists.second_person
    ]
