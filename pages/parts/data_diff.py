"""Two texts side by side with their differences marked. The text is escaped; only the marks are ours."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import streamlit as st

from pages.parts.safe_text import escape, plain

LONGEST = 1200  # characters of each text that are compared; a longer text is cut and says so
_PIECE = re.compile(r"\w+|[^\w\s]")


def show_pair(left: Sequence[str], right: Sequence[str], titles: tuple[str, str]) -> None:
    """Draw two rows (question, answer) in two cards; words that are in only one of them are marked."""
    marked = [mark_differences(plain(a, LONGEST), plain(b, LONGEST)) for a, b in zip(left, right, strict=True)]
    for side, (column, title) in enumerate(zip(st.columns(2), titles, strict=True)):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.caption(escape(title))
            for place, texts in enumerate(marked):
                words = texts[side] or ":gray[(empty)]"
                lead = ":gray[:material/subdirectory_arrow_right:] " if place else ""
                st.markdown(f"{lead}{words}")  # safe: escaped piece by piece in mark_differences()


def mark_differences(left: str, right: str) -> tuple[str, str]:
    """Return both texts as safe Markdown, differing words bold on a coloured ground."""
    ours, theirs = list(_PIECE.finditer(left)), list(_PIECE.finditer(right))
    matcher = difflib.SequenceMatcher(
        None, [piece.group().casefold() for piece in ours], [piece.group().casefold() for piece in theirs], False
    )
    spans: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            continue
        if a1 > a0:
            spans[0].append((ours[a0].start(), ours[a1 - 1].end()))
        if b1 > b0:
            spans[1].append((theirs[b0].start(), theirs[b1 - 1].end()))
    return _marked(left, spans[0]), _marked(right, spans[1])


def _marked(text: str, spans: list[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in spans:
        parts.append(_safe(text[last:start]))
        parts.append(f":orange-background[**{_safe(text[start:end])}**]")
        last = end
    return "".join([*parts, _safe(text[last:])])


def _safe(text: str) -> str:
    """Escape, keeping the blanks at both ends that `escape` trims."""
    if not text.strip():
        return " " if text else ""
    lead, tail = " " * text[0].isspace(), " " * text[-1].isspace()
    return f"{lead}{escape(text, 0)}{tail}"
