"""A row the model sees, cut into pieces of one kind each for the screen: read or learned, special, over the limit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from engine.training.reader import SeenRow


@dataclass(frozen=True)
class Piece:
    """Consecutive characters of one kind. `over` means behind the length limit."""

    text: str
    learned: bool
    special: bool
    over: bool


def pieces(seen: SeenRow, limit: int) -> list[Piece]:
    """Cut the text of a row; joined again it is the whole text. A special token is always a piece of its own."""
    flags: list[tuple[bool, bool, bool, int]] = [(False, False, False, -1)] * len(seen.text)
    rows = zip(seen.places, seen.learned, seen.special, strict=True)
    for token, ((start, end), learned, special) in enumerate(rows):
        kind = (learned, special, token >= limit, token if special else -1)
        for place in range(start, end):
            flags[place] = kind
    found = []
    for (learned, special, over, _), group in groupby(range(len(flags)), key=flags.__getitem__):
        found.append(Piece("".join(seen.text[place] for place in group), learned, special, over))
    return found


def shortened(found: list[Piece], most: int) -> tuple[list[Piece], list[Piece], int]:
    """Beginning and end of a long row, at most `most` characters in all, and how many are left out between them.

    A row that is short enough is the beginning; the end is empty then.
    """
    whole = sum(len(piece.text) for piece in found)
    if whole <= most:
        return found, [], 0
    half = most // 2
    return _between(found, 0, half), _between(found, whole - half, whole), whole - 2 * half


def _between(found: list[Piece], start: int, end: int) -> list[Piece]:
    kept, place = [], 0
    for piece in found:
        text = piece.text[max(0, start - place) : max(0, end - place)]
        place += len(piece.text)
        if text:
            kept.append(Piece(text, piece.learned, piece.special, piece.over))
    return kept
