"""The scan card: sentence first, then figures, what was found (masked), the matrix, and what was not scanned."""

from __future__ import annotations

import streamlit as st

from engine.data.page_view import sealed_rows
from engine.data.versions import current_version
from engine.jobs.job import Job
from engine.privacy.entities import words
from engine.privacy.models import presidio_version
from engine.privacy.records import PrivacyScan
from engine.privacy.report import NOTHING
from engine.privacy.shown import shown_findings
from engine.privacy.start import latest_job, latest_scan, start_scan
from engine.project.project import Project
from pages.parts.jobs import show_job
from pages.parts.page import Card, cards, empty_state, guard, section, verdict
from pages.parts.safe_text import escape, show_rows
from pages.parts.state import go
from pages.parts.words import number, plural, when

HINT = "Column names and greetings are only hints. Look at these columns yourself."
DEEP_HELP = "Runs Presidio as a second opinion and looks for identity numbers of more countries. Much slower."


def scan_part(project: Project) -> None:
    """Draw the scan in the state it is in."""
    dataset = project.records.pointer("dataset")
    if dataset is None:
        if empty_state(
            "There are no rows to scan yet",
            "As soon as you have data, it can be scanned here for personal data, passwords and keys. "
            "The log below is already running.",
            action="Go to Data Studio",
            icon=":material/policy:",
            key="scan-no-data",
        ):
            go("data_studio")
        return
    job, scan = latest_job(project), latest_scan(project)
    if job is not None and not job.ended_state:
        show_job(job.id)
        return
    if job is not None and job.state != "succeeded":
        show_job(job.id)
    if scan is None:
        verdict(
            "These rows have not been scanned for personal data yet.",
            "It takes seconds, and nothing leaves this computer.",
        )
        _scan_again(project, job, primary=True)
        return
    _result(project, scan, job, stale=scan.dataset_id != dataset)


def _result(project: Project, scan: PrivacyScan, job: Job | None, *, stale: bool) -> None:
    report = scan.report
    head, _, names = report.sentence.partition(". ")
    detail = f"{names} Scanned {when(scan.created)}."
    if stale:
        detail = f"The rows have changed since this scan. {detail}"
    verdict(f"{head}.", detail, tone="caution" if stale or report.found else "neutral")
    _figures(scan)
    _scan_again(project, job, primary=stale)
    section("What was found")
    _found(project, scan)
    section("What was not scanned", "No scan finds everything. Tick these off yourself before anything leaves.")
    with st.container(gap="xsmall"):
        for item in report.not_scanned:
            st.markdown(f":orange[:material/visibility_off:] **{escape(item.what)}**: {escape(item.why)}.")
    _suspects(scan)
    _matrix(scan)


def _figures(scan: PrivacyScan) -> None:
    report = scan.report
    kinds = [row for row in report.matrix if row.found]
    looked = f"of {number(len(report.matrix))} looked for"
    cards(
        [
            Card("Rows scanned", number(report.rows), "all rows" if report.rows else "", "Every row, every turn."),
            Card("Findings", number(report.found), NOTHING if not report.found else "see below", "Places, not people."),
            Card("Kinds found", number(len(kinds)), looked, "Kinds of personal data or secrets."),
            Card("Not scanned", number(len(report.not_scanned)), "read the list below", "What no pattern can find."),
        ]
    )


def _scan_again(project: Project, job: Job | None, *, primary: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Scan now" if job is None else "Scan again"
        clicked = st.button(label, key="scan-now", type="primary" if primary else "secondary", icon=":material/policy:")
        deep = bool(presidio_version()) and st.toggle("Deep scan", key="scan-deep", help=DEEP_HELP)
    if clicked:
        with guard():
            start_scan(project, deep=deep)
            st.rerun()


def _found(project: Project, scan: PrivacyScan) -> None:
    kinds = {row.entity: row.found for row in scan.report.matrix if row.found}
    if not kinds:
        st.markdown("No patterns found. That is not a promise that there is no personal data: see the next list.")
        return
    names = {entity: f"{words(entity).capitalize()}: {count:,}" for entity, count in kinds.items()}
    entity = st.selectbox("Kind", list(names), format_func=lambda key: names[key], key=f"found-{scan.id}", width=420)
    rows = shown_findings(project, scan, entity, hidden=_sealed(project))
    show_rows(
        [
            {
                "Row": row.row_id,
                "Where": row.part,
                "Context, masked": row.context,
                "Found by": row.detector,
                "Certainty": row.score,
            }
            for row in rows
        ],
        column_config={
            "Row": st.column_config.NumberColumn(width=50),
            "Where": st.column_config.TextColumn(width=70),
            "Context, masked": st.column_config.TextColumn(width=520),
            "Found by": st.column_config.TextColumn(width=150),
            "Certainty": st.column_config.NumberColumn(format="percent", width=60),
        },
    )
    total = next(row.rows_found for row in scan.report.matrix if row.entity == entity)
    st.caption(
        f"{plural(len(rows), 'place')} shown, found in {plural(total, 'row')}. The values themselves are not stored. "
        "Rows of the sealed test part are counted, not shown."
    )


def _sealed(project: Project) -> frozenset[int]:
    version = current_version(project)
    return sealed_rows(project, version.source_id) if version is not None else frozenset()


def _suspects(scan: PrivacyScan) -> None:
    if not scan.report.suspects:
        return
    with st.expander("Pattern hints: where names may be", icon=":material/person_search:"):
        st.caption(HINT)
        show_rows(
            [{"Where": item["column"], "Why": item["why"], "Rows": item["rows"]} for item in scan.report.suspects]
        )


def _matrix(scan: PrivacyScan) -> None:
    with st.expander("Show everything that was looked for", icon=":material/grid_on:"):
        show_rows(
            [
                {
                    "Kind": row.name,
                    "Found": row.found,
                    "Rows scanned": f"{row.rows_scanned:,} of {row.rows_total:,}",
                    "Scanned by": ", ".join(row.scanned_by),
                    "From score": row.threshold,
                    "Stopped": row.timeouts,
                    "Status": row.status,
                }
                for row in scan.report.matrix
            ]
        )
        st.caption(f"Rules checked on {escape(scan.report.rules_checked)}.")
