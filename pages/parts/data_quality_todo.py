"""What to do, the most effective first, with a button each that does it or leads to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.data.quality.fixes import sensible_number, sensible_share, take_fewer, take_fewer_answers, write_one_way
from engine.data.quality.recommend import Act, Recommendation
from engine.data.quality.start import start_meaning
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_quality_look import Look
from pages.parts.page import section
from pages.parts.safe_text import escape
from pages.parts.words import number, percent

SHOWN = 5
LEADS: dict[Act, tuple[str, tuple[str, ...]]] = {
    "cleaning": ("Open Cleaning", ("Cleaning",)),
    "view": ("See what the model sees", ("What the model sees",)),
    "split": ("Open Split", ("Split",)),
    "collect": ("Add rows", ("Grow", "Add rows", "File and columns")),
}
PARTS: dict[Act, tuple[str, str]] = {
    "odd": ("Show these rows", "Rows that stand out"),
    "answer": ("Answer the questions", "Six questions"),
}


def todo(look: Look) -> None:
    """The list: the first five, the rest behind one click."""
    if not look.todo:
        return
    section("What to do, most effective first")
    for place, tip in enumerate(look.todo[:SHOWN], start=1):
        _tip(look, tip, place)
    rest = look.todo[SHOWN:]
    if rest:
        with st.expander(f"{number(len(rest))} more"):
            for place, tip in enumerate(rest, start=SHOWN + 1):
                _tip(look, tip, place)


def _tip(look: Look, tip: Recommendation, place: int) -> None:
    with st.container(border=True, gap="xsmall"):
        words, button = st.columns([4, 1.3], vertical_alignment="center")
        with words:
            st.markdown(f"**{place:d}. {escape(tip.title)}**")
            counted = tip.gravity > 1 or tip.name == "odd"
            touched = f" Touches {percent(tip.share)} of the rows." if counted and 0.005 <= tip.share < 1 else ""
            st.markdown(f":gray[{escape(tip.why, 500)}{touched}]")
        with button:
            _button(look, tip)


def _button(look: Look, tip: Recommendation) -> None:
    key = f"todo-{tip.name}"
    if tip.act in LEADS:
        label, wanted = LEADS[tip.act]
        tab = next((name for name in wanted if name in _tabs(look)), None)
        if tab is None:
            st.caption("See the form above the tabs.")
        else:
            st.button(label, key=key, width="stretch", on_click=open_tab, args=(tab,))  # safe: a table of ours
    elif tip.act in PARTS:
        label, part = PARTS[tip.act]
        st.button(label, key=key, width="stretch", on_click=open_part, args=(part,))  # safe: a table of ours
    elif tip.act == "spelling":
        st.button(
            "Write them one way", key=key, width="stretch", on_click=_do, args=(write_one_way, look.studio.project)
        )
    elif tip.act == "fewer":
        counts: dict[str, int] = look.known["balance"].numbers["counts"]
        label, most = next(iter(counts.items()))
        _fewer(key, label, most, sensible_number(counts.values()), partial(take_fewer, look.studio.project, label))
    elif tip.act == "fewer_answers":
        told = look.known["repeated"].numbers
        most, rows = int(told["count"]), look.studio.version.rows
        name = str(told["answer"]) or "the most common answer"
        _fewer(key, name, most, sensible_share(most, rows), partial(take_fewer_answers, look.studio.project))
    else:
        st.button("Compare meanings", key=key, width="stretch", on_click=_compare, args=(look.studio.project,))


def _fewer(key: str, name: str, most: int, enough: int, change: Callable[[int], object]) -> None:
    with st.popover("Take fewer", width="stretch"):
        st.markdown(f"Keep how many of the {most:,} rows of **{escape(name, 80)}**? They are drawn at random.")
        keep = int(st.number_input("Rows to keep", 1, max(most - 1, 1), max(1, min(enough, most - 1)), key=f"{key}-n"))
        st.button("Take fewer rows", key=key, on_click=_do, args=(change, keep))
        st.caption("A new step in Cleaning. Undo brings the rows back.")


def open_tab(name: str) -> None:
    """Open another tab of Data Studio (in a callback)."""
    st.session_state["studio"] = name


def open_part(name: str) -> None:
    """Open a part of the quality tab (in a callback)."""
    st.session_state["quality-part"] = name


def _tabs(look: Look) -> list[str]:
    from pages.parts.data_tabs import TABS  # the list of tabs imports this part

    return [tab.name for tab in TABS if tab.when(look.studio)]


def _compare(project: Project) -> None:
    open_part("Meaning")
    _do(start_meaning, project)


def _do(change: Callable[..., object], *args: object) -> None:
    try:
        change(*args)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
