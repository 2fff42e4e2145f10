"""What was understood from the file: sentence, notes, refused lines, and the settings to read it differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import streamlit as st

from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.source_table import SourceTable
from pages.parts.data_words import DELIMITER_WORDS, ENCODINGS, encoding_word, part_sentence
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_rows
from pages.parts.words import number, plural

REJECTS_PER_PAGE = 200


def read_notes(read: SourceTable) -> None:
    """Files that could not be read, what each file of several holds, and what was repaired or looks odd."""
    for failed in read.source.failed[:20]:
        problem(f"{failed.message} The other files were read.", failed.hint, tone="caution")
    if len(read.parts) > 1:
        with st.expander(f"The {number(len(read.parts))} files, one by one", icon=":material/folder_open:"):
            for part in read.parts[:100]:
                st.markdown(escape(part_sentence(part), 400))
    for text in read.warnings[:5]:
        st.markdown(f":orange[:material/error_outline:] {escape(text)}")
    if len(read.warnings) > 5:
        with st.expander(f"{plural(len(read.warnings) - 5, 'more note')}"):
            for text in read.warnings[5:100]:
                st.markdown(escape(text))


def rejects(read: ReadResult) -> None:
    """The lines that could not be read: number, reason, raw text."""
    if not read.reject_count:
        return
    import pandas as pd

    label = f"See the {plural(read.reject_count, 'line')} that could not be read"
    box = st.expander(label, icon=":material/playlist_remove:", on_change="rerun", key="rejects")
    if not box.open:
        return
    with box:
        page = _page(len(read.rejects))
        shown = read.rejects[(page - 1) * REJECTS_PER_PAGE : page * REJECTS_PER_PAGE]
        frame = pd.DataFrame(
            [{"File": row.file, "Line": row.line, "Why": row.reason, "Text of the line": row.raw} for row in shown]
        )
        if not any(row.file for row in shown):
            frame = frame.drop(columns="File")
        show_rows(frame, column_config={"Line": st.column_config.NumberColumn(width="small", format="localized")})
        st.caption("These lines are left out. Correct them in the file and bring it again, or go on without them.")


def _page(total: int) -> int:
    pages = -(-total // REJECTS_PER_PAGE)
    return int(st.pagination(pages, key="rejects-page")) if pages > 1 else 1


def settings_form(current: ReaderSettings, *, file_format: str, sheets: tuple[str, ...], key: str) -> ReaderSettings:
    """Encoding, delimiter or sheet as the user wants it; equal to `current` when nothing was changed."""
    encoding, delimiter, sheet = current.encoding, current.delimiter, current.sheet
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if file_format == "xlsx":
            sheet = _choose("Sheet", sheets, sheet, f"{key}-sheet")
        elif file_format != "parquet":
            encoding = _choose("Encoding", ENCODINGS, encoding, f"{key}-encoding", encoding_word)
            if file_format in ("csv", "tsv"):
                delimiter = _choose(
                    "Cells are divided by", tuple(DELIMITER_WORDS), delimiter, f"{key}-delimiter", _words
                )
    return ReaderSettings(encoding=encoding, delimiter=delimiter, sheet=sheet)


def _words(delimiter: str) -> str:
    return DELIMITER_WORDS.get(delimiter, delimiter)


def _choose(
    label: str, options: Sequence[str], current: str | None, key: str, words: Callable[[str], str] = str
) -> str | None:
    known = [current, *options] if current is not None and current not in options else list(options)
    index = known.index(current) if current is not None else None
    chosen = st.selectbox(
        escape(label),
        known,
        index=index,
        format_func=words,
        key=key,
        placeholder="Found out by itself",
        width=260,
    )
    return str(chosen) if chosen is not None else None


def preview_table(read: SourceTable, hidden: frozenset[int] = frozenset(), rows: int = 5) -> None:
    """The first rows of the file, as text; `hidden` rows (sealed for the test) are passed over."""
    places = list(islice((row for row in range(read.rows) if row not in hidden), rows))
    shown = read.take(places, read.columns[:50])
    shown.insert(0, "Line", read.lines[places], allow_duplicates=True)
    show_rows(shown, column_config={"Line": st.column_config.NumberColumn(width="small", format="localized")})
    cut = f" The first 50 of {number(len(read.columns))} columns." if len(read.columns) > 50 else ""
    st.caption(f"The first {plural(min(rows, read.rows), 'row')} as read; every cell is kept as text.{cut}")
