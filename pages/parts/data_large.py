"""A million rows: files are written by a job into the project, not by the page."""

from __future__ import annotations

import streamlit as st

from engine.data.records import Split
from engine.data.start import start_export
from engine.data.targets import targets
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from pages.parts.data_cache import sample_note
from pages.parts.jobs import show_job
from pages.parts.page import guard, verdict
from pages.parts.safe_text import escape, show_code
from pages.parts.studio import Studio
from pages.parts.words import number, plural, size

PARTS = {"train": "Training rows", "validation": "Validation rows"}


def large_export(studio: Studio) -> bool:
    """Draw the export of a large dataset; False when it is not large and the page can do it at once."""
    if not sample_note(studio.version):
        return False
    if studio.split is None:
        st.markdown("Split the rows first: each part becomes a file of its own.")
        return True
    job = _job(studio, studio.split)
    if job is not None:
        show_job(job.id, done=lambda ended: _written(studio, ended))
        if not job.ended_state:
            return True
    _form(studio, studio.split)
    return True


def _job(studio: Studio, split: Split) -> Job | None:
    jobs = [job for job in JobManager(studio.project).list("export") if job.settings.get("split_id") == split.id]
    return jobs[-1] if jobs else None


def _written(studio: Studio, job: Job) -> None:
    result = job.result or {}
    left = int(result.get("left_out", 0))
    rest = f"{plural(left, 'row')} left out. The first: {result['first']}" if left else "No row had to be left out."
    verdict(f"{plural(int(result['rows']), 'row')} written, {size(int(result['bytes']))}.", rest, tone="good")
    show_code(str(studio.project.dir("reports") / str(result["file"])))


def _form(studio: Studio, split: Split) -> None:
    known = targets()
    left, right = st.columns([3, 2])
    target = left.selectbox(
        "Format", list(known), format_func=lambda name: known[name].title, key="large-export-target"
    )
    part = right.segmented_control(
        "Rows", list(PARTS), default="train", required=True, format_func=PARTS.__getitem__, key="large-export-part"
    )
    st.caption(
        f"With {number(studio.version.rows)} rows this takes some minutes. The file is written into the project's "
        "folder; rows that break a rule of the format are left out and counted."
    )  # safe: figures
    if st.button(escape("Write the file"), key="large-export", icon=":material/save:"):
        with guard():
            start_export(studio.project, split, str(part), str(target))
            st.rerun()
