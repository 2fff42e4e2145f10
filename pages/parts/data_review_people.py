"""The Review tab: rows read by people, what that showed, and pairs of a better and a worse answer."""

from __future__ import annotations

import streamlit as st

from engine.data.review.desk import Desk
from engine.data.review.queue import current_queue, queues, take_flagged, use_queue, waiting
from engine.project.project import Project
from pages.parts import data_review_moves as moves
from pages.parts.data_cache import ids_of
from pages.parts.data_pairs import pairs_part
from pages.parts.data_review_card import card, progress
from pages.parts.data_review_exchange import exchange
from pages.parts.data_review_result import results
from pages.parts.data_review_start import start_form
from pages.parts.page import guard
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import plural, when

NEW = "review-new"
VIEWS = {"rows": "Read rows", "pairs": "Better and worse answers"}


def review_people(studio: Studio) -> None:
    """Draw the tab."""
    view = st.segmented_control(
        "What to do", list(VIEWS), default="rows", required=True, format_func=lambda name: VIEWS[name],
        key="review-view", label_visibility="collapsed",
    )  # fmt: skip
    if view == "pairs":
        pairs_part(studio)
        return
    if current_queue(studio.project) is None or st.session_state.get(NEW):
        start_form(studio)
        if st.session_state.get(NEW):
            st.button("Back to the review", key="review-old", on_click=_new, args=(False,))
        return
    st.fragment(_reading, key="review")(studio)  # a key or button reruns only this part of the page


def _reading(studio: Studio) -> None:
    """Everything about the queue in use."""
    with guard():
        desk = moves.desk_of(studio.project)
        rater = _reader(studio, desk)
        moves.refusal()
        if rater is not None:
            if not desk.open_items:
                st.markdown("No row of this review can be shown any more.")
            else:
                done = desk.finished(rater)
                progress(desk, rater)
                for draw in (results, card) if done else (card, results):  # what counts now comes first
                    draw(studio, desk, rater)
        _left_out(desk)
        _more(studio, desk)
        exchange(studio, desk)


def _reader(studio: Studio, desk: Desk) -> str | None:
    """Who reads? One reader is taken for granted; with more, the person says so."""
    chosen: str | None = st.session_state.get(moves.RATER)
    if chosen not in desk.raters:
        chosen = desk.raters[0] if len(desk.raters) == 1 else None
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(desk.raters) == 1 and chosen is not None:
            st.markdown(f"Reading as **{escape(chosen, 40)}**. Every verdict is saved at once.", width="content")
        else:
            st.markdown("**Who is reading?**", width="content")
            for number, name in enumerate(desk.raters):
                mark = ":material/radio_button_checked:" if name == chosen else ":material/radio_button_unchecked:"
                st.button(
                    escape(name, 40), key=f"review-as-{number}", icon=mark, on_click=moves.read_as,
                    args=(studio.project, name),
                )  # fmt: skip
        with st.popover("Another person reads", icon=":material/group_add:"):
            st.markdown("A second person reads the same rows without seeing your verdicts until both are done.")
            st.text_input("Name or initials", key="review-second", max_chars=40)
            st.button("Read as this person", key="review-add", on_click=_second, args=(studio,))
    return chosen


def _second(studio: Studio) -> None:
    moves.read_as(studio.project, str(st.session_state.get("review-second") or ""))


def _left_out(desk: Desk) -> None:
    told = []
    if desk.queue.sealed or desk.sealed_items:
        sealed = desk.queue.sealed + desk.sealed_items
        told.append(f":material/lock: {plural(sealed, 'row')} of the sealed test part are left out of this review.")
    if desk.gone_items:
        told.append(f"{plural(desk.gone_items, 'row')} of this review were left out by another step since.")
    if told:
        st.caption(" ".join(told))  # safe: figures and words of ours


def _more(studio: Studio, desk: Desk) -> None:
    inside = {item.row_id for item in desk.items}
    flagged = len(
        [row for row in waiting(studio.project, ids_of(studio.project, studio.version.id)) if row not in inside]
    )
    with st.container(horizontal=True):
        if flagged:
            st.button(
                f"Add {plural(flagged, 'flagged row')}",
                icon=":material/flag:",
                key="review-flagged",
                on_click=moves.attempt,
                args=(take_flagged, studio.project, desk.queue),
            )
        _earlier(studio, desk)
        if st.button("New review", icon=":material/refresh:", key="review-another", help="Draws other rows"):
            _new(True)
            st.rerun()


def _earlier(studio: Studio, desk: Desk) -> None:
    """A review is never lost by starting another: choose which one to go on with."""
    found = {queue.id: queue for queue in queues(studio.project)}
    if len(found) < 2:
        return
    st.selectbox(
        "Which review",
        list(found)[::-1],
        index=list(found)[::-1].index(desk.queue.id),
        format_func=lambda name: f"{plural(len(found[name].items), 'row')}, started {when(found[name].created)}",
        key=f"review-which-{desk.queue.id}",
        label_visibility="collapsed",
        width=300,
        on_change=_use,
        args=(studio.project, f"review-which-{desk.queue.id}"),
    )


def _use(project: Project, key: str) -> None:
    moves.attempt(use_queue, project, str(st.session_state[key]))


def _new(on: bool) -> None:
    st.session_state[NEW] = on
