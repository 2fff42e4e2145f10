"""What the keys and buttons of the review do: save a verdict, take it back, move. Each saves before anything is drawn.

Only three things live in the session: who reads, which row is on screen, and whether a fix or a reason is being typed.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from engine.data.review.desk import Desk, add_rater, open_desk
from engine.data.review.queue import queue_items, require_queue
from engine.data.review.verdicts import Opinion, give, undo_last, with_fix
from engine.data.versions import require_version
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import some_rows
from pages.parts.page import problem

RATER, AT, MODE, NOTE = "review-rater", "review-at", "review-mode", "review-note"
REFUSED = "review-refused"
QUESTION, ANSWER, REASON = "review-question", "review-answer", "review-reason"


def desk_of(project: Project) -> Desk:
    """The queue in use with the rows in use (kept between runs)."""
    queue = require_queue(project)
    wanted = tuple(item.row_id for item in queue_items(project, queue))
    version = require_version(project).id
    rows: pd.DataFrame = _rows_kept(str(project.path), version, wanted, project)
    return open_desk(project, queue, rows)


def _rows(folder: str, version_id: str, wanted: tuple[int, ...], _project: Project) -> pd.DataFrame:
    return some_rows(_project, version_id, wanted)


_rows_kept = st.cache_resource(max_entries=4, show_spinner=False)(_rows)  # a key press must not read a large version


def place_of(desk: Desk, rater: str) -> int:
    """Index of the row on screen: the one moved to, else the first that is not read."""
    rows = [item.row_id for item in desk.open_items]
    at = st.session_state.get(AT)
    if at in rows:
        return rows.index(at)
    left = desk.left(rater)
    return rows.index(left[0]) if left else 0


def attempt(action: Callable[..., object], *args: object) -> bool:
    """Do something that may be refused; a refusal is shown by `refusal` in the next drawing.

    Callbacks of a fragment may not draw, so the sentence waits in the session.
    """
    try:
        action(*args)
    except TuneworthError as error:
        st.session_state[REFUSED] = (error.message, error.hint)
        return False
    return True


def refusal() -> None:
    """Show once why the last key or button did nothing."""
    told = st.session_state.pop(REFUSED, None)
    if told is not None:
        problem(*told, tone="caution")


def move(row_id: int) -> None:
    """Put another row on screen."""
    st.session_state[AT] = row_id
    st.session_state.pop(MODE, None)


def mode(name: str) -> None:
    """Start to type a fix or to choose a reason; an empty name stops it."""
    st.session_state[MODE] = name


def judge(project: Project, rater: str, row_id: int, opinion: Opinion, turn: int, seen: str) -> None:
    """Save a verdict on the row that was drawn, then go to the next one that is not read."""
    attempt(_judge, project, rater, row_id, opinion, turn, seen)


def drop(project: Project, rater: str, row_id: int, reason: str, turn: int, seen: str) -> None:
    """Drop for a reason, with the note that was typed."""
    note = str(st.session_state.get(f"{NOTE}-{row_id}-{turn}") or "")
    judge(project, rater, row_id, Opinion("drop", reason, note), turn, seen)


def fix(project: Project, rater: str, row_id: int, turn: int, seen: str) -> None:
    """Save the corrected text that was typed."""

    def typed(name: str) -> str:
        return str(st.session_state.get(f"{name}-{row_id}-{turn}") or "")

    desk = desk_of(project)
    if row_id not in desk.texts:
        st.session_state[REFUSED] = ("This row is not there any more.", "Look at the next one.")
        return
    messages = with_fix(desk.messages(row_id), typed(QUESTION) or None, typed(ANSWER))
    judge(project, rater, row_id, Opinion("fix", typed(REASON), typed(NOTE), messages), turn, seen)


def undo(project: Project, rater: str, last: str) -> None:
    """Take the last verdict back and show that row."""

    def back() -> None:
        move(undo_last(desk_of(project), rater, last).row_id)

    attempt(back)


def read_as(project: Project, name: str) -> None:
    """Go on as this reader; a new name is registered."""

    def register() -> None:
        st.session_state[RATER] = add_rater(project, require_queue(project), name)
        st.session_state.pop(AT, None)
        st.session_state.pop(MODE, None)

    attempt(register)


def _judge(project: Project, rater: str, row_id: int, opinion: Opinion, turn: int, seen: str) -> None:
    desk = desk_of(project)
    give(desk, rater, row_id, opinion, turn=turn, seen=seen)
    rows = [item.row_id for item in desk.open_items]
    left = set(desk.left(rater))
    here = rows.index(row_id)
    following = [row for row in [*rows[here + 1 :], *rows[:here]] if row in left]
    move(following[0] if following else row_id)
