"""New rows wait here: ten at a time, each beside the row it came from; use, leave or edit; then add the accepted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from engine.data.grow.accept import GrowVerdict, correct, judge, use_accepted, verdicts
from engine.data.grow.batch import GrowBatch, batch_rows
from engine.data.grow.words import with_words
from engine.data.messages import Message, answer_of, loads, prompt_of
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import rows_of
from pages.parts.data_diff import show_pair
from pages.parts.data_grow_refused import NAMES, unused
from pages.parts.page import section
from pages.parts.safe_text import escape, show_chat
from pages.parts.studio import Studio
from pages.parts.words import number, plural

SIZE = 10
WORDS = {"use": "Use", "leave": "Leave"}


def review_batches(studio: Studio, batches: Sequence[GrowBatch]) -> None:
    """Choose a batch when there are several, and look through it."""
    section("Look at the new rows", "Nothing is added that you have not looked at.")
    batch = batches[0]
    if len(batches) > 1:
        names = {item.id: f"{NAMES[item.method]}, {number(item.rows)}, made {_at(item)}" for item in batches}
        chosen = st.selectbox("Which rows?", list(names), format_func=names.__getitem__, key="grow-batch")
        batch = next(item for item in batches if item.id == chosen)
    said = verdicts(studio.project, batch)
    _progress(batch, said)
    frame = batch_rows(studio.project, batch)
    pages = -(-batch.rows // SIZE)
    key = f"grow-page-{batch.id}"
    page = int(st.pagination(pages, key=key)) if pages > 1 else 1
    places = list(range((page - 1) * SIZE, min(page * SIZE, batch.rows)))
    for place in places:
        _row(studio, batch, frame, place, said.get(place))
    _finish(studio, batch, places, said, key, page < pages)
    unused(studio, batch)


def _progress(batch: GrowBatch, said: dict[int, GrowVerdict]) -> None:
    used = sum(item.verdict == "use" for item in said.values())
    words = (
        f"{NAMES[batch.method]}: {number(len(said))} of {plural(batch.rows, 'row')} looked at, {number(used)} to use"
    )
    st.progress(len(said) / batch.rows, text=words)  # safe: figures and words of ours
    if batch.note:
        st.caption(escape(batch.note, 600))


def _row(studio: Studio, batch: GrowBatch, frame: pd.DataFrame, place: int, said: GrowVerdict | None) -> None:
    row = frame.iloc[place]
    talk = loads(said.messages) if said is not None and said.messages else loads(str(row["messages"]))
    seed = json.loads(str(row["meta"])).get("seed_row")
    corrected = ", corrected by you" if said is not None and said.messages else ""
    title = f"New row {number(place + 1)}{corrected}"
    with st.container(gap="xsmall", key=f"grow-row-{place}"):
        if seed is not None and int(seed) not in studio.sealed:
            before = row_words(rows_of(studio.project, batch.dataset_id), int(seed))
            show_pair(before, talk_words(talk), (studio.line(int(seed)), title))
        else:
            st.caption(title)  # safe: words and figures of ours
            show_chat(talk, limit=1200)
        with st.container(horizontal=True, vertical_alignment="center"):
            key = f"grow-say-{batch.id}-{place}"
            st.session_state[key] = said.verdict if said is not None else None
            st.segmented_control(
                f"Row {place + 1:,}", list(WORDS), format_func=WORDS.__getitem__, key=key, label_visibility="collapsed",
                on_change=_say, args=(studio.project, batch, place, key),
            )  # fmt: skip
            with st.popover("Edit", icon=":material/edit:", key=f"grow-edit-{batch.id}-{place}"):
                _edit(studio.project, batch, place, talk)


def _say(project: Project, batch: GrowBatch, place: int, key: str) -> None:
    value = st.session_state.get(key)
    if value in WORDS:
        judge(project, batch, [place], value)


def _edit(project: Project, batch: GrowBatch, place: int, talk: list[Message]) -> None:
    base = f"{batch.id}-{place}"
    question = st.text_area("Question", _last(talk, "user"), key=f"grow-q-{base}")
    answer = st.text_area("Answer", answer_of(talk), key=f"grow-a-{base}")
    if st.button("Save and use", key=f"grow-save-{base}"):
        try:
            correct(project, batch, place, with_words(talk, question, answer))
        except TuneworthError as error:
            st.warning(escape(f"{error.message} {error.hint}"))
            return
        st.rerun()


def _last(talk: Sequence[Message], role: str) -> str:
    return next((turn["content"] for turn in reversed(talk) if turn["role"] == role), "")


def _finish(
    studio: Studio, batch: GrowBatch, places: list[int], said: dict[int, GrowVerdict], key: str, more: bool
) -> None:
    open_ = [place for place in places if place not in said]
    used = sum(item.verdict == "use" for item in said.values())
    with st.container(horizontal=True):
        if open_:
            st.button(
                f"Use these {number(len(open_))}", key="grow-use-page", icon=":material/done_all:", on_click=_use_page,
                args=(studio.project, batch, open_, key, more), help="Those on this page you have not decided yet.",
            )  # fmt: skip
        if used:
            st.button(
                f"Add {plural(used, 'accepted row')}", key="grow-add", icon=":material/playlist_add:", on_click=_add,
                args=(studio.project, batch), help="One step that can be undone in Cleaning or History.",
            )  # fmt: skip


def _use_page(project: Project, batch: GrowBatch, places: list[int], key: str, more: bool) -> None:
    judge(project, batch, places, "use")
    if more:
        st.session_state[key] = int(st.session_state.get(key) or 1) + 1


def _add(project: Project, batch: GrowBatch) -> None:
    try:
        version = use_accepted(project, batch)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
        return
    added = version.step.rows_out - version.step.rows_in
    st.toast(f"{plural(added, 'row')} added. Undo is in Cleaning and in History. Split again before you train.")


def row_words(rows: pd.DataFrame, row_id: int) -> tuple[str, str]:
    """Question and answer of a row there is; empty texts when it is gone."""
    found = rows.loc[rows["row_id"] == row_id, "messages"]
    return talk_words(loads(str(found.iloc[0]))) if len(found) else ("", "")


def talk_words(talk: Sequence[Message]) -> tuple[str, str]:
    """Question and answer of a conversation."""
    return prompt_of(talk), answer_of(talk)


def _at(batch: GrowBatch) -> str:
    return datetime.fromtimestamp(batch.created).strftime("%H:%M")
