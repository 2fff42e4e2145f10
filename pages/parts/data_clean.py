"""Clean: choose steps, run them as a job, and see per step what went in and came out, with undo beside it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.data.recipe import ALL_STEPS, Recipe, StepName
from engine.data.records import DatasetVersion
from engine.data.start import start_cleaning
from engine.data.versions import redo, undo_to
from engine.errors import TuneworthError
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.machine import look_at_machine
from engine.project.project import Project
from pages.parts.data_words import STEP_CHOICES, STEP_DONE
from pages.parts.page import guard
from pages.parts.safe_text import escape
from pages.parts.words import number

ENCODERS = {
    "minilm": "Careful: reads whole sentences (MiniLM, about a minute for 10,000 rows)",
    "static": "Fast: compares words (for 50,000 rows and more)",
}


def clean_job(project: Project, newest: float) -> Job | None:
    """The cleaning job worth showing: running, or ended badly and nothing was made since (`newest`)."""
    jobs = JobManager(project).list("clean")
    if not jobs or (jobs[-1].ended_state and (jobs[-1].state == "succeeded" or _outdated(jobs[-1], newest))):
        return None
    return jobs[-1]


def clean_form(project: Project, version: DatasetVersion, done: set[str], *, primary: bool) -> None:
    """Steps to choose, sensible ones on, and one button."""
    compare = can_compare(project)
    chosen: list[StepName] = []
    with st.container(border=True, gap="small", key="clean-form"):
        for name in ALL_STEPS:
            label, explain = STEP_CHOICES[name]
            able = name != "near_duplicates" or compare
            on = able and name not in done
            if st.checkbox(
                escape(label), on, key=f"step-{version.id}-{name}", help=escape(explain, 400), disabled=not able
            ):
                chosen.append(name)
        encoder = _encoder(version, compare and "near_duplicates" in chosen)
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button(
                "Clean",
                key="clean-start",
                type="primary" if primary else "secondary",
                icon=":material/cleaning_services:",
                disabled=not chosen,
            )
            st.caption("Nothing is lost: every row left out is listed with its reason, and every step can be undone.")
    if pressed:
        with guard():
            start_cleaning(project, Recipe.model_validate({"steps": chosen, "encoder": encoder}))
            st.rerun()


def steps_table(project: Project, versions: list[DatasetVersion], undone: list[DatasetVersion]) -> None:
    """One line per step: rows in, rows out, what it did, and Undo; undone steps below, with Redo."""
    with st.container(border=True, gap="xsmall", key="clean-steps"):
        _line("Step", "Rows before", "Rows after", "What it did", head=True)
        for version in versions[1:]:
            button = _line(*_cells(version))
            button.button(
                "Undo",
                key=f"undo-{version.id}",
                icon=":material/undo:",
                type="tertiary",
                help="Back to the rows before this step. Steps after it are undone too; Redo brings them back.",
                on_click=_move,
                args=(project, version.parent),
            )
        for place, version in enumerate(undone):
            button = _line(*_cells(version), faded=True)
            if place == 0:
                button.button(
                    "Redo", key="redo", icon=":material/redo:", type="tertiary", on_click=_redo, args=(project,)
                )
    for note in {version.step.note for version in versions if version.step.note}:
        st.caption(f":material/info: {escape(note, 400)}")


def _line(
    step: str, before: str, after: str, what: str, *, head: bool = False, faded: bool = False
) -> st.delta_generator.DeltaGenerator:
    columns = st.columns([4, 1.2, 1.2, 3.4, 1.2], vertical_alignment="center")
    for column, text in zip(columns, (step, before, after, what), strict=False):
        safe = escape(text)
        column.markdown(f":gray[{safe}]" if head or faded else safe)
    return columns[4]


def _cells(version: DatasetVersion) -> tuple[str, str, str, str]:
    step = version.step
    return STEP_DONE.get(step.name, step.name), number(step.rows_in), number(step.rows_out), _did(version)


def _did(version: DatasetVersion) -> str:
    step = version.step
    parts = []
    if step.dropped > 0:
        parts.append(f"{number(step.dropped)} left out")
    if step.dropped < 0:
        return f"{number(-step.dropped)} added"
    if step.changed:
        parts.append(f"{number(step.changed)} changed")
    asked = step.counts.get("look at it", 0) + step.counts.get("conflict", 0)
    if asked:
        parts.append(f"{number(asked)} for you to look at")
    return ", ".join(parts) or "nothing to do"


def _encoder(version: DatasetVersion, offered: bool) -> str:
    if not offered:
        return "minilm"
    return str(
        st.selectbox(
            "How to compare meaning",
            list(ENCODERS),
            index=0 if version.rows <= 50_000 else 1,
            format_func=lambda name: ENCODERS[name],
            key=f"encoder-{version.id}",
            width=520,
        )
    )


def _move(project: Project, version_id: str) -> None:
    try:
        undo_to(project, version_id)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _redo(project: Project) -> None:
    try:
        redo(project)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))


def _outdated(job: Job, newest: float) -> bool:
    return job.ended is not None and newest > job.ended


def can_compare(project: Project) -> bool:
    """Whether the parts that compare meanings are installed."""
    return bool(_can_compare_kept(str(project.workspace_root)))


def _can_compare(root: str) -> bool:
    return look_at_machine(Path(root)).can["embed"]


_can_compare_kept = st.cache_data(ttl=600, show_spinner=False)(_can_compare)
