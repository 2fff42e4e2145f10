"""Hints at people that no pattern can prove: column names, greetings. Suspects to look at, never a scan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.privacy.cell import plain_words
from engine.privacy.rules import rules

_KINDS = {
    "names": "looks like names of people",
    "places": "looks like addresses or places",
    "contact": "looks like contact data",
    "birth": "looks like birth dates or ages",
    "identity": "looks like identity numbers",
    "special": "may hold a special category (GDPR Article 9) or a protected trait",
}


@dataclass(frozen=True)
class Suspect:
    """A column to look at: `kind` is names, places, contact, birth, identity, special or greeting."""

    column: str
    kind: str
    why: str
    rows: int

    def to_json(self) -> dict[str, Any]:
        """Return plain fields."""
        return dict(self.__dict__)


@lru_cache(maxsize=1)
def _greeting() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(rules().names.greetings, key=len, reverse=True))
    return re.compile(rf"(?<![\w])(?:(?i:{words}))[ ,.\n]{{1,4}}[A-Z][a-zà-ÿ]{{2,20}}\b")


def suspects(columns: Mapping[str, Sequence[str]]) -> list[Suspect]:
    """Return columns whose name speaks of people, and columns where texts greet or sign with a name."""
    found = []
    for column, cells in columns.items():
        filled = sum(1 for text in cells if isinstance(text, str) and text)
        kind = column_kind(column)
        if kind and filled:
            found.append(Suspect(column, kind, f"the column name {_KINDS[kind]}", filled))
        greeted = sum(1 for text in cells if isinstance(text, str) and _greeting().search(text))
        if greeted:
            found.append(Suspect(column, "greeting", "texts greet or sign with a name", greeted))
    return found


def column_kind(column: str) -> str:
    """What a column name hints at, or an empty string. Whole words of the name count, the longest first."""
    words = plain_words(column).split()
    for size in range(min(3, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            part = " ".join(words[at : at + size])
            for kind, names in rules().names.columns.items():
                if part in names:
                    return kind
    return ""
