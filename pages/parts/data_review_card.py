"""One row at a time: large, with the reason why it is here, and keep / fix / drop by key or button."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.data.messages import Message
from engine.data.review.desk import Desk
from engine.data.review.records import Judgement, QueueItem
from engine.data.review.rules import review_rules
from engine.data.review.verdicts import Opinion, talk_parts
from pages.parts import data_review_moves as moves
from pages.parts.page import problem
from pages.parts.safe_text import ROLES, escape, plain, show_text
from pages.parts.studio import Studio
from pages.parts.words import duration, number, plural

MOST_TYPED = 100_000  # characters a text field of a browser handles without getting slow


def progress(desk: Desk, rater: str) -> None:
    """How far, and how long it will take at this reader's own pace."""
    rows, left = len(desk.open_items), len(desk.left(rater))
    pace = desk.pace(rater)
    known = len(desk.book.moments(rater)) > 5
    text = f"{number(rows - left)} of {plural(rows, 'row')} read"
    if left:
        guess = "at your pace" if known else "at a usual pace"
        text += f", about {duration(left * pace)} left {guess} ({duration(pace)} a row)"
    st.progress((rows - left) / rows if rows else 1.0, text=text)  # safe: figures and words of ours


def card(studio: Studio, desk: Desk, rater: str) -> None:
    """The row on screen with its keys."""
    items = desk.open_items
    place = moves.place_of(desk, rater)
    item = items[place]
    st.session_state[moves.AT] = item.row_id  # stays on screen, whatever another tab does meanwhile
    line = desk.book.of(rater).get(item.row_id)
    _head(studio, desk, item, line, place, len(items))
    state = st.session_state.get(moves.MODE)
    turn, seen = desk.book.turn(rater, item.row_id), desk.print_of(item.row_id)
    if state == "fix":
        _fix_form(studio, desk, rater, item.row_id, turn, seen)
        return
    if state == "drop":
        _reasons(studio, rater, item.row_id, turn, seen)
    else:
        _keys(studio, desk, rater, place)
    with st.container(border=True, gap="xsmall", key="review-row"):
        _talk(desk.messages(item.row_id))


def _head(studio: Studio, desk: Desk, item: QueueItem, line: Judgement | None, place: int, rows: int) -> None:
    why = escape(" ".join(item.why)) if item.why else "drawn at random"
    also = " Also drawn at random." if item.why and item.sampled else ""
    st.markdown(f"**Row {place + 1:,} of {rows:,}** · {escape(studio.line(item.row_id))} · Why it is here: {why}{also}")
    if item.fingerprint != desk.print_of(item.row_id):
        st.caption("Another step has changed this row since the review was started. You see it as it is now.")
    if line is not None:
        reason = f" ({review_rules().reasons[line.reason].title.lower()})" if line.reason else ""
        note = f" {line.note}" if line.note else ""
        stale = " The text was changed since: please read it again." if desk.changed(line) else ""
        st.markdown(f":blue[:material/how_to_reg:] You said: **{escape(line.action + reason)}**{escape(note + stale)}")
        if line.messages is not None and item.row_id not in desk.applied:
            st.caption("Your corrected answer:")
            show_text(talk_parts(line.messages)[2], limit=2000)


def _talk(talk: Sequence[Message]) -> None:
    for turn in talk:
        st.caption(escape(ROLES.get(turn["role"], turn["role"])))
        show_text(turn["content"] or "(empty)", limit=20_000)


