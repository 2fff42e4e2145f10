"""Train: start a run on the project's rows, watch it, and read in one sentence how it ended."""

import streamlit as st

from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.start import RunView, runs
from pages.parts.page import page_header
from pages.parts.state import require_project
from pages.parts.train_list import CHOSEN, NEW, earlier_runs
from pages.parts.train_run import ended, running
from pages.parts.train_setup import setup

LEAD = "Teach a model your examples. It runs on its own, keeps the best version, and can be stopped and gone on with."


def main() -> None:
    """Draw the state the project is in."""
    project = require_project()
    page_header("Train", LEAD)
    found = runs(project)
    alive = [view for view in found if not view.job.ended_state]
    shown = alive[0] if alive else _chosen(found)
    if shown is None:
        setup(project)
    elif alive:
        running(shown)
        _waiting(project, alive[1:])
    else:
        ended(project, shown)
    if found:
        earlier_runs(found, shown)


def _chosen(found: list[RunView]) -> RunView | None:
    """The run to show: the one picked in the list, else the newest, unless a new one is being set up."""
    if st.session_state.get(NEW) or not found:
        return None
    picked = st.session_state.get(CHOSEN)
    return next((view for view in found if view.run.id == picked), found[0])


def _waiting(project: Project, queue: list[RunView]) -> None:
    """Runs behind the one that is shown."""
    for view in queue:
        words, stop = st.columns([5, 1], vertical_alignment="center")
        words.markdown(":material/schedule: Another run waits for its turn.")
        stop.button(
            "Do not start it", key=f"unqueue-{view.run.id}", on_click=JobManager(project).stop, args=(view.run.id,)
        )


main()
