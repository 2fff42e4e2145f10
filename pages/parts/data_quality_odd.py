"""Rows that stand out, each with its reasons: read them, hand them to a review, or leave them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from engine.data.messages import answer_of, prompt_of
from engine.data.quality.fixes import leave_out
from engine.data.quality.odd_rows import Outlier
from engine.data.review.queue import flag_each
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import some_rows
from pages.parts.data_quality_look import Look
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.words import number, plural

ALL = "all reasons"
MOST = 500


def odd_part(look: Look) -> None:
    """Filter by reason, table, and what to do with the rows."""
    open_rows = [row for row in look.odd if row.row_id not in look.sealed]
    if not open_rows:
        st.markdown("**No row stands out** by length, form or spelling.")
        _sealed(look)
        return
    counts = Counter(part.reason for row in open_rows for part in row.reasons)
    st.markdown(
        f"**{plural(len(open_rows), 'row stands', 'rows stand')} out.** They may be mistakes, or cases the model "
        "needs: read before you leave anything out."
    )
    chosen = str(
        st.selectbox(
            "Reason",
            [ALL, *counts],
            format_func=lambda name: name if name == ALL else f"{name} ({number(counts[name])})",
            key="odd-reason",
            width=420,
        )
    )
    shown = [row for row in open_rows if chosen == ALL or any(part.reason == chosen for part in row.reasons)]
    picked = _table(look, shown[:MOST])
    rows = [shown[place] for place in picked] or shown
    _actions(look.studio.project, rows, bool(picked))
    _sealed(look)


def _table(look: Look, shown: Sequence[Outlier]) -> list[int]:
    part = some_rows(look.studio.project, look.studio.version.id, [row.row_id for row in shown])
    texts = dict(zip(part["row_id"].astype(int), part["messages"], strict=True))
    rows = [
        {
            "Row": look.studio.line(row.row_id),
            "Why": plain(row.words, 200),
            "Question": plain(prompt_of(texts[row.row_id]), 160),
            "Answer": plain(answer_of(texts[row.row_id]), 160),
        }
        for row in shown
        if row.row_id in texts
    ]
    widths: dict[str, Literal["small", "medium", "large"]] = {
        "Row": "small",
        "Why": "medium",
        "Question": "large",
        "Answer": "medium",
    }
    event = show_rows(
        pd.DataFrame(rows),
        on_select="rerun",
        selection_mode="multi-row",
        key="odd-rows",
        height=min(38 + 36 * len(rows), 420),
        column_config={name: st.column_config.TextColumn(width=width) for name, width in widths.items()},
    )
    return [place for place in event.selection.rows if place < len(shown)]


def _actions(project: Project, rows: Sequence[Outlier], picked: bool) -> None:
    which = f"{plural(len(rows), 'selected row')}" if picked else f"all {plural(len(rows), 'row')} listed"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Hand {which} to a review",
            key="odd-review",
            icon=":material/rate_review:",
            on_click=_review,
            args=(project, rows),
        )
        st.button(f"Leave out {which}", key="odd-drop", on_click=_drop, args=(project, rows))
        st.caption(
            "Select rows at their left edge to choose some. Leaving out is a step in Cleaning; Undo brings them back."
        )


def _sealed(look: Look) -> None:
    hidden = sum(row.row_id in look.sealed for row in look.odd)
    if hidden:
        st.caption(f"{plural(hidden, 'more row')} of this kind in the sealed test part: counted, not shown.")


def _review(project: Project, rows: Sequence[Outlier]) -> None:
    try:
        flag_each(project, {row.row_id: f"It stands out: {row.words}" for row in rows})
        st.toast(f"{plural(len(rows), 'row')} wait for the next review.")
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _drop(project: Project, rows: Sequence[Outlier]) -> None:
    try:
        leave_out(project, {row.row_id: row.words for row in rows})
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
