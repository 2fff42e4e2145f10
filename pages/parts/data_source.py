"""Bring a file: the empty card with its drop zone, the file that is in use, and reading it differently."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from engine.data.import_files import upload_of
from engine.data.read_result import ReaderSettings
from engine.data.records import Source
from engine.data.source_table import SourceTable
from engine.data.sources import add_file
from engine.errors import InputError
from engine.project.project import Project
from pages.parts.data_import import bring, read_again
from pages.parts.data_read import preview_table, settings_form
from pages.parts.page import guard, show_error
from pages.parts.safe_text import escape
from pages.parts.words import size

TYPES = ["csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "json", "jsonl", "ndjson", "parquet"]
TABLE = """question,answer
Where is my order 1042?,It left our warehouse on Monday.
"I was charged twice, why?",The second one is a reservation; it disappears."""
TALK = """{"messages": [
  {"role": "user", "content": "Where is my order?"},
  {"role": "assistant", "content": "It left our warehouse on Monday."}]}"""


STYLE = """.st-key-data-empty [data-testid="stFileUploaderDropzone"] {
  padding-block: 2.6rem; border: 1px dashed color-mix(in srgb, currentColor 35%, transparent);
}"""


def empty_card(project: Project) -> None:
    """Nothing here yet: drop a file, take the sample, or see what is expected."""
    st.html(f"<style>{STYLE}</style>")
    with st.container(border=True, gap="medium", key="data-empty"):
        with st.container(gap="xsmall"):
            st.header(":primary[:material/upload_file:] Bring your examples", anchor=False)
            st.markdown(
                "A table with what people ask in one column and a good answer, or the right category, in another. "
                "A few hundred good rows are enough to start."
            )
        upload_zone(project, key="first")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Try the sample data", type="primary", icon=":material/science:", key="data-sample"):
                with guard(), st.spinner("Reading the sample"):
                    _take_sample(project)
            expected_format()


def upload_zone(project: Project, *, key: str, base: Source | None = None) -> None:
    """Drop zone for one file or several; they go into the project at once, because uploads vanish on a page switch.

    With `base` the rows are put behind the rows of that source.
    """
    files = st.file_uploader(
        "Drop one or more CSV, Excel, JSON or Parquet files here",
        type=TYPES,
        key=f"upload-{key}",
        max_upload_size=4096,
        accept_multiple_files=True,
    )
    if not files:
        return
    files = _newer(files, key)
    try:
        with st.spinner("Reading the file" if len(files) == 1 else f"Reading {len(files)} files"):
            bring(project, files, _chosen(key), base)
    except InputError as error:
        st.session_state[f"refused-{key}"] = [file.file_id for file in files]
        show_error(error)
        if "delimiter" in error.hint or "encoding" in error.hint:
            settings_form(ReaderSettings(), file_format="csv", sheets=(), key=f"try-{key}")
        return
    st.session_state.pop("data-edit", None)
    st.rerun()


def _newer(files: list[UploadedFile], key: str) -> list[UploadedFile]:
    """The drop zone keeps a file that was refused; beside a newer one it is not tried again."""
    refused = st.session_state.get(f"refused-{key}", [])
    return [file for file in files if file.file_id not in refused] or files


def _chosen(key: str) -> ReaderSettings:
    """What the user chose below the drop zone after a first try failed."""
    state = st.session_state
    return ReaderSettings(encoding=state.get(f"try-{key}-encoding"), delimiter=state.get(f"try-{key}-delimiter"))


def expected_format() -> None:
    """What a good file looks like, behind a button."""
    with st.popover("Show the expected format", icon=":material/visibility:"):
        st.markdown("**A table** (CSV, TSV, Excel, Parquet). Column names are yours; you say what each is for.")
        st.code(TABLE, language=None, wrap_lines=True)
        st.markdown("**Or conversations** (JSON, or JSONL with one per line), as OpenAI and others export them.")
        st.code(TALK, language=None, wrap_lines=True)


def file_details(project: Project, source: Source, read: SourceTable, hidden: frozenset[int] = frozenset()) -> None:
    """First rows, how to read the file differently, and ways to bring more rows or another file."""
    preview_table(read, hidden)
    _read_differently(project, source)
    with st.expander("Add rows from another file", icon=":material/playlist_add:"):
        st.markdown("The rows follow the ones you have. Columns are matched by name; you check them again.")
        upload_zone(project, key=f"add-{source.id}", base=source)
    with st.expander("Use another file instead", icon=":material/upload_file:"):
        st.markdown("The file takes the place of this one. The rows you have now stay in the history.")
        upload_zone(project, key=source.id)


def _read_differently(project: Project, source: Source) -> None:
    parts = source.files()
    if all(part.format == "parquet" for part in parts):
        return
    label = "Letters look wrong, or columns run together? Read it differently"
    if parts[0].format == "xlsx" and len(parts) == 1:
        label = "Not the right sheet? Read another one"
    with st.expander(label, icon=":material/tune:"):
        place = _which(source) if len(parts) > 1 else 0
        part = parts[place]
        key = source.id if len(parts) == 1 else f"{source.id}-{place}"
        now = upload_of(part).settings
        wanted = settings_form(now, file_format=part.format, sheets=tuple(part.sheets), key=key)
        if wanted != now:
            with guard(), st.spinner("Reading the file again"):
                read_again(project, source, wanted, place)
                st.rerun()
        st.caption(f"{size(part.bytes)}, fingerprint {escape(part.sha256[:12])}. The file itself is never changed.")


def _which(source: Source) -> int:
    names = [part.file for part in source.files()]
    return int(st.selectbox("File", range(len(names)), format_func=lambda place: names[place], key=f"part-{source.id}"))


def _take_sample(project: Project) -> None:
    from engine.demo.sample import sample_file

    add_file(project, sample_file())
    st.rerun()
