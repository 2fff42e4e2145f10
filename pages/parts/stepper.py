"""The row of steps on top of each page: what is done, in words, and a way to each."""

from __future__ import annotations

import streamlit as st

from engine.project.project import Project
from pages.parts.safe_text import escape
from pages.parts.steps import steps


def stepper(project: Project, current: str) -> None:
    """Draw the six steps of a project; the page `current` is marked."""
    with st.container(key="stepper"):
        columns = st.columns(6, gap="xxsmall")
        for column, step in zip(columns, steps(project), strict=True):
            here = step.page.key == current
            icon = "check_circle" if step.done else "radio_button_checked" if here else "radio_button_unchecked"
            with column, st.container(gap=None):
                st.page_link(
                    step.page.path,
                    label=step.page.short,
                    icon=f":material/{icon}:",
                    help=step.page.help,
                    width="stretch",
                )
                st.caption(escape(step.words))
