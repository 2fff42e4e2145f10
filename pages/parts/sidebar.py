"""The project bar under the navigation: which project, how far, running jobs, new, export, offline line."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from engine.jobs.manager import JobManager
from engine.privacy.consent import Consent
from engine.project.archive import export_archive
from engine.project.files import safe_name
from engine.project.project import Project
from engine.project.records import ProjectInfo
from pages.parts.jobs import job_page
from pages.parts.page import guard
from pages.parts.safe_text import escape, plain, show_code
from pages.parts.state import choose_project, current_project, go, workspace
from pages.parts.steps import JOURNEY, steps
from pages.parts.words import size, when

MAX_DOWNLOAD = 200_000_000
_SELECT = "project-select"


def sidebar() -> None:
    """Draw the project bar."""
    project = current_project()
    with st.sidebar, guard():
        _selector(project)
        if project is not None:
            done = sum(step.done for step in steps(project))
            st.progress(done / len(JOURNEY), text=f"{done} of {len(JOURNEY)} steps done")
            _jobs(project)
        with st.container(horizontal=True, gap="xsmall"):
            if st.button("New", key="sidebar-new", icon=":material/add:", help="Start another project"):
                go("start")
            if project is not None and st.button(
                "Export", key="sidebar-export", icon=":material/archive:", help="The whole project as one file"
            ):
                st.dialog("Export this project", icon=":material/archive:")(_export)(project)
        _leaves(project)


def _leaves(project: Project | None) -> None:
    """What left this computer: nothing, unless somebody agreed at the gate."""
    hosts = sorted({consent.host for consent in project.records.list(Consent)}) if project else []
    if not hosts:
        st.caption(":material/lock: Nothing leaves this computer")
        return
    st.caption(f":material/upload: You agreed to send data to {escape(', '.join(hosts), 120)}. All else stays here.")


def _selector(project: Project | None) -> None:
    titles = distinct_titles(workspace().list())
    if not titles:
        return
    st.session_state[_SELECT] = project.id if project and project.id in titles else None
    st.selectbox(
        "Project",
        list(titles),
        format_func=lambda project_id: titles.get(project_id, ""),
        key=_SELECT,
        placeholder="Choose a project",
        on_change=_selected,
    )


def distinct_titles(projects: list[ProjectInfo]) -> dict[str, str]:
    """Return a label per project id. The selectbox finds its choice by label, so equal titles get their date or id."""
    plain_titles = {info.id: plain(info.title, 60) for info in projects}
    dated = {info.id: f"{plain_titles[info.id]} ({when(info.created)})" for info in projects}
    counts = Counter(plain_titles.values()), Counter(dated.values())
    return {
        key: title if counts[0][title] == 1 else dated[key] if counts[1][dated[key]] == 1 else f"{title} ({key[:6]})"
        for key, title in plain_titles.items()
    }


def _selected() -> None:
    choose_project(st.session_state[_SELECT])


def _jobs(project: Project) -> None:
    running = [job.id for job in JobManager(project).active()]
    if running:
        st.fragment(_running_jobs, run_every=2.0, key="running-jobs")(project, len(running))


def _running_jobs(project: Project, known: int) -> None:
    with guard():
        active = JobManager(project).active()
        if len(active) != known:
            st.rerun()
        for job in active:
            page = next(info for info in JOURNEY if info.key == job_page(job))
            with st.container(gap="xxsmall"):
                st.page_link(page.path, label=escape(job.title, 40), icon=page.icon, width="stretch")
                st.progress(job.progress.fraction)


def _export(project: Project) -> None:
    st.markdown(
        "One file with everything: data, runs, results and the audit log. Import it on any computer with Tuneworth."
    )
    if not st.button("Make the file", type="primary", key="export-make"):
        return
    with guard(), st.spinner("Packing the project"):
        folder = workspace().root / "exports"
        folder.mkdir(exist_ok=True)
        out = export_archive(project, folder / f"{safe_name(project.title, 'project')}-{project.id[:6]}.zip")
        weight = out.stat().st_size
        st.markdown(f"Done: {size(weight)}. The file is here:")
        show_code(out)
        if weight <= MAX_DOWNLOAD:
            st.download_button("Download", out.read_bytes(), out.name, "application/zip", icon=":material/download:")
