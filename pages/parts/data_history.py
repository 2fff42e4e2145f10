"""History: every version of the rows, with undo, redo and a way back to rows that were set aside."""

from __future__ import annotations

import streamlit as st

from engine.data.page_view import return_to, set_aside
from engine.data.records import DatasetVersion
from engine.data.versions import redo, undo
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_words import STEP_DONE
from pages.parts.safe_text import escape, show_rows
from pages.parts.words import number, plural, when

SHOWN = 200


def history(project: Project, versions: list[DatasetVersion], undone: list[DatasetVersion]) -> None:
    """Buttons, then the list, newest first."""
    with st.container(horizontal=True):
        st.button(
            "Undo last step",
            icon=":material/undo:",
            key="history-undo",
            disabled=len(versions) < 2,
            on_click=_do,
            args=(undo, project),
        )
        st.button(
            "Redo", icon=":material/redo:", key="history-redo", disabled=not undone, on_click=_do, args=(redo, project)
        )
    _table(versions, undone)
    _others(project)


def _table(versions: list[DatasetVersion], undone: list[DatasetVersion]) -> None:
    import pandas as pd

    states = {version.id: "used" for version in versions} | {version.id: "undone" for version in undone}
    states[versions[-1].id] = "in use now"
    rows = [
        {
            "When": when(version.created),
            "Step": STEP_DONE.get(version.step.name, version.step.name),
            "Rows before": version.step.rows_in,
            "Rows after": version.step.rows_out,
            "Changed": version.step.changed,
            "State": states[version.id],
            "Fingerprint": version.sha256[:12],
        }
        for version in [*undone[::-1], *versions[::-1]]
    ]
    whole = st.column_config.NumberColumn(format="localized", width="small")
    show_rows(pd.DataFrame(rows[:SHOWN]), column_config=dict.fromkeys(("Rows before", "Rows after", "Changed"), whole))


def _others(project: Project) -> None:
    """Rows of an earlier file or mapping: kept, and one click away."""
    found = set_aside(project)
    if not found:
        return
    st.subheader("Rows set aside", anchor=False)
    st.markdown("Made from another file, other columns or other steps. They are kept and can be used again.")
    for version, file in found[:10]:
        words, button = st.columns([5, 1], vertical_alignment="center")
        step = STEP_DONE.get(version.step.name, version.step.name)
        words.markdown(
            f"{plural(version.rows, 'row')} of **{escape(file, 60)}**, last step {escape(step.lower())}, "
            f"{when(version.created)}, fingerprint {escape(version.sha256[:8])}"
        )
        button.button(
            "Use these",
            key=f"use-{version.id}",
            width="stretch",
            help=f"{number(version.rows)} rows become the rows in use; yours stay in this list.",
            on_click=_do,
            args=(return_to, project, version.id),
        )


def _do(action: object, *args: object) -> None:
    try:
        action(*args)  # type: ignore[operator]
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
