"""Rows without any model: values exchanged for others, and general rows at a chosen share."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.data.grow.mix import general_candidates, rows_for_share
from engine.data.grow.rulebook import grow_rules
from engine.data.grow.seeds import seed_rows
from engine.data.grow.start import Local, Stored, start_local, store_file
from engine.data.grow.vary import suggest_slots, vary
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import rows_of
from pages.parts.data_diff import show_pair
from pages.parts.page import guard, problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural

MOST_SLOTS = 6
SLOT_WORDS = {"": "Words of your own, for example cities or products", "days": "Days of the week"}


def start(project: Project, wish: Local) -> None:
    """Start the job and draw it."""
    with guard():
        start_local(project, wish)
        st.rerun()


def vary_form(studio: Studio) -> None:
    """Which values may stand for one another, and an example at once."""
    split = studio.split.id if studio.split else ""
    suggested = _slots_kept(str(studio.project.path), studio.version.id, split, studio.project)
    st.markdown("**Which words can stand for one another?** Divide them by commas; empty a line to leave it out.")
    slots = _typed(suggested, studio.version.id)
    least = grow_rules().number_fewest_digits
    numbers = st.checkbox(
        "Exchange long numbers too (orders, tickets)",
        key="grow-numbers",
        help=f"Numbers of {number(least)} or more digits that are no year, where the answer has no number of its own.",
    )
    left, right = st.columns(2)
    per_row = int(left.number_input("New rows from each row, at most", 1, 10, grow_rules().per_row, key="grow-per"))
    most = int(right.number_input("New rows in all, at most", 1, grow_rules().pending_most, 200, key="grow-most"))
    if not slots and not numbers:
        st.caption("Nothing to exchange yet: write at least two words in a line, or exchange numbers.")
        return
    _example(studio, slots, numbers)
    if st.button("Make the rows", key="grow-vary-start", icon=":material/swap_horiz:"):
        start(studio.project, Local(method="vary", slots=slots, numbers=numbers, per_row=per_row, rows=most))


def _typed(suggested: dict[str, list[str]], version_id: str) -> dict[str, list[str]]:
    """The lists as they were edited; a list of one word is none."""
    slots = {}
    columns = st.columns(2)
    for place, (name, values) in enumerate([*list(suggested.items())[:MOST_SLOTS], ("", [])]):
        label = SLOT_WORDS.get(name) or f"Found after: {escape(name.removeprefix('after '))}"
        typed = columns[place % 2].text_input(label, ", ".join(values), key=f"grow-slot-{version_id}-{place}")
        listed = list(dict.fromkeys(word.strip() for word in typed.split(",") if word.strip()))
        if len(listed) > 1:
            slots[name or "own"] = listed
    return slots


def _example(studio: Studio, slots: dict[str, list[str]], numbers: bool) -> None:
    rows = seed_rows(studio.project).head(400)
    made = vary(rows, slots, per_row=1, numbers=numbers)
    if not made:
        st.caption(f"None of the first {number(len(rows))} rows holds one of these words.")
        return
    from pages.parts.data_grow_review import row_words, talk_words

    seed = int(made[0].seed_row or 0)
    show_pair(row_words(rows, seed), talk_words(made[0].messages), (studio.line(seed), "Would become"))


def general_form(studio: Studio) -> None:
    """Which share, and whose rows."""
    frame = rows_of(studio.project, studio.version.id)
    limits = grow_rules()
    share = st.slider(
        "Share of general rows among all",
        1, int(limits.most_share * 100), int(limits.general_share * 100), format="%d%%", key="grow-share",
        help="About 20% limits forgetting: a model trained on one task only loses others.",
    ) / 100  # fmt: skip
    own = st.radio("Whose rows?", ["Ours", "A file of mine"], horizontal=True, key="grow-whose") == "A file of mine"
    stored = _own_file(studio.project) if own else None
    if own and stored is None:
        return
    have = len(general_candidates()) if stored is None else _rows_in(studio.project, stored)
    wanted = rows_for_share(len(frame), share)
    words = f"{percent(share)} of the mix is {plural(wanted, 'general row')} beside your {number(len(frame))}."
    if have < wanted:
        words += f" There are only {number(have)}, which makes {percent(have / (have + len(frame)))}."
    st.markdown(words)
    if own is False:
        st.caption(
            "Our rows: short everyday tasks in English, written for Tuneworth (Apache-2.0, 2026-11-24). "
            "They count as made rows."
        )
    if st.button("Choose the rows", key="grow-general-start", icon=":material/public:"):
        start(studio.project, Local(method="general", share=share, file=stored))


def _own_file(project: Project) -> Stored | None:
    """The file dropped last; kept in the session, its bytes in the project."""
    given = st.file_uploader("Your general rows: any file Data Studio reads", key="grow-general-upload")
    if given is None:
        return None
    try:
        stored, _ = store_file(project, given.getvalue(), given.name)
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return None
    return stored


def _rows_in(project: Project, stored: Stored) -> int:
    from engine.data.grow.start import read_stored

    return read_stored(project, stored).rows


def _slots(folder: str, version_id: str, split_id: str, _project: Project) -> dict[str, list[str]]:
    frame: pd.DataFrame = seed_rows(_project, 5000)
    return suggest_slots(frame)


_slots_kept = st.cache_resource(max_entries=4, show_spinner="Looking for words that could be exchanged")(_slots)
