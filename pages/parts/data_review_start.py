"""Start a review: how many rows, what they can show, who reads, and which flagged rows come along."""

from __future__ import annotations

import streamlit as st

from engine.data.review.queue import sample_promise, start_queue, waiting
from engine.data.review.rules import review_rules
from engine.data.review.undecided import flag_undecided, undecided
from pages.parts import data_review_moves as moves
from pages.parts.data_cache import decisions_of, ids_of
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import duration, plural


def start_form(studio: Studio) -> None:
    """The card of a project without a review, or of the next one."""
    limits = review_rules().queue
    frame = ids_of(studio.project, studio.version.id)
    rows = int((~frame["row_id"].isin(studio.sealed)).sum())
    if not rows:
        st.markdown("Every row is in the sealed test part, so there is nothing to read.")
        return
    moves.refusal()
    st.subheader("Let a person read some rows", anchor=False)
    st.markdown(
        "No program can tell whether an answer is right. Read rows drawn at random, one by one, and say keep, fix "
        "or drop: then you know how many of all rows are wrong, and why."
    )
    size = _size(rows)
    st.markdown(
        f"{escape(sample_promise(size, rows), 400)} Reading them takes about {duration(size * limits.seconds_per_row)}."
    )
    lanes = _undecided(studio)
    flagged = len(waiting(studio.project, frame))
    also = st.checkbox(
        f"Also read {plural(lanes, 'row')} that cleaning could not decide", key="review-lanes", value=lanes <= 50
    ) if lanes else False  # fmt: skip
    if flagged:
        first = f", {limits.most_flagged:,} of them now" if flagged > limits.most_flagged else ""
        st.caption(f"{plural(flagged, 'row')} flagged elsewhere will come along{first}.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Your name or initials", key="review-name", max_chars=40, width=260)
        st.number_input(
            "Draw number", 0, 1_000_000, 0, key="review-seed", width=140,
            help="The same number draws the same rows again (seed)",
        )  # fmt: skip
        st.button(
            "Start reading", icon=":material/play_arrow:", key="review-start", on_click=_start,
            args=(studio, size, bool(also)),
        )  # fmt: skip
    if studio.sealed:
        st.caption(
            f":material/lock: {plural(len(studio.sealed), 'row')} of the sealed test part cannot be drawn: nobody "
            "looks at them before the evaluation."
        )


def _size(rows: int) -> int:
    limits = review_rules().queue
    most = min(limits.largest, rows)
    if most <= limits.fewest:
        return most
    return int(st.slider("Rows to read", limits.fewest, most, min(limits.sample, most), key="review-size"))


def _undecided(studio: Studio) -> int:
    """Rows the cleaning could not decide about, and nobody has."""
    project = studio.project
    decisions = decisions_of(project, tuple(version.id for version in studio.versions))
    return len(undecided(project, ids_of(project, studio.version.id), decisions))


def _start(studio: Studio, size: int, lanes: bool) -> None:
    name = str(st.session_state.get("review-name") or "").strip()
    seed = int(st.session_state.get("review-seed") or 0)
    size = int(st.session_state.get("review-size") or size)  # moved since this was drawn
    if not name:
        st.session_state[moves.REFUSED] = (
            "Type your name or initials first.", "A second person may read the same rows later."
        )  # fmt: skip
        return

    def begin() -> None:
        if lanes:
            flag_undecided(studio.project)
        start_queue(studio.project, size, seed)
        moves.read_as(studio.project, name)
        st.session_state.pop("review-new", None)

    moves.attempt(begin)
