"""The data report to take along, and what all files that leave Data Studio share: their name and their log line."""

from __future__ import annotations

import streamlit as st

from engine.data.report import data_report, report_html, report_markdown
from engine.project.files import safe_name, sha256_bytes
from engine.project.project import Project
from pages.parts.safe_text import escape
from pages.parts.studio import Studio


def report_buttons(studio: Studio) -> None:
    """Both forms of the report, made anew when rows, split or log changed."""
    html, markdown = _report_kept(str(studio.project.path), studio.version.id, _state(studio), studio.project)
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, text, kind, mime in (
            ("Report (HTML)", html, "html", "text/html"),
            ("Report (Markdown)", markdown, "md", "text/markdown"),
        ):
            st.download_button(
                escape(label),
                text,
                f"{stem(studio)}-data-report.{kind}",
                mime,
                icon=":material/description:",
                key=f"report-{kind}",
                on_click=written,
                args=(studio.project, studio.version.id, "all", f"report-{kind}", sha256_bytes(text.encode()), 0),
            )
        st.caption("What came in, every step with its reasons, quality, split, leaks. Counts only, not one row.")


def _state(studio: Studio) -> str:
    """What the report depends on beside the version: the split, and how long the audit log is."""
    return f"{studio.split.id if studio.split else ''} {studio.project.audit.head().seq}"


def stem(studio: Studio) -> str:
    """File name of the source without its ending, safe to write."""
    return safe_name(studio.source.file, "data").rsplit(".", 1)[0]


def written(project: Project, version: str, part: str, target: str, sha256: str, rows: int) -> None:
    """Put a file that was taken along on record. For callbacks."""
    project.audit.append(
        "export.write", {"split": version, "sha256": sha256}, {"part": part, "target": target, "rows": rows}
    )


def _reported(folder: str, version_id: str, state: str, _project: Project) -> tuple[str, str]:
    report = data_report(_project)
    return report_html(report), report_markdown(report)


_report_kept = st.cache_resource(max_entries=2, show_spinner="Writing the report")(_reported)
