"""The one progress part: a job as a bar, words, time left and a stop button, live or ended."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.errors import TuneworthError
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from pages.parts.page import guard, problem
from pages.parts.safe_text import escape, show_code
from pages.parts.state import require_project
from pages.parts.words import duration

REFRESH_SECONDS = 1.0
QUIET_SECONDS = 4.0  # after so long without progress the pace so far says nothing about the time left
Draw = Callable[[Job], None]
PAGE_OF_KIND = {
    "train": "train",
    "training": "train",
    "search": "train",
    "managed": "train",
    "predict": "evaluate",
    "evaluate": "evaluate",
    "evaluation": "evaluate",
    "judge": "evaluate",
    "baseline": "evaluate",
    "scan": "compliance",
    "privacy": "compliance",
    "report": "compliance",
}


def show_job(job_id: str, *, done: Draw | None = None, live: Draw | None = None) -> Job:
    """Show a job of the current project and return it.

    While it is alive: bar, words, time left, Stop; refreshed once a second without a rerun of the page, and one rerun
    of the whole page when it ends. `live(job)` draws below the bar on each refresh (no widgets with state in it).
    After a success `done(job)` is drawn instead; a failed, stopped or lost job says so and offers the next try.
    """
    project = require_project()
    job = JobManager(project).get(job_id)
    if job.ended_state:
        _ended(project, job, done)
    else:
        st.fragment(_alive, run_every=REFRESH_SECONDS, key=f"job-{job_id}")(project, job_id, live)
    return job


def time_left(job: Job) -> float | None:
    """Seconds left by the pace so far; None while it is too early to say, or while nothing moves."""
    fraction = job.progress.fraction
    if job.seconds < 3 or fraction < 0.02 or job.quiet_seconds > QUIET_SECONDS:
        return None
    return job.seconds * (1 - fraction) / fraction


def job_page(job: Job) -> str:
    """Key of the page a job belongs to."""
    return PAGE_OF_KIND.get(job.kind, "data_studio")


def _alive(project: Project, job_id: str, live: Draw | None) -> None:
    with guard():
        job = JobManager(project).get(job_id)
        if job.ended_state:
            st.rerun()
        _bar(project, job)
        if live is not None:
            live(job)


def _bar(project: Project, job: Job) -> None:
    with st.container(border=True, gap="small"):
        words, stop = st.columns([5, 1], vertical_alignment="center")
        with words:
            st.markdown(f"**{escape(job.title)}**")
        with stop, st.container(horizontal=True, horizontal_alignment="right"):
            _stop_button(project, job)
        st.progress(job.progress.fraction, text=escape(_sentence(job)))
        st.caption("You can close this window: the work goes on, and this page finds it again.")


def _sentence(job: Job) -> str:
    if job.state == "stopping":
        return "Stopping: what is done so far is being saved. This takes up to half a minute."
    left = time_left(job)
    tail = f", about {duration(left)} left" if left is not None and job.state == "running" else ""
    return f"{job.progress.text}{tail}"


def _stop_button(project: Project, job: Job) -> None:
    st.button(
        "Stopping" if job.state == "stopping" else "Stop",
        key=f"stop-{job.id}",
        disabled=job.state == "stopping",
        help="Saves what is done so far, then ends. If it does not answer within half a minute it is ended anyway.",
        on_click=_stop,
        args=(project, job.id),
    )


def _stop(project: Project, job_id: str) -> None:
    with guard():
        JobManager(project).stop(job_id)


def _resume(project: Project, job_id: str) -> None:
    try:
        JobManager(project).resume(job_id)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _ended(project: Project, job: Job, done: Draw | None) -> None:
    if job.state == "succeeded":
        if done is not None:
            done(job)
        else:
            st.success(f"{escape(job.title)}: done in {duration(job.seconds)}.", icon=":material/check_circle:")
        return
    if job.state == "stopped":
        problem(
            f"{job.title}: stopped after {duration(job.seconds)}. What was done until then is saved.", tone="caution"
        )
    else:
        error = job.error or {"message": "The job failed.", "hint": ""}
        problem(str(error["message"]), str(error.get("hint") or ""))
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.can_resume:
            st.button("Go on from here", key=f"resume-{job.id}", on_click=_resume, args=(project, job.id))
        if job.state != "stopped":
            with st.popover("Show the log", icon=":material/article:"):
                show_code(job.log_tail() or "The log is empty.")
