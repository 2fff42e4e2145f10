"""What the pages share: the workspace and the current project. `?project=` in the URL is the only other state."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from engine.errors import TuneworthError
from engine.project.project import Project
from engine.project.workspace import Workspace

_NEXT = "_project_next"  # chosen during this run, taken over at the start of the next one
_ID = "_project_id"
_OPEN = "_project_open"


def workspace() -> Workspace:
    """The workspace of this launch (`TUNEWORTH_WORKSPACE` or the user's data folder)."""
    return Workspace()


def sync_project() -> None:
    """Settle which project is current, once at the start of a run: fresh choice, then URL, then session."""
    state = st.session_state
    chosen = state.pop(_NEXT) if _NEXT in state else st.query_params.get("project") or state.get(_ID)
    state[_ID] = chosen
    if current_project() is None:
        state[_ID] = None
        if "project" in st.query_params:
            del st.query_params["project"]
    elif st.query_params.get("project") != chosen:
        st.query_params["project"] = chosen


def choose_project(project_id: str | None) -> None:
    """Make a project current from the next run on. For callbacks; elsewhere use `go`."""
    st.session_state[_NEXT] = project_id


def go(page: str, project_id: str | None = None) -> NoReturn:
    """Open a page by key (`data_studio`), with another project when given."""
    if project_id is not None:
        choose_project(project_id)
    st.switch_page(f"pages/{page}.py")
    raise AssertionError("unreachable")


def current_project() -> Project | None:
    """The project the user is in, or None."""
    project_id = st.session_state.get(_ID, st.query_params.get("project"))
    if not project_id:
        return None
    opened = st.session_state.get(_OPEN)
    if isinstance(opened, Project) and opened.id == project_id and (opened.path / "project.sqlite").exists():
        return opened
    try:
        project = workspace().open(str(project_id))
    except TuneworthError:
        st.session_state.pop(_OPEN, None)
        return None
    st.session_state[_OPEN] = project
    return project


def require_project() -> Project:
    """The current project. Without one the page offers a way forward and ends here."""
    project = current_project()
    if project is not None:
        return project
    from pages.parts.page import empty_state

    if empty_state(
        "No project is open",
        "Everything you do is kept in a project. Open one, or make one from the sample tickets.",
        action="Go to the start page",
        icon=":material/folder_open:",
        key="no-project",
    ):
        go("start")
    st.stop()
    raise AssertionError("unreachable")
