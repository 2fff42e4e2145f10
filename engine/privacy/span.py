"""What every detector returns: where something is, what it is, how sure, and who says so."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start:end` of one text. `entity` is Presidio's name, `score` 0..1, `detector` explains the hit."""

    entity: str
    start: int
    end: int
    score: float
    detector: str


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a character."""
    return one.start < other.end and other.start < one.end


def best(spans: Iterable[Span], rank: Mapping[str, int]) -> list[Span]:
    """Keep non-overlapping spans: lower rank wins, then the longer, then the surer. Sorted by start."""
    last = len(rank)
    starts: list[int] = []
    kept: list[Span] = []  # in the order of `starts`; never overlapping, so only the neighbours need a look
    for span in sorted(spans, key=lambda s: (rank.get(s.entity, last), s.start - s.end, -s.score, s.start)):
        at = bisect_right(starts, span.start)
        if (at and overlaps(span, kept[at - 1])) or (at < len(kept) and overlaps(span, kept[at])):
            continue
        starts.insert(at, span.start)
        kept.insert(at, span)
    return kept
