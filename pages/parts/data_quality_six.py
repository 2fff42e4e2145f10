"""The six quality questions: computed where a program can tell, asked where only a person can."""

from __future__ import annotations

import streamlit as st

from engine.data.quality.six_questions import Reply, SixAnswer, State, save_answer
from engine.data.review.said import review_said
from engine.errors import TuneworthError
from pages.parts.data_quality_look import Look
from pages.parts.data_quality_todo import open_tab
from pages.parts.safe_text import escape

STATES: dict[State, str] = {
    "good": ":green[:material/check_circle:] yes",
    "look": ":orange[:material/error_outline:] not quite",
    "open": ":gray[:material/help:] open",
}
REPLIES: dict[Reply, str] = {"yes": "Yes", "no": "No", "unsure": "Not sure"}
REVIEW = ("Review", "Read rows", "Review by people")


def six_part(look: Look) -> None:
    """Six cards, two in a row."""
    good = sum(item.state == "good" for item in look.answers)
    st.markdown(f"**{good:d} of 6 questions are answered with yes.** Your answers are saved with the project.")
    said = review_said(look.studio.project)
    read = {"correct": said.share, "consistent": said.agreement} if said else {}
    with st.grid(2, min_column_width=320):
        for item in look.answers:
            _card(look, item, read.get(item.name, ""))
    _read(look)


def _card(look: Look, item: SixAnswer, read: str) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{escape(item.title)}?** {STATES[item.state]}")  # safe: states are a table of ours
        st.markdown(escape(item.verdict, 500))
        if read:
            st.markdown(f":material/rate_review: Read by people: {escape(read, 900)}")
        if not item.asked:
            st.caption("Computed from the rows.")
            return
        key = f"six-{look.studio.source.id}-{item.name}"
        st.radio(
            escape(item.asked),
            ["yes", "no", "unsure"],
            index=list(REPLIES).index(item.reply) if item.reply else None,
            format_func=REPLIES.__getitem__,
            key=key,
            horizontal=True,
            on_change=_save,
            args=(look, item.name, key),
        )
        if item.earlier:
            st.caption("Answered before the rows were changed: still so?")


def _save(look: Look, name: str, key: str) -> None:
    reply = st.session_state[key]
    if reply is None:
        return
    try:
        save_answer(look.studio.project, look.studio.source.id, look.studio.version.id, name, reply)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _read(look: Look) -> None:
    from pages.parts.data_tabs import TABS  # the list of tabs imports this part

    tab = next((tab.name for tab in TABS if tab.name in REVIEW and tab.when(look.studio)), None)
    if tab is not None:
        st.button("Read a sample of 100 rows", key="six-review", on_click=open_tab, args=(tab,))
        st.caption("Reading rows answers the first, second and fourth question better than any number.")
