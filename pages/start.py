"""Start: try the sample, begin with an own file, or go on with a recent project."""

import tempfile
from pathlib import Path

import streamlit as st

from engine.errors import MissingPackage, TuneworthError
from engine.jobs.manager import JobManager
from engine.machine import look_at_machine
from engine.project.records import ProjectInfo
from pages.parts.page import guard, page_header, section, show_error
from pages.parts.safe_text import escape
from pages.parts.state import choose_project, go, workspace
from pages.parts.steps import JOURNEY, next_step, steps
from pages.parts.words import when

SHOWN = 6


def _sample_card() -> None:
    with st.container(border=True, height="stretch", key="card-sample"):
        st.header(":primary[:material/science:] Try it on sample tickets", anchor=False)
        st.markdown(
            "A support desk with tickets, duplicates and personal data in it. See every step with real "
            "numbers, down to a trained demo model. Takes 3 minutes, nothing to install."
        )
        st.space("stretch")
        if st.button("Try the sample", key="start-sample", type="primary", icon=":material/play_arrow:"):
            with guard(), st.spinner("Making the sample project"):
                _open_sample()


def _open_sample() -> None:
    try:
        from engine.demo.sample import create_sample_project
    except ImportError as error:
        raise MissingPackage("The sample is not part of this installation.", "Start with your own file.") from error
    go("fit_check", create_sample_project(workspace()).id)


def _own_card() -> None:
    with st.container(border=True, height="stretch", key="card-own"):
        st.header(":primary[:material/upload_file:] Start with my own file", anchor=False)
        st.markdown("Excel, CSV or JSONL: questions in one column, good answers in another. It stays on this computer.")
        st.space("stretch")
        with st.form("own", border=False, enter_to_submit=True):
            name, button = st.columns([1, 1], gap="small", vertical_alignment="bottom")
            title = name.text_input("Project name", placeholder="Support tickets", max_chars=200, key="start-title")
            pressed = button.form_submit_button("Create project", icon=":material/add:", width="stretch")
    if pressed:
        with guard():
            go("data_studio", workspace().create(title).id)


def _look(root: str) -> str:
    return look_at_machine(Path(root)).sentence


_machine = st.cache_data(ttl=600, show_spinner=False)(_look)


def _recent(projects: list[ProjectInfo]) -> None:
    section("Recent projects")
    with st.container(border=True, gap="small", key="recent"):
        for info in projects[:SHOWN]:
            with guard():
                _row(info)
    if len(projects) > SHOWN:
        with st.expander("Older projects", icon=":material/folder:", key="older", on_change="rerun") as older:
            for info in projects[SHOWN:] if older.open else []:
                with guard():
                    _row(info)


def _row(info: ProjectInfo) -> None:
    project = workspace().open(info.id)
    found, step = steps(project), next_step(project)
    title, progress, buttons = st.columns([5, 4, 3], vertical_alignment="center")
    with title, st.container(gap=None):
        st.markdown(f"**{escape(info.title, 80)}**" + (" :gray-badge[Sample]" if info.demo else ""))
        running = JobManager(project).active()
        st.caption(f"Made {when(info.created)}" + (f". Running: {escape(running[0].title, 60)}" if running else ""))
    done = sum(item.done for item in found)
    progress.progress(done / len(JOURNEY), text=f"{done} of {len(JOURNEY)} steps done")
    with buttons, st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        if st.button("Open", key=f"open-{info.id}"):
            go(step.page.key, info.id)
        if st.button("Delete", key=f"delete-{info.id}", type="tertiary", icon=":material/delete:"):
            st.dialog("Delete this project?")(_delete)(info)


def _delete(info: ProjectInfo) -> None:
    st.markdown(f"**{escape(info.title)}**")
    st.markdown("Its data, runs, results and audit log are deleted from this computer. This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="delete-no"):
            st.rerun()
        if st.button("Delete for good", key="delete-yes", type="primary"):
            with guard():
                workspace().delete(info.id)
                choose_project(None)
                st.rerun()


def _import() -> None:
    with st.expander("Import a project from a file", icon=":material/unarchive:"):
        file = st.file_uploader("Project export (.zip)", type=["zip"], key="import-file")
        if file is not None and st.button("Import", key="import-do"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "project.zip"
                path.write_bytes(file.getbuffer())
                try:
                    found = workspace().bring_in(path)
                except TuneworthError as error:
                    show_error(error)
                    return
            if found.sentence:
                st.toast(escape(found.sentence))
            go(next_step(found.project).page.key, found.project.id)


def main() -> None:
    """Draw the page."""
    page_header(
        "Is fine-tuning worth it for you?",
        "Find out before you pay for it, do it properly if it is, and prove the result. All on this computer.",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _sample_card()
    with right:
        _own_card()
    with guard():
        st.caption(f":material/memory: {escape(_machine(str(workspace().root)))}")
    projects = workspace().list()
    if projects:
        _recent(projects)
    _import()


main()
