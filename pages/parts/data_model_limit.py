"""The length limit (max_length): choose it, see what it would cut, raise it, or leave rows out as an undoable step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import streamlit as st

from engine.data.records import DatasetVersion
from engine.errors import TuneworthError
from engine.project.project import Project
from engine.training.model_view import ModelView, leave_out_long, leave_out_silent
from engine.training.models import BaseModelInfo
from engine.training.reading_choice import choose_reading, reading_choice
from pages.parts.chart_limit import limit_histogram
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural

Change: TypeAlias = Callable[[Project, ModelView], DatasetVersion]


def limit_form(project: Project, base: BaseModelInfo, view: ModelView) -> None:
    """The limit, what a cut at it would do, and the lengths with the limit drawn in."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        key = f"view-limit-{base.key}-{view.limit}"
        st.number_input(
            "Longest row allowed (max_length, tokens)",
            min_value=8,
            max_value=base.context or 131_072,
            value=min(view.limit, base.context or view.limit),
            step=16,
            key=key,
            help="Train uses this limit. A longer limit needs more memory. Rows over it are left out whole, never cut.",
            on_change=_keep_limit,
            args=(project, base, key),
        )
        reads = f" {base.name} reads up to {base.context:,}." if base.context else ""
        st.caption(escape(f"Train starts with this limit.{reads}"))
        if view.cut:
            words = f"A tool that cuts at the limit would take the end off {plural(len(view.cut), 'answer')}"
            empty = f" and leave {number(len(view.emptied))} with nothing to learn" if view.emptied else ""
            st.caption(f":material/content_cut: {words}{empty}. Tuneworth leaves these rows out instead.")
    with right:
        tokens = [row.tokens for row in view.rows]
        over = plural(len(view.too_long), "row")
        limit_histogram(
            tokens,
            view.limit,
            title="Tokens in one row, chat template included",
            alt_text=f"Tokens per row, {min(tokens):,} to {max(tokens):,}; {over} beyond the limit {view.limit:,}.",
        )


def limit_actions(studio: Studio, base: BaseModelInfo, view: ModelView) -> None:
    """Buttons for rows that do not fit or have nothing to learn."""
    if not (view.too_long or view.silent or view.too_long_test):
        return
    long = len(view.too_long) + len(view.too_long_test)
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.too_long and view.keep_all > view.limit:
            st.button(
                f"Raise the limit to {number(view.keep_all)}",
                key="view-raise",
                on_click=_raise,
                args=(studio.project, base, view.keep_all),
            )
        if long:
            words = f"Leave out {plural(long, 'row')} over the limit"
            st.button(words, key="view-drop-long", on_click=_change, args=(leave_out_long, studio.project, view))
        if view.silent:
            words = f"Leave out {plural(len(view.silent), 'row')} with nothing to learn"
            st.button(words, key="view-drop-silent", on_click=_change, args=(leave_out_silent, studio.project, view))
        st.caption("Leaving out makes a new step in Cleaning; Undo brings the rows back. Split again afterwards.")


def instruction_form(project: Project, base: BaseModelInfo) -> None:
    """The instruction before every row that has none; Train uses the same."""
    prompt = reading_choice(project, base).system_prompt
    words = "there is one" if prompt else "none"
    with st.expander(f"Instruction before every row: {words}", icon=":material/short_text:"):
        key = f"view-prompt-{base.key}"
        st.text_area(
            "Put before every row that has no instruction of its own (system prompt)",
            prompt,
            key=key,
            height=90,
            max_chars=20_000,
            on_change=_keep_prompt,
            args=(project, base, key),
        )
        st.caption("It is read with every row and costs its tokens each time. Use the same one when you ask the model.")


def _keep_prompt(project: Project, base: BaseModelInfo, key: str) -> None:
    try:
        choose_reading(project, base, system_prompt=str(st.session_state[key]))
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _keep_limit(project: Project, base: BaseModelInfo, key: str) -> None:
    _raise(project, base, int(st.session_state[key]))


def _raise(project: Project, base: BaseModelInfo, limit: int) -> None:
    try:
        choose_reading(project, base, max_length=limit)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _change(change: Change, project: Project, view: ModelView) -> None:
    try:
        change(project, view)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
