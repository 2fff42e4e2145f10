"""Map columns: a role per column, guessed and changeable, beside three rows as the model will see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pandas as pd
import streamlit as st

from engine.data.columns import Guess
from engine.data.mapping import Mapping, Role, preview
from engine.data.page_view import empty_cells, sample_values, save_draft
from engine.data.read_result import ReadResult
from engine.errors import MappingError
from engine.project.project import Project
from pages.parts.data_words import ROLE_WORDS, role_option
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_chat
from pages.parts.words import number, plural

COLUMNS_PER_PAGE = 12
LOOKED_AT = 200  # rows samples and preview come from
USUAL: tuple[Role, ...] = ("user", "assistant", "system", "label", "source", "group", "weight", "rejected", "ignore")


def mapping_form(
    project: Project, source_id: str, read: ReadResult, guess: Guess, draft: Mapping, hidden: frozenset[int]
) -> bool:
    """Draw the form and the preview; every change is saved at once. True when the user agrees.

    `hidden` rows (sealed for the test) are not shown.
    """
    shown = read.frame.head(LOOKED_AT)
    shown = shown.drop(index=[row for row in hidden if row < len(shown)])
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("What each column is for", anchor=False)
        _columns(project, source_id, shown, guess, draft)
        _instructions(project, source_id, draft)
    with right:
        st.subheader("What the model will see", anchor=False)
        able = _preview(read, shown, draft)
        return bool(
            st.button("Use these columns", type="primary", icon=":material/check:", disabled=not able, key="map")
        )


def mapping_words(mapping: Mapping) -> str:
    """`Question: text. Answer: category.` as plain text."""
    parts = []
    for role in (*USUAL[:-1], "messages"):
        names = mapping.columns(role)
        if names:
            parts.append(f"{ROLE_WORDS[role][0]}: {' and '.join(names)}")
    ignored = len(mapping.columns("ignore"))
    return ". ".join(parts) + "." + (f" {plural(ignored, 'column')} ignored." if ignored else "")


def _columns(project: Project, source_id: str, shown: pd.DataFrame, guess: Guess, draft: Mapping) -> None:
    reasons = {item.column: item for item in guess.columns}
    order = ("messages", *USUAL)
    names = sorted(map(str, shown.columns), key=lambda name: order.index(guess.roles.get(name, "ignore")))
    pages = -(-len(names) // COLUMNS_PER_PAGE)
    with st.container(border=True, gap="small", key="mapping"):
        place = st.container(gap="small")
        page = st.pagination(pages, key=f"columns-{source_id}") if pages > 1 else 1
        with place:
            for name in names[(page - 1) * COLUMNS_PER_PAGE : page * COLUMNS_PER_PAGE]:
                guessed = reasons.get(name)
                same = guessed is not None and guessed.role == draft.roles.get(name, "ignore")
                reason = guessed.reason if guessed is not None and same else "Chosen by you."
                _column(project, source_id, shown, name, draft, reason)


def _column(project: Project, source_id: str, shown: pd.DataFrame, name: str, draft: Mapping, reason: str) -> None:
    role = draft.roles.get(name, "ignore")
    options = _options(role, draft)
    key = f"role-{source_id}-{list(shown.columns).index(name)}"
    words, choice = st.columns([5, 4], vertical_alignment="center")
    with words, st.container(gap=None):
        st.markdown(f"**{escape(name, 60)}** :gray[{escape(', '.join(sample_values(shown, name)), 44)}]")
        st.caption(escape(reason))
    choice.selectbox(
        f"What is the column {escape(name, 60)} for?",
        options,
        index=options.index(role),
        format_func=role_option,
        key=key,
        label_visibility="collapsed",
        on_change=_role_changed,
        args=(project, source_id, draft, name, key),
    )


def _options(role: Role, draft: Mapping) -> Sequence[Role]:
    talks = role == "messages" or bool(draft.columns("messages"))
    return ("messages", *USUAL) if talks else USUAL


def _role_changed(project: Project, source_id: str, draft: Mapping, name: str, key: str) -> None:
    role = st.session_state[key]
    if role in get_args(Role):
        save_draft(project, source_id, draft.model_copy(update={"roles": {**draft.roles, name: role}}))


def _instructions(project: Project, source_id: str, draft: Mapping) -> None:
    with st.expander("Add the same instructions to every row", expanded=bool(draft.system_prompt)):
        key = f"instructions-{source_id}"
        st.text_area(
            "Instructions (system prompt)",
            draft.system_prompt,
            key=key,
            max_chars=20_000,
            placeholder="You are the support desk of a bank. Answer with one category.",
            help="Put in front of every question, in training and later in use. A row's own instructions win.",
            on_change=_instructions_changed,
            args=(project, source_id, draft, key),
        )


def _instructions_changed(project: Project, source_id: str, draft: Mapping, key: str) -> None:
    save_draft(project, source_id, draft.model_copy(update={"system_prompt": st.session_state[key].strip()}))


def _preview(read: ReadResult, shown: pd.DataFrame, draft: Mapping) -> bool:
    try:
        talks = preview(shown, draft)
    except MappingError as error:
        problem(error.message, error.hint, tone="caution")
        return False
    for talk in talks:
        show_chat(talk, limit=600)
    st.caption(f"The first {plural(len(talks), 'row')} of {number(read.rows)}, each as one conversation.")
    for empty in empty_cells(read, draft):
        problem(
            f"{plural(empty.count, 'row')} with nothing in {empty.column!r}, the first in line {number(empty.line)}.",
            f"A row without {'a question' if empty.role == 'user' else 'an answer'} teaches nothing: "
            "the cleaning leaves it out and lists it.",
            tone="caution",
        )
    return bool(talks)
