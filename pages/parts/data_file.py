"""File and columns, one line each, open to look at and to change."""

from __future__ import annotations

import streamlit as st

from engine.data.mapping import Mapping
from engine.data.read_result import ReadResult
from pages.parts.data_mapping import mapping_words
from pages.parts.data_read import read_notes, rejects
from pages.parts.data_source import file_details
from pages.parts.data_words import read_sentence, reject_sentence
from pages.parts.safe_text import escape
from pages.parts.studio import Studio

EDIT = "data-edit"  # "columns" while the user changes the mapping of rows that are in use
DONE = ":green[:material/check_circle:]"


def file_and_columns(studio: Studio) -> None:
    """What was read, and what each column is for."""
    source, read = studio.source, studio.read
    label = f"{DONE} **File** {escape(source.file, 60)}: {escape(read_words(read))}"
    file = st.expander(label, key="done-file", on_change="rerun")
    if file.open:
        with file:
            read_notes(read)
            rejects(read)
            file_details(studio.project, source, read, studio.sealed)
    mapping = Mapping.model_validate(studio.versions[0].step.settings)
    columns = st.expander(
        f"{DONE} **Columns** {escape(mapping_words(mapping), 160)}", key="done-columns", on_change="rerun"
    )
    if columns.open:
        with columns:
            st.markdown("Other columns make new rows from the file; the rows you have now stay in the history.")
            st.button("Change the columns", key="map-again", on_click=_edit_columns)


def read_words(read: ReadResult) -> str:
    """What was read and what could not be read, in one line."""
    return f"{read_sentence(read)} {reject_sentence(read.reject_count)}".strip()


def _edit_columns() -> None:
    st.session_state[EDIT] = "columns"
