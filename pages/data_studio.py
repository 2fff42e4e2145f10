"""Data Studio: from a file to rows a model can learn from, every step visible and undoable."""

from typing import Any

import streamlit as st

from engine.data.mapping_checks import first_draft
from engine.data.page_view import latest_source, save_draft, sealed_rows, set_aside, undone, use_source
from engine.data.records import DatasetVersion, Source, Split
from engine.data.source_table import SourceTable
from engine.data.split import current_split
from engine.data.versions import chain
from engine.jobs.job import Job
from engine.project.project import Project
from pages.parts.data_cache import file_of, guess_of
from pages.parts.data_clean import clean_form, clean_job, steps_table
from pages.parts.data_file import EDIT, file_and_columns, read_words
from pages.parts.data_history import history
from pages.parts.data_import import make_rows, making, reading
from pages.parts.data_mapping import mapping_form
from pages.parts.data_next_file import prepare_job, prepared_words
from pages.parts.data_read import read_notes, rejects
from pages.parts.data_same_steps import same_steps
from pages.parts.data_source import empty_card, file_details
from pages.parts.data_split import split_job, split_sentence
from pages.parts.data_split_form import split_form
from pages.parts.data_tabs import TABS
from pages.parts.data_words import result_sentence
from pages.parts.jobs import show_job
from pages.parts.page import guard, next_button, page_header, problem, section, verdict
from pages.parts.safe_text import escape
from pages.parts.state import require_project
from pages.parts.studio import Studio, studio_of


def main() -> None:
    """Draw the state the project is in."""
    project = require_project()
    page_header(
        "Data Studio", "From your file to clean, split rows a model can learn from. Your file is never changed."
    )
    versions = chain(project)
    source = latest_source(project, versions[-1] if versions else None)
    if reading(project, source):
        return
    if source is None:
        empty_card(project)
        return
    if making(project, max(source.created, versions[-1].created if versions else 0.0)):
        return
    split = current_split(project)
    newest = max([version.created for version in versions[-1:]] + [split.created if split else 0.0])
    if _preparing(project, newest):
        return
    if not versions or versions[0].source_id != source.id or st.session_state.get(EDIT) == "columns":
        _map(project, source, file_of(project, source), versions)
        return
    job = clean_job(project, newest)
    if job is not None and not job.ended_state:
        file_and_columns(studio_of(project, source, versions))
        section("Clean")
        show_job(job.id)
    elif len(versions) == 1:
        _clean(project, source, versions, job)
    else:
        _ready(project, source, versions, job)


def _preparing(project: Project, newest: float) -> bool:
    """The job that prepares the next file: True while it runs; one that ended badly is shown above the rest."""
    job = prepare_job(project, newest)
    if job is None:
        return False
    if not job.ended_state:
        section("Prepare the next file", "The rows you have now stay in use until everything is done.")
    show_job(job.id)
    return not job.ended_state


def _map(project: Project, source: Source, read: SourceTable, versions: list[DatasetVersion]) -> None:
    """A file is read: which column is what?"""
    here = "are" if len(read.parts) > 1 else "is"
    verdict(read_words(read), f"{source.file} {here} in your project. Check what each column is for, then go on.")
    read_notes(read)
    rejects(read)
    guess = guess_of(project, source)
    draft = first_draft(project, source, guess)
    if mapping_form(project, source.id, read, guess, draft, sealed_rows(project, source.id)):
        with guard(), st.spinner("Making the rows"):
            save_draft(project, source.id, draft)
            make_rows(project, source, read, draft)
            st.session_state.pop(EDIT, None)
            st.rerun()
    same_steps(project, source, versions)
    if versions:
        st.button("Keep the rows I have", key="map-cancel", on_click=_keep, args=(project, versions[0].source_id))
    with st.expander(f"The file as it was read: {escape(source.file, 80)}", icon=":material/description:"):
        file_details(project, source, read)


def _clean(project: Project, source: Source, versions: list[DatasetVersion], job: Job | None) -> None:
    """Rows are mapped, nothing is cleaned."""
    studio = studio_of(project, source, versions)
    file_and_columns(studio)
    section("Clean", "Sensible steps are chosen. Everything is done on this computer.")
    if job is not None:
        show_job(job.id)
    clean_form(project, versions[-1], set(), primary=True)
    back = undone(project)
    if back:
        steps_table(project, versions, back)
    if set_aside(project):
        with st.expander("History", icon=":material/history:"):
            history(studio)


def _ready(project: Project, source: Source, versions: list[DatasetVersion], job: Job | None) -> None:
    """Rows are cleaned: split them, or look at what was done."""
    studio = studio_of(project, source, versions)
    fresh = studio.fresh_split
    words = f"Split: {split_sentence(fresh)}" if fresh else ""
    verdict(result_sentence(versions), words, tone="good" if job is None else "caution")
    if job is not None:
        show_job(job.id)
    prepared_words(project, studio.version.id)
    _split(studio, fresh)
    shown = {tab.name: tab.draw for tab in TABS if tab.when(studio)}
    for draw, place in zip(shown.values(), _tabs(list(shown)), strict=True):
        if place.open:
            with place, guard():
                draw(studio)


def _tabs(names: list[str]) -> Any:
    """The tabs. One that comes or goes, as Split does, must not send the reader back to the first."""
    state = st.session_state
    if state.get("studio-names") != names:
        open_before = state.get("studio")
        state["studio-names"], state["studio-first"] = names, open_before if open_before in names else None
    return st.tabs(names, default=state["studio-first"], key="studio", on_change="rerun")  # safe: a table of ours


def _split(studio: Studio, fresh: Split | None) -> None:
    """The next step: split, or go on when that is done."""
    split = studio.split
    job = split_job(studio.project, split)
    if job is not None:
        show_job(job.id)
        if not job.ended_state:
            return
    if fresh is not None:
        next_button("Next: Providers & ROI", "providers_roi")
        return
    section("Split", "The model learns from one part and is measured on another. Copies never end up on both sides.")
    if split is not None:
        problem(
            "The split was made for an earlier state of the rows.", "Split again, or redo the step.", tone="caution"
        )
    split_form(studio, primary=True)


def _keep(project: Project, source_id: str) -> None:
    st.session_state.pop(EDIT, None)
    use_source(project, source_id)


main()
