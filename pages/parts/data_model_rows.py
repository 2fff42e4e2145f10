"""Chosen rows as the model reads them: special tokens visible, the learned part marked apart from what is only read."""

from __future__ import annotations

import streamlit as st

from engine.data.messages import loads
from engine.training.model_view import ModelView
from engine.training.models import BaseModelInfo
from engine.training.reader import Reader
from engine.training.reading_choice import reading_choice
from engine.training.seen_pieces import Piece, pieces, shortened
from pages.parts.data_cache import some_rows
from pages.parts.safe_text import show_marked
from pages.parts.studio import Studio
from pages.parts.words import number, plural

MOST_CHARACTERS = 6000
MOST_ROWS = 200
STYLES = {
    "read": "",
    "learned": "font-weight:650;text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:3px;"
    "background:rgba(0,158,115,.18)",
    "special": "border:1px solid rgba(128,140,144,.7);border-radius:4px;padding:0 .25em;font-family:monospace;"
    "font-size:.82em",
    "learned special": "border:2px solid rgb(0,158,115);border-radius:4px;padding:0 .25em;font-family:monospace;"
    "font-size:.82em;font-weight:650;background:rgba(0,158,115,.18)",
    "over": "text-decoration:line-through;opacity:.6",
    "gap": "font-style:italic;opacity:.75",
}


def rows_seen(studio: Studio, base: BaseModelInfo, view: ModelView) -> None:
    """Choose a row and show it. Sealed rows are never offered."""
    groups = {name: rows for name, rows in _groups(view, studio.sealed).items() if rows}
    if not groups:
        return
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown("**A row as the model reads it**")
        kind = str(st.selectbox("Which rows", list(groups), key="view-kind"))
        rows = groups.get(kind, next(iter(groups.values())))
        counted = {row.row_id: row for row in view.rows}
        row_id = int(
            st.selectbox(
                "Row",
                rows[:MOST_ROWS],
                format_func=lambda row: f"{studio.line(row)}: {plural(counted[row].tokens, 'token')}",
                key=f"view-row-{kind}",
            )
        )
        row = counted[row_id]
        words = f"{plural(row.tokens, 'token')}, {number(row.answer_tokens)} of them learned."
        st.caption(
            words if row.ends or not row.answer_tokens else f"{words} The end of the answer is not learned."
        )  # safe: figures
        if len(rows) > MOST_ROWS:
            st.caption(f"The first {number(MOST_ROWS)} of {plural(len(rows), 'row')}.")
    with right:
        found = some_rows(studio.project, studio.version.id, [row_id])["messages"]
        if len(found):
            prompt = reading_choice(studio.project, base).system_prompt
            seen = Reader(base, prompt).read(loads(found.iloc[0]))
            show_marked(_parts(pieces(seen, view.limit)), STYLES, "The row as the model reads it")
            st.caption(
                "Bold, underlined and green: learned. Plain: only read. In a frame: special tokens, which a reader "
                "never sees. Struck through: behind the limit."
            )


def _groups(view: ModelView, sealed: frozenset[int]) -> dict[str, list[int]]:
    """Groups of row ids by what is worth a look."""
    rows = [row for row in view.rows if row.row_id not in sealed]
    by_length = sorted(rows, key=lambda row: row.tokens)
    middle = len(by_length) // 2
    long, silent, endless = set(view.too_long), set(view.silent), set(view.endless)
    return {
        "Nothing to learn": [row.row_id for row in rows if row.row_id in silent],
        "Over the limit": [row.row_id for row in rows if row.row_id in long],
        "End not learned": [row.row_id for row in rows if row.row_id in endless],
        "Special tokens in the text": [row.row_id for row in rows if row.control],
        "Usual rows": [row.row_id for row in by_length[max(0, middle - 10) : middle + 10]],
        "Longest rows": [row.row_id for row in reversed(by_length[-20:])],
        "Shortest rows": [row.row_id for row in by_length[:20]],
    }


def _parts(found: list[Piece]) -> list[tuple[str, str]]:
    head, tail, gap = shortened(found, MOST_CHARACTERS)
    parts = [(piece.text, _kind(piece)) for piece in head]
    if gap:
        parts.append((f"\n… {number(gap)} characters not shown …\n", "gap"))
    return [*parts, *((piece.text, _kind(piece)) for piece in tail)]


def _kind(piece: Piece) -> str:
    if piece.over:
        return "over"
    if piece.special:
        return "learned special" if piece.learned else "special"
    return "learned" if piece.learned else "read"
