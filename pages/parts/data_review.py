"""What the cleaning decided, row by row: left out, maybe the same, contradictions, changed; pairs side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.data.near_redecide import DECISIONS
from engine.data.near_store import STEP, near_version
from engine.data.page_view import full_text
from engine.data.read_result import ReadResult
from pages.parts.data_cache import decisions_of, ids_of, pairs_of, some_rows
from pages.parts.data_diff import show_pair
from pages.parts.data_lanes import lane_of_pairs
from pages.parts.data_threshold import threshold
from pages.parts.data_votes import put_back, use_decisions
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural

ROWS_PER_PAGE = 100
LANES = {
    "drop": ("Left out", "Rows that are not in your data any more, each with its reason."),
    "ask": (
        "Maybe the same",
        "Close in meaning, but not surely the same. Both rows are kept until you decide. The likeliest come first.",
    ),
    "conflict": (
        "Contradictions",
        "The same question with different answers confuses a model. All are kept until you choose which is right.",
    ),
    "change": ("Changed", "Rows whose spaces were made even, and rows you changed or put back."),
}


def review(studio: Studio) -> None:
    """Choose a kind of decision and see its rows; sealed rows (test part) are counted, not shown."""
    every = decisions_of(studio.project, tuple(version.id for version in studio.versions))
    sealed = studio.sealed
    hidden = every["row_id"].isin(sealed) | every["partner"].isin(sealed)
    back = (every["action"] == "drop") & every["row_id"].isin(ids_of(studio.project, studio.version.id)["row_id"])
    decisions = every[~hidden & ~back]
    threshold(studio)
    use_decisions(studio)
    counts = decisions["action"].value_counts()
    totals = {name: max(every.attrs.get("totals", {}).get(name, 0), int(count)) for name, count in counts.items()}
    cut = {name for name, count in every["action"].value_counts().items() if count < totals.get(name, 0)}
    lanes = [lane for lane in LANES if counts.get(lane, 0)]
    if not lanes:
        return
    lane = st.segmented_control(
        "What was decided",
        lanes,
        default=lanes[0],
        required=True,
        format_func=lambda lane: f"{LANES[lane][0]} ({number(totals[lane] if lane in cut else int(counts[lane]))})",
        key="lane",
        label_visibility="collapsed",
    )
    lane = lane if lane in lanes else lanes[0]
    st.markdown(f":gray[{escape(LANES[lane][1])}]")
    if lane in cut:
        st.caption(f"The first {plural(int(counts[lane]), 'row')} of {number(totals[lane])} are listed.")
    shown = decisions[decisions["action"] == lane].reset_index(drop=True)
    if lane in ("ask", "conflict"):
        lane_of_pairs(studio, shown, lane)
    else:
        _table(studio, shown, lane)
    if hidden.any():
        st.caption(f":material/lock: Not listed, because the test part is sealed: {plural(int(hidden.sum()), 'row')}.")


def _table(studio: Studio, decisions: pd.DataFrame, lane: str) -> None:
    shown = _filtered(decisions, lane)
    page = _page(len(shown), ROWS_PER_PAGE, f"page-{lane}")
    part = shown.iloc[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE].reset_index(drop=True)
    partners = [number(_line(studio.read, int(row))) if pd.notna(row) else "" for row in part["partner"]]
    table = pd.DataFrame(
        {
            "Line": [_line(studio.read, row) for row in part["row_id"]],
            "Row": part["snippet"],
            "Why": part["reason"].str.capitalize(),
            "Stays": partners,
            "Explanation": part["detail"],
        }
    )
    if part["partner"].isna().all():
        table = table.drop(columns="Stays")
    whole = st.column_config.NumberColumn(width=80, format="localized")
    stays = st.column_config.TextColumn("Line that stays", width=110)
    row = st.column_config.TextColumn(width=360)
    event = show_rows(
        table,
        key=f"table-{lane}",
        on_select="rerun",
        selection_mode="single-row",
        height="auto" if len(table) < 9 else 318,
        column_config={"Line": whole, "Stays": stays, "Row": row},
    )
    count = escape(_range(page, len(shown), ROWS_PER_PAGE, "row"))
    st.caption(f"{count}. Line numbers are those of your file. Choose a row to see it in full.")
    picked = event.selection.rows
    _in_full(studio, part.iloc[picked[0] if picked and picked[0] < len(part) else 0], lane)


def _filtered(decisions: pd.DataFrame, lane: str) -> pd.DataFrame:
    reasons = list(decisions["reason"].value_counts().index)
    if len(reasons) < 2:
        return decisions
    counts = decisions["reason"].value_counts()
    chosen = st.pills(
        "Reason",
        reasons,
        selection_mode="multi",
        key=f"reason-{lane}",
        format_func=lambda reason: f"{reason.capitalize()} ({number(int(counts[reason]))})",
        label_visibility="collapsed",
    )
    return decisions[decisions["reason"].isin(chosen)].reset_index(drop=True) if chosen else decisions


def _in_full(studio: Studio, row: pd.Series, lane: str) -> None:
    ids = [int(row["row_id"]), *([] if pd.isna(row["partner"]) else [int(row["partner"])])]
    rows = some_rows(studio.project, str(row["before"]), ids)
    question, answer = full_text(rows, int(row["row_id"]))
    here, state = studio.line(int(row["row_id"])), ", left out" if lane == "drop" else ""
    detail = str(row["detail"])
    with st.container(gap="xsmall"):
        st.markdown(f"**{escape(detail[:1].upper() + detail[1:], 300)}**")
        if pd.isna(row["partner"]):
            _alone(f"{here}{state}", question or str(row["snippet"]), answer)
            return
        pair = (int(row["row_id"]), int(row["partner"]))
        there = f"{studio.line(pair[1])}{', kept' if lane == 'drop' else ''}"
        show_pair((question, answer), full_text(rows, pair[1]), (here + state, there))
        if row["step"] in (STEP, DECISIONS) and lane == "drop":
            _put_back(studio, str(row["before"]), pair)


def _put_back(studio: Studio, before: str, pair: tuple[int, int]) -> None:
    near = near_version(studio.versions)
    pairs = pairs_of(studio.project, near) if near is not None else None
    st.button(
        "Put back",
        key=f"put-back-{pair[0]}",
        icon=":material/undo:",
        help="The two rows are different: this one is in your data again, and stays in it in later runs.",
        on_click=put_back,
        args=(studio.project, before, pair, pairs),
    )


def _alone(title: str, question: str, answer: str) -> None:
    with st.container(border=True, gap="xsmall"):
        st.caption(escape(title))
        st.text(plain(question, 2000) or "(no question)")
        st.text(plain(answer, 2000) or "(no answer)")


def _line(read: ReadResult, row_id: int) -> int:
    return int(read.lines[row_id]) if 0 <= row_id < len(read.lines) else row_id + 1


def _page(total: int, size: int, key: str) -> int:
    pages = max(1, -(-total // size))
    return int(st.pagination(pages, key=f"{key}-{pages}")) if pages > 1 else 1


def _range(page: int, total: int, size: int, what: str) -> str:
    first = (page - 1) * size
    if total <= size:
        return plural(total, what)
    return f"{what.capitalize()} {number(first + 1)} to {number(min(first + size, total))} of {number(total)}"
