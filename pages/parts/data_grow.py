"""The tab Grow: is it sensible, rows waiting to be looked at, and four ways to get more."""

from __future__ import annotations

import streamlit as st

from engine.data.grow.accept import waiting
from engine.data.grow.start import KIND, LOCAL
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from pages.parts.data_grow_local import general_form, vary_form
from pages.parts.data_grow_logs import logs_form
from pages.parts.data_grow_model import model_form
from pages.parts.data_grow_need import need
from pages.parts.data_grow_refused import only_refused
from pages.parts.data_grow_review import review_batches
from pages.parts.jobs import show_job
from pages.parts.page import section
from pages.parts.studio import Studio

WAY = "grow-way"
WAYS = {
    "logs": (
        ":material/inventory:", "From real use", "Answers of a running system that people liked or checked.", logs_form,
    ),
    "vary": (
        ":material/swap_horiz:", "Vary without a model", "Names, days and numbers exchanged for others of their kind.",
        vary_form,
    ),
    "model": (
        ":material/edit_note:", "Ask a model", "Other wordings or new rows, by a model here or elsewhere.", model_form,
    ),
    "general": (
        ":material/public:", "Mix in general rows", "Everyday tasks, so that the model keeps what it could do.",
        general_form,
    ),
}  # fmt: skip


def grow(studio: Studio) -> None:
    """Draw the tab."""
    need(studio)
    job = _job(studio)
    if job is not None:
        show_job(job.id)
        if not job.ended_state:
            return
    batches = waiting(studio.project)
    if batches:
        review_batches(studio, batches)
    else:
        only_refused(studio)
    section(
        "Make more" if batches else "Four ways to more rows",
        "New rows wait here until you have looked at them. Made rows are marked, and only ever train.",
    )
    _ways()
    way = st.session_state.get(WAY)
    if way in WAYS:
        with st.container(border=True, key="grow-form"):
            WAYS[way][3](studio)


def _ways() -> None:
    with st.grid(len(WAYS), min_column_width=190):
        for way, (icon, title, text, _) in WAYS.items():
            with st.container(border=True, height="stretch", gap="xsmall", key=f"grow-card-{way}"):
                st.markdown(f"{icon} **{title}**  \n:gray[{text}]")  # safe: a table of ours
                chosen = st.session_state.get(WAY) == way
                st.button(
                    "Close" if chosen else "Choose",
                    key=f"grow-choose-{way}",
                    on_click=_choose,
                    args=(None if chosen else way,),
                )


def _choose(way: str | None) -> None:
    st.session_state[WAY] = way


def _job(studio: Studio) -> Job | None:
    """The newest growing job while it runs, or when it ended otherwise than well and the rows are still those."""
    jobs = [job for job in JobManager(studio.project).list() if job.kind in (KIND, LOCAL)]
    if not jobs or jobs[-1].state == "succeeded":
        return None
    old = jobs[-1].ended_state and studio.version.created > jobs[-1].created
    return None if old else jobs[-1]
