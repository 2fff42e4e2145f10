"""The pieces every page is made of: header, verdict, cards, empty state, next button, and errors as sentences.

Texts given to these functions are plain text and escaped here; Markdown in them shows as typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from engine.errors import TuneworthError
from engine.project.workspace import default_root
from pages.parts.error_log import log_exception, log_file
from pages.parts.safe_text import escape
from pages.parts.state import go

Tone = Literal["neutral", "good", "caution", "blocked"]
_ICONS = {
    "neutral": ":material/info:",
    "good": ":material/check_circle:",
    "caution": ":material/error_outline:",
    "blocked": ":material/block:",
}
_COLOURS = {"neutral": "primary", "good": "green", "caution": "orange", "blocked": "red"}


@dataclass(frozen=True)
class Card:
    """One figure: what it is, its value ready for the screen, and how it is worked out."""

    label: str
    value: str
    note: str = ""
    help: str = ""


def page_header(title: str, lead: str = "") -> None:
    """Title and, under it, one sentence on what this page answers."""
    with st.container(gap="xxsmall"):
        st.title(escape(title), anchor=False)
        if lead:
            st.markdown(f":gray[{escape(lead, 600)}]")


def section(title: str, lead: str = "") -> None:
    """A heading inside a page (level 2), with an optional sentence."""
    with st.container(gap="xxsmall"):
        st.header(escape(title), anchor=False)
        if lead:
            st.markdown(f":gray[{escape(lead, 600)}]")


def verdict(sentence: str, detail: str = "", *, tone: Tone = "neutral") -> None:
    """The answer of a page in one sentence, first thing under its header."""
    with st.container(border=True, gap="xsmall"):
        st.header(f":{_COLOURS[tone]}[{_ICONS[tone]}] {escape(sentence, 600)}", anchor=False)
        if detail:
            st.markdown(escape(detail, 1000))


def cards(items: Sequence[Card]) -> None:
    """Three or four equal cards. `help` opens how the figure is worked out."""
    with st.grid(len(items), min_column_width=150):
        for item in items:
            st.metric(
                escape(item.label),
                escape(item.value),
                delta=escape(item.note) or None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help=escape(item.help, 1000) or None,
            )


def next_button(
    label: str,
    page: str,
    *,
    key: str = "next",
    disabled: bool = False,
    why: str = "",
    before: Callable[[], None] | None = None,
) -> None:
    """The one primary button of a page: leads to the next sensible page (by key, e.g. `train`), after `before()`."""
    clicked = st.button(
        escape(label),
        key=key,
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        disabled=disabled,
        help=escape(why) or None,
    )
    if clicked:
        if before is not None:
            before()
        go(page)


def empty_state(
    title: str,
    text: str,
    *,
    key: str,
    action: str = "",
    icon: str = ":material/inbox:",
    expected: str = "",
    primary: bool = True,
) -> bool:
    """A card for "nothing here yet" with a way forward. True in the run where its button was pressed.

    `expected` is an example of the expected format, shown as it is behind a second button.
    """
    with st.container(border=True, gap="small"):
        st.header(escape(title), anchor=False, icon=icon)
        st.markdown(escape(text, 600))
        with st.container(horizontal=True):
            clicked = bool(action) and st.button(
                escape(action), key=f"{key}-action", type="primary" if primary else "secondary"
            )
            if expected:
                with st.popover("Show the expected format", icon=":material/visibility:"):
                    st.code(expected, language=None, wrap_lines=True)
    return clicked


def problem(message: str, hint: str = "", *, tone: Tone = "blocked") -> None:
    """What went wrong in one sentence, and what to do. Orange for caution, red when something is lost or blocked."""
    text = escape(message, 600) + (f"  \n{escape(hint, 600)}" if hint else "")
    (st.error if tone == "blocked" else st.warning)(text, icon=_ICONS[tone])


def show_error(error: Exception) -> None:
    """Show any exception: ours as its sentence and hint; any other calmly, with an id to find it in the log."""
    if isinstance(error, TuneworthError):
        problem(error.message, error.hint, tone="caution")
        return
    root = default_root()
    error_id = log_exception(root, error)
    problem(
        "Something in Tuneworth did not work. Your data is unchanged.",
        f"Try again. If it happens again, report error {error_id} with the file {log_file(root)}.",
    )


@contextmanager
def guard() -> Iterator[None]:
    """Draw a block; an exception in it becomes a sentence. Pages run inside one already, fragments need their own."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the screen is the last stop: shown as a sentence and logged
        show_error(error)