def _keys(studio: Studio, desk: Desk, rater: str, place: int) -> None:
    items = desk.open_items
    row = items[place].row_id
    turn, seen = desk.book.turn(rater, row), desk.print_of(row)
    fixed = row in desk.applied
    last = desk.book.last(rater)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep", icon=":material/check:", key="review-keep", shortcut="K", disabled=fixed,
            on_click=moves.judge, args=(studio.project, rater, row, Opinion("keep"), turn, seen),
        )  # fmt: skip
        st.button(
            "Fix", icon=":material/edit:", key="review-fix", shortcut="F", disabled=fixed,
            on_click=moves.mode, args=("fix",),
        )  # fmt: skip
        st.button(
            "Drop", icon=":material/close:", key="review-drop", shortcut="D", disabled=fixed,
            on_click=moves.mode, args=("drop",),
        )  # fmt: skip
        st.space("small")
        st.button(
            "Undo", icon=":material/undo:", key="review-undo", shortcut="U", disabled=last is None,
            help="Takes your last verdict back", on_click=moves.undo,
            args=(studio.project, rater, last.id if last else ""),
        )  # fmt: skip
        st.button(
            "Back", key="review-back", shortcut="Up", disabled=place == 0,
            on_click=moves.move, args=(items[max(place - 1, 0)].row_id,),
        )  # fmt: skip
        st.button(
            "Next", key="review-next", shortcut="Down", disabled=place == len(items) - 1,
            on_click=moves.move, args=(items[min(place + 1, len(items) - 1)].row_id,),
        )  # fmt: skip
    if fixed:
        st.caption("The verdict on this row is already part of your rows. To change it, undo the step in History.")


def _reasons(studio: Studio, rater: str, row: int, turn: int, seen: str) -> None:
    st.markdown("**Drop it. Why?** Press the number.")
    with st.container(horizontal=True):
        for place, (key, reason) in enumerate(review_rules().reasons.items(), start=1):
            st.button(
                escape(reason.title), key=f"review-why-{key}", help=escape(reason.meaning), shortcut=str(place),
                on_click=moves.drop, args=(studio.project, rater, row, key, turn, seen),
            )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("In your words (needed for Other)", key=f"{moves.NOTE}-{row}-{turn}", max_chars=500, width=420)
        st.button("Cancel", key="review-cancel", shortcut="Esc", on_click=moves.mode, args=("",))


def _fix_form(studio: Studio, desk: Desk, rater: str, row: int, turn: int, seen: str) -> None:
    line = desk.book.of(rater).get(row)
    talk = line.messages if line is not None and line.messages is not None else desk.messages(row)
    before, question, answer = talk_parts(talk)
    reasons = review_rules().reasons
    if len(question) + len(answer) > MOST_TYPED:
        problem("This row is too long to be corrected here.", "Take the rows out as a file below.", tone="caution")
        st.button("Cancel", key="review-cancel", shortcut="Esc", on_click=moves.mode, args=("",))
        return
    with st.form(f"review-form-{row}-{turn}", border=True):
        if before:
            st.caption("What was said before")
            show_text(before, limit=4000)
        st.text_area("Question", question, key=f"{moves.QUESTION}-{row}-{turn}", height=_height(question))
        st.text_area("Answer", answer, key=f"{moves.ANSWER}-{row}-{turn}", height=_height(answer))
        st.radio(  # safe: keys of ours. Not pills: Enter would take a choice back
            "What was wrong",
            list(reasons),
            index=None,
            horizontal=True,
            format_func=lambda key: reasons[key].title,
            key=f"{moves.REASON}-{row}-{turn}",
        )
        st.text_input("In your words (needed for Other)", key=f"{moves.NOTE}-{row}-{turn}", max_chars=500)
        st.form_submit_button(
            "Save the fix", icon=":material/save:", key="review-save",
            on_click=moves.fix, args=(studio.project, rater, row, turn, seen),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Cancel", key="review-cancel", shortcut="Esc", on_click=moves.mode, args=("",))
        st.caption("Ctrl+Enter in a text field saves, too.")  # no shortcut: the text field would save a second time


def _height(text: str) -> int:
    """Pixels: a line per 90 characters, within limits."""
    lines = sum(1 + len(plain(part)) // 90 for part in text.split("\n"))
    return min(420, max(90, 26 * lines + 40))
