"""Rows beside each other, those that got worse first, with the differing words marked. Quick at 10,000 rows."""

from __future__ import annotations

import streamlit as st

from engine.evaluation.answer_log import ANSWERS, read_replies
from engine.evaluation.records import EvaluationRun
from engine.evaluation.side_by_side import Cell, Filter, Op, Row, build_rows, counts, select, word_diff
from engine.project.project import Project
from pages.parts.page import section
from pages.parts.safe_text import escape, show_text
from pages.parts.words import plural

PAGE_SIZE = 10
_ALIKE = 0.3  # share of an answer that must be as expected for marks to help
_LONGEST = 1500  # characters of one text on screen
FILTERS: dict[Filter, str] = {
    "worse": "Got worse",
    "better": "Got better",
    "changed": "Answer changed",
    "wrong": "Still wrong",
    "unreadable": "Could not be read",
    "all": "All",
}
_BADGES = {"worse": (":material/trending_down: worse", "orange"), "better": (":material/trending_up: better", "green")}


def show_rows_side_by_side(project: Project, record: EvaluationRun) -> None:
    """Draw filters, search and one page of rows. Says so when the answers are gone."""
    path = project.dir("jobs") / record.id / ANSWERS
    if not path.exists():
        st.caption("The single answers of this evaluation are no longer on disk.")
        return
    baseline = record.verdict.baseline if record.verdict else "base"
    rows = _rows(str(path), record.answers_sha256, record.metric, baseline)
    found = counts(rows)
    section("Row by row", _lead(found, record.verdict is not None))
    shown = [name for name in FILTERS if found[name] and (record.verdict or name not in ("worse", "better", "changed"))]
    first = "worse" if "worse" in shown else shown[0]
    which = st.pills(
        "Show",
        shown,
        default=first,
        required=True,
        format_func=lambda name: f"{FILTERS[name]} ({found[name]:,})",
        key=f"evaluate-filter-{record.id}",
        label_visibility="collapsed",
    )
    search = st.text_input(
        "Search in rows", placeholder="Search", key=f"evaluate-search-{record.id}", label_visibility="collapsed"
    )
    hits = select(rows, which, search or "")
    if not hits:
        st.caption("No row fits.")
        return
    pages = -(-len(hits) // PAGE_SIZE)
    page = int(st.pagination(pages, key=f"evaluate-page-{record.id}-{pages}")) if pages > 1 else 1
    for row in hits[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]:
        _draw(row, record_titles(record))


def record_titles(record: EvaluationRun) -> dict[str, str]:
    """Return name and title of the contestants in order; a best prompt without examples is not shown twice."""
    return {
        result.name: f"Base with {result.examples} examples" if result.name == "prompted" else result.title
        for result in record.contestants
        if result.name != "prompted" or result.examples
    }


def _lead(found: dict[str, int], compared: bool) -> str:
    if not compared:
        return f"{found['all']:,} rows, {found['wrong']:,} not right."
    if not found["worse"]:
        return f"No row got worse; {found['better']:,} got better."
    return f"{plural(found['worse'], 'row')} got worse, {found['better']:,} got better. Look at the worse first."


def _draw(row: Row, titles: dict[str, str]) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Row {row.row_id:d}")
            if row.change in _BADGES:
                text, colour = _BADGES[row.change]
                st.markdown(f":{colour}-badge[{text}]")  # safe: our own words
        show_text(row.prompt, limit=_LONGEST)
        columns = st.columns(len(titles) + 1)
        with columns[0]:
            st.caption("Expected")
            show_text(row.expected, limit=_LONGEST)
        for column, (name, title) in zip(columns[1:], titles.items(), strict=True):
            with column:
                _cell(title, row.cells.get(name), row.expected)


def _cell(title: str, cell: Cell | None, expected: str) -> None:
    if cell is None:
        return
    right = cell.score >= 1
    mark = ":green[:material/check: right]" if right else f":gray[{_why(cell)}]"
    st.caption(f"{escape(title)}  \n{mark}")  # safe: our own words
    if cell.too_long:
        st.caption("Not asked: the prompt is longer than the model can read.")
    elif not cell.answer.strip():
        st.caption("(no answer)")
    else:
        st.markdown(marked(expected[:_LONGEST], cell.answer[:_LONGEST]))  # safe: escaped piece by piece in marked()


def _why(cell: Cell) -> str:
    if not cell.readable:
        return "could not be read"
    cut = ", cut" if cell.hit_limit else ""
    return f"{cell.score:.0%}{cut}" if cell.score else f":material/close: wrong{cut}"


def marked(expected: str, answer: str) -> str:
    """Return the answer as safe Markdown: words not expected on a coloured ground, missing ones struck through.

    An answer that shares little with the expected text is shown without marks, since everything would be marked.
    """
    pieces = word_diff(expected, answer)
    kept = sum(len(text.strip()) for op, text in pieces if op == "equal")
    if expected.strip() == answer.strip() or kept < _ALIKE * len(answer):
        return _safe(answer)
    return "".join(_piece(op, text) for op, text in pieces)


def _piece(op: Op, text: str) -> str:
    core = escape(text, 0)
    if op == "equal" or not core:
        return _safe(text)
    lead, tail = " " * text[0].isspace(), " " * text[-1].isspace()
    inner = f":gray-background[~~{core}~~]" if op == "delete" else f":orange-background[**{core}**]"
    return f"{lead}{inner}{tail}"


def _safe(text: str) -> str:
    """Escape, keeping a blank at both ends that `escape` trims."""
    if not text.strip():
        return " " if text else ""
    return f"{' ' * text[0].isspace()}{escape(text, 0)}{' ' * text[-1].isspace()}"


def _load(path: str, sha256: str, metric: str, baseline: str) -> list[Row]:
    from pathlib import Path

    return build_rows(read_replies(Path(path)), metric, baseline)


_rows = st.cache_resource(max_entries=3, show_spinner="Reading the answers")(_load)
