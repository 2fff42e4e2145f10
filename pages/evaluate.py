"""Evaluate: is the tuned model really better? One verdict, its interval, and every row beside it."""

from __future__ import annotations

import streamlit as st

from engine.data.split import current_split
from engine.evaluation.start import KIND, current_evaluation
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.records import TrainingRun, result_of
from pages.parts.evaluate_result import show_result
from pages.parts.evaluate_setup import setup
from pages.parts.jobs import show_job
from pages.parts.page import empty_state, page_header, section
from pages.parts.state import go, require_project


def main() -> None:
    """Draw the page: running, result, ready, or the way there."""
    project = require_project()
    page_header("Evaluate", "Is the tuned model really better, on rows nobody has seen? Measured, not felt.")
    jobs = JobManager(project).list(KIND)
    running = next((job for job in jobs if not job.ended_state), None)
    if running is not None:
        _running(running)
        return
    record = current_evaluation(project)
    if jobs and jobs[-1].state != "succeeded" and (record is None or record.created < jobs[-1].created):
        show_job(jobs[-1].id)
    run = _newest_run(project)
    if record is None:
        _before_the_first(project, run)
        return
    measured_newest = run is None or record.run_id == run.id
    show_result(project, record, primary=measured_newest)
    if run is not None and not measured_newest:
        section("Measure the newest run", "The result above is from before it.")
        setup(project, run)
    else:
        with st.expander("Measure again", icon=":material/replay:"):
            setup(project, run, primary=False)


def _running(job: Job) -> None:
    st.markdown("Every model answers the same rows. What is answered is saved at once.")
    show_job(job.id)


def _newest_run(project: Project) -> TrainingRun | None:
    """Return the newest run that has a trained model."""
    runs = [run for run in project.records.list(TrainingRun) if result_of(project, run.id) is not None]
    return runs[-1] if runs else None


def _before_the_first(project: Project, run: TrainingRun | None) -> None:
    if current_split(project) is None:
        if empty_state(
            "Nothing to measure yet",
            "A fair test needs rows that are set aside before training. Prepare and divide your data first.",
            action="Go to the Data Studio",
            icon=":material/balance:",
            key="evaluate-data",
        ):
            go("data_studio")
        return
    if run is not None:
        setup(project, run)
        return
    if empty_state(
        "No trained model yet",
        "Train one, then come back: it will be measured on test rows that it has never seen, against the base model "
        "and against the best prompt for it.",
        action="Go to Train",
        icon=":material/balance:",
        key="evaluate-train",
    ):
        go("train")
    section(
        "Or measure the base model first", "Then you know what a tuned model has to beat. The test rows stay sealed."
    )
    setup(project, None, primary=False)


main()
