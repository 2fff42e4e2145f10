"""Read somewhere else: the rows of a review as Label Studio tasks or as a sheet, and the verdicts back in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from engine.data.review.desk import Desk
from engine.data.review.incoming import ImportReport
from engine.data.review.label_studio import label_config, read_label_studio, tasks_json
from engine.data.review.spreadsheet import read_sheet, sheet
from engine.errors import InputError, TuneworthError
from engine.project.files import safe_name
from engine.project.project import Project
from pages.parts import data_review_moves as moves
from pages.parts.page import problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio

FORMATS = {"xlsx": "Excel workbook", "csv": "CSV file", "json": "Label Studio"}
SAID = "review-imported"


def exchange(studio: Studio, desk: Desk) -> None:
    """A closed part: files out, verdicts in."""
    report = st.session_state.get(SAID)
    part = st.expander(
        "Read in Excel or Label Studio instead", icon=":material/swap_horiz:", key="review-exchange", on_change="rerun"
    )
    if not part.open:  # the files are made only when somebody wants them
        return
    with part:
        left, right = st.columns(2)
        with left:
            _out(desk)
        with right:
            _in(studio)
        if isinstance(report, ImportReport):
            _told(report)
        elif isinstance(report, TuneworthError):
            problem(report.message, report.hint, tone="caution")


def _out(desk: Desk) -> None:
    st.markdown("**Take the rows out**")
    form = st.segmented_control(
        "File", list(FORMATS), default="xlsx", required=True, format_func=lambda name: FORMATS[name],
        key="review-format", label_visibility="collapsed",
    )  # fmt: skip
    try:
        data = tasks_json(desk) if form == "json" else sheet(desk, "csv" if form == "csv" else "xlsx")
    except InputError as error:
        problem(error.message, error.hint, tone="caution")
        return
    with st.container(horizontal=True):
        st.download_button(
            "Download the rows", data, f"review-{desk.queue.id[:6]}.{form}", key="review-out",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if form == "json":
            st.download_button(
                "Set-up for Label Studio", label_config(), "review-label-studio.xml", key="review-config",
                icon=":material/settings:", on_click="ignore",
            )  # fmt: skip
    if form == "json":
        st.caption("In Label Studio paste the set-up under Labeling Interface, then import the rows.")
    else:
        st.caption("Fill in verdict (keep, fix, drop), reason and, for a fix, the corrected text. Order is free.")


def _in(studio: Studio) -> None:
    st.markdown("**Bring the verdicts back**")
    given = st.file_uploader(
        "A filled sheet, or the JSON export of Label Studio", ["csv", "xlsx", "json"], key="review-file"
    )
    st.text_input("Who filled in the sheet?", key="review-file-rater", max_chars=40)
    st.button(
        "Take over the verdicts", key="review-in", disabled=given is None, icon=":material/upload:", on_click=_take,
        args=(studio.project, given.name if given else "", given.getvalue() if given else b""),
    )  # fmt: skip


def _take(project: Project, name: str, data: bytes) -> None:
    desk = moves.desk_of(project)
    try:
        if name.lower().endswith(".json"):
            st.session_state[SAID] = read_label_studio(desk, data, name)
            return
        rater = str(st.session_state.get("review-file-rater") or "").strip()
        if not rater:
            raise InputError("Whose verdicts are these?", "Type the name of the person who filled in the sheet.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / safe_name(name, "review.csv")
            path.write_bytes(data)
            st.session_state[SAID] = read_sheet(desk, path, rater, name)
    except TuneworthError as error:
        st.session_state[SAID] = error


def _told(report: ImportReport) -> None:
    st.markdown(f":material/task_alt: {escape(report.sentence, 400)}")
    listed = [*report.problems, *(f"{row}: not in this review." for row in report.unknown)]
    for text in listed[:20]:
        st.markdown(f"- {escape(text)}")
    if len(listed) > 20:
        st.caption(f"and {len(listed) - 20:,} more.")
