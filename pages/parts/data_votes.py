"""What a person says about pairs of rows: saved at once, and put into the rows with one button."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from engine.data.near_apply import apply_votes
from engine.data.near_store import near_version
from engine.data.near_votes import Choice, vote_on
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import pairs_of, rows_of, waiting_of
from pages.parts.page import guard
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import plural


def use_decisions(studio: Studio) -> None:
    """Decisions that are saved but not yet in the rows, with one button that puts them there."""
    with guard():
        waiting = waiting_of(studio.project, studio.version.id)
        if not waiting:
            return
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="use-decisions"):
            st.markdown(
                f"**{plural(waiting, 'row')}** would change by what you decided. Your decisions are saved; "
                "put them to use now or when you have decided more."
            )
            st.button("Use my decisions", key="use-votes", icon=":material/check:", on_click=_use, args=(studio,))


def decide(
    studio: Studio, before: str, pair: tuple[int, int], choice: Choice, keep: int | None, change: bool, lane: str
) -> None:
    """Save what a person says about two rows (row ids of the version `before`)."""
    with told():
        near = near_version(studio.versions)
        pairs = pairs_of(studio.project, near) if near is not None else None
        frame = rows_of(studio.project, before)
        vote_on(studio.project, frame, pair, choice, keep=keep, change=change, lane=lane, pairs=pairs)


def put_back(project: Project, before: str, pair: tuple[int, int], pairs: pd.DataFrame | None) -> None:
    """A row that was left out is called different from the one that stayed, and is in the rows again."""
    with told():
        vote_on(project, rows_of(project, before), pair, "different", lane="drop", pairs=pairs)
        apply_votes(project)


def _use(studio: Studio) -> None:
    with told():
        apply_votes(studio.project)


@contextmanager
def told() -> Iterator[None]:
    """A callback cannot draw: an error becomes a short message at the edge of the page."""
    try:
        yield
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
