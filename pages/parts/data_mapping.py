"""Map columns: a role per column, guessed and changeable, beside three rows as the model will see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pandas as pd
import streamlit as st

from engine.data.columns import Guess
from engine.data.mapping import Mapping, Role, preview_rows
from engine.data.mapping_checks import CellProblem, cell_problems
from engine.data.page_view import sample_values, save_draft
from engine.data.source_table import SourceTable
from engine.errors import MappingError
from engine.project.project import Project
from pages.parts.data_mapping_more import more_ways, templates_wrong
from pages.parts.data_words import ROLE_WORDS, SHAPE_WORDS, role_option
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_chat
from pages.parts.words import number, plural

COLUMNS_PER_PAGE = 12
LOOKED_AT = 200  # rows samples and preview come from
USUAL: tuple[Role, ...] = ("user", "assistant", "system", "label", "source", "group", "weight", "rejected", "ignore")


def mapping_form(
    project: Project, source_id: str, read: SourceTable, guess: Guess, draft: Mapping, hidden: frozenset[int]
) -> bool:
    """Draw the form and the preview; every change is saved at once. True when the user agrees.

    `hidden` rows (sealed for the test) are not shown.
    """
    shown = read.head(LOOKED_AT)
    shown = shown.drop(index=[row for row in hidden if row < len(shown)])
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("What each column is for", anchor=False)
        if guess.shape in SHAPE_WORDS:
            st.caption(SHAPE_WORDS[guess.shape])
        _columns(project, source_id, shown, guess, draft)
        more_ways(project, source_id, shown, guess, draft)
    with right:
        st.subheader("What the model will see", anchor=False)
        able = _preview(read, shown, draft)
        return bool(
            st.button("Use these columns", type="primary", icon=":material/check:", disabled=not able, key="map")
        )


def mapping_words(mapping: Mapping) -> str:
    """`Question: text. Answer: category.` as plain text."""
    parts = []
    if mapping.turns:
        parts.append(f"Conversation: {mapping.turns.id_column}. Said: {mapping.turns.text_column}")
    if mapping.placeholders():
        parts.append(f"Combined: {', '.join(mapping.placeholders())}")
    for role in (*USUAL[:-1], "messages", "tools"):
        names = mapping.columns(role)
        if names:
            parts.append(f"{ROLE_WORDS[role][0]}: {' and '.join(names)}")
    ignored = len(mapping.columns("ignore"))
    return ". ".join(parts) + "." + (f" {plural(ignored, 'column')} ignored." if ignored else "")


def _columns(project: Project, source_id: str, shown: pd.DataFrame, guess: Guess, draft: Mapping) -> None:
    reasons = {item.column: item for item in guess.columns}
    order = ("messages", *USUAL[:-1], "tools", "ignore")
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
    options: list[Role] = list(USUAL)
    if role == "messages" or draft.columns("messages"):
        options.insert(0, "messages")
    if role == "tools" or draft.columns("messages"):
        options.insert(-1, "tools")
    return options


def _role_changed(project: Project, source_id: str, draft: Mapping, name: str, key: str) -> None:
    role = st.session_state[key]
    if role in get_args(Role):
        save_draft(project, source_id, draft.model_copy(update={"roles": {**draft.roles, name: role}}))


def _preview(read: SourceTable, shown: pd.DataFrame, draft: Mapping) -> bool:
    try:
        rows = preview_rows(shown, draft)
    except MappingError as error:
        if templates_wrong(draft, list(map(str, shown.columns))):
            st.caption("Three rows appear here when the template on the left is right.")
        else:
            problem(error.message, error.hint, tone="caution")
        return False
    for row in rows:
        show_chat(row.messages, limit=600)
        for _, note in row.notes:
            st.caption(escape(note))
        if row.extras.get("rejected"):
            st.caption(f"Worse answer: {escape(row.extras['rejected'], 300)}")
    if draft.turns:
        st.caption(f"The first {plural(len(rows), 'conversation')}; the file has {plural(read.rows, 'row')}.")
    else:
        st.caption(f"The first {plural(len(rows), 'row')} of {number(read.rows)}, each as one conversation.")
    if not rows:
        problem("None of the first rows makes a conversation.", "Check what each column is for.", tone="caution")
    for found in cell_problems(read, draft):
        _cell_problem(read, found)
    return bool(rows)


def _cell_problem(read: SourceTable, found: CellProblem) -> None:
    """One sentence with the first line, what it means, and how many rows were looked at."""
    file, line = read.place(found.row)
    where = f"line {number(line)}" + (f" of {file}" if len(read.parts) > 1 else "")
    part = f" Looked at the first {plural(found.looked, 'row')}." if found.looked < read.rows else ""
    if found.role == "weight":
        problem(
            f"{plural(found.count, 'row')} with no number from 0 up in {found.column!r}, the first in {where}.",
            f"{found.value[:40]!r} is no weight: such a row counts 1.{part}",
            tone="caution",
        )
        return
    problem(
        f"{plural(found.count, 'row')} with nothing in {found.column!r}, the first in {where}.",
        f"A row without {'a question' if found.role == 'user' else 'an answer'} teaches nothing: "
        f"the cleaning leaves it out and lists it.{part}",
        tone="caution",
    )
