"""Rows from production logs: drop the file, say which columns tell a good answer, see at once how many are left."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from engine.data.columns import guess_columns
from engine.data.grow.logs import Collected, LogPlan, collect
from engine.data.grow.rulebook import grow_rules
from engine.data.grow.start import Local, store_file
from engine.data.mapping import Mapping
from engine.data.read_result import ReadResult
from engine.errors import TuneworthError
from pages.parts.data_grow_local import start
from pages.parts.page import problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural

NONE = "(none)"
RATING_NAMES = ("rating", "feedback", "score", "stars", "thumbs", "vote", "csat")
CHECKED_NAMES = ("verified", "checked", "approved", "reviewed")
REASONS = {"rating": "not rated well", "not checked": "not checked by a person", "unreadable": "unreadable"}


def logs_form(studio: Studio) -> None:
    """Drop a log, choose its columns, start."""
    st.markdown(
        "Drop an export of questions and answers from daily use. Best with a column that says how good the answer was. "
        "Rows that are there already are left out by themselves."
    )
    given = st.file_uploader("Log of questions and answers", key="grow-log")
    if given is None:
        return
    try:
        stored, read = store_file(studio.project, given.getvalue(), given.name)
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return
    key = stored.sha256[:12]
    mapping = _mapping(read, key)
    left, right = st.columns(2)
    with left:
        rating = _column("Column with the rating", read, RATING_NAMES, f"grow-rating-{key}")
    with right:
        verified = _column("Column that says a person checked it", read, CHECKED_NAMES, f"grow-verified-{key}")
    most = int(st.number_input("At most so many rows", 1, grow_rules().pending_most, 500, key=f"grow-log-most-{key}"))
    plan = LogPlan(rating=rating, verified=verified)
    try:
        found = collect(read.frame, mapping, plan, read.file)
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return
    _counted(read, found)
    if not rating and not verified:
        st.caption("Without a rating or a check every answer counts as good: look at each of them.")
    if found.candidates and st.button("Choose the rows", key="grow-log-start", icon=":material/inventory:"):
        start(studio.project, Local(method="logs", file=stored, mapping=mapping, plan=plan, rows=most))


def _mapping(read: ReadResult, key: str) -> Mapping:
    guess = guess_columns(read.frame).mapping()
    if guess.columns("messages"):
        st.caption(f"Conversations are in the column {escape(guess.columns('messages')[0])}.")
        return guess
    columns = read.columns
    asked, answered = guess.columns("user"), guess.columns("assistant")
    left, right = st.columns(2)
    with left:
        question = str(st.selectbox("Question", columns, _place(columns, asked, 0), key=f"grow-log-q-{key}"))
    with right:
        answer = str(
            st.selectbox("Answer", columns, _place(columns, answered, len(columns) - 1), key=f"grow-log-a-{key}")
        )
    kept = {name: role for name, role in guess.roles.items() if role not in ("user", "assistant", "rejected")}
    return Mapping(roles={**kept, question: "user", answer: "assistant"})


def _place(columns: list[str], found: list[str], other: int) -> int:
    return columns.index(found[0]) if found else other


def _column(label: str, read: ReadResult, names: tuple[str, ...], key: str) -> str:
    options = [NONE, *read.columns]
    guess = next((name for name in read.columns if any(word in name.lower() for word in names)), NONE)
    chosen = str(st.selectbox(label, options, options.index(guess), key=key))  # safe: labels are ours
    return "" if chosen == NONE else chosen


def _counted(read: ReadResult, found: Collected) -> None:
    good = len(found.candidates)
    words = f"**{number(good)} of {plural(read.rows, 'row')} can be used.**"
    counts = Counter(item.reason for item in found.left)
    if counts:
        told = ", ".join(
            f"{number(count)} {REASONS.get(reason, 'for another reason')}" for reason, count in counts.items()
        )
        words += f" Left out: {told}."
    st.markdown(words)  # safe: figures and words of ours
