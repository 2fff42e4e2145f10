"""Pairs for a person: maybe the same, and contradictions. Two rows side by side, a reason, and a button per answer.

What is chosen is saved at once and holds for the next file too; the rows change when the decisions are put to use.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from engine.data.near_votes import Choice, PairVote, pair_key, row_keys
from engine.data.page_view import full_text
from pages.parts.data_cache import ids_of, rows_of
from pages.parts.data_diff import show_pair
from pages.parts.data_votes import decide
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural

PAIRS_PER_PAGE = 5
OPEN, DONE = "To decide", "Decided"
OTHER_ROW = {"drop": "is left out", "change": "gets the right answer"}


def lane_of_pairs(studio: Studio, decisions: pd.DataFrame, lane: str) -> None:
    """Draw the pairs of a lane: progress, what is open or decided, and the pairs with their buttons."""
    votes = {vote.id: vote for vote in studio.project.records.list(PairVote) if vote.choice != "open"}
    pairs = _with_votes(studio, _once(decisions), votes)
    done = pairs["vote"].notna()
    words, choice, other = st.columns([3, 2.4, 3], vertical_alignment="center")
    words.markdown(f"**{number(int(done.sum()))} of {number(len(pairs))} decided.**")
    shown = choice.segmented_control(
        "Which pairs", [OPEN, DONE], default=OPEN, required=True, key=f"open-{lane}", label_visibility="collapsed"
    )
    change = lane == "conflict" and _other_row(other) == "change"
    pairs = pairs[done] if shown == DONE else pairs[~done & _both_there(studio, pairs)]
    if pairs.empty:
        st.markdown("Nothing is left to decide here." if shown != DONE else "Nothing is decided yet.")
        return
    page = _page(len(pairs), f"page-{lane}-{shown}")
    for pair in pairs.iloc[(page - 1) * PAIRS_PER_PAGE : page * PAIRS_PER_PAGE].itertuples():
        _card(studio, pair, lane, votes.get(str(pair.vote)), change=change)
    st.caption(escape(_range(page, len(pairs))))


def _once(decisions: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, in the order of benefit: the closest first."""
    ends = decisions[["row_id", "partner"]].astype("int64")
    same = pd.DataFrame({"a": ends.min(axis=1), "b": ends.max(axis=1)}).duplicated()
    return decisions[~same].sort_values("score", ascending=False, kind="stable")


def _with_votes(studio: Studio, decisions: pd.DataFrame, votes: Mapping[str, PairVote]) -> pd.DataFrame:
    found: dict[object, str] = {}
    if votes:
        for before, part in decisions.groupby("before"):
            rows = {int(row) for name in ("row_id", "partner") for row in part[name]}
            keys = row_keys(rows_of(studio.project, str(before)), rows)
            for place, row, partner in zip(part.index, part["row_id"], part["partner"], strict=True):
                name = pair_key(keys.get(int(row), ""), keys.get(int(partner), ""))
                if name in votes:
                    found[place] = name
    return decisions.assign(vote=pd.Series(found, index=decisions.index, dtype="object"))


def _both_there(studio: Studio, pairs: pd.DataFrame) -> pd.Series:
    """Pairs whose rows are both in use: of others there is nothing to decide."""
    present = ids_of(studio.project, studio.version.id)["row_id"]
    return pairs["row_id"].isin(present) & pairs["partner"].isin(present)


def _other_row(place: st.delta_generator.DeltaGenerator) -> str:
    return str(
        place.segmented_control(
            "When one answer is right, the other row",
            list(OTHER_ROW),
            default="drop",
            required=True,
            format_func=lambda name: OTHER_ROW[name],
            key="conflict-other",
        )
    )


def _card(studio: Studio, pair: object, lane: str, vote: PairVote | None, *, change: bool) -> None:
    row, partner, before = int(pair.row_id), int(pair.partner), str(pair.before)  # type: ignore[attr-defined]
    rows = rows_of(studio.project, before)
    here, there = studio.line(row), studio.line(partner)
    with st.container(border=True, gap="small", key=f"pair-{lane}-{row}-{partner}"):
        detail = str(pair.detail)  # type: ignore[attr-defined]
        if lane == "conflict" and not detail.startswith("similar"):
            detail = "Same question, different answer"
        st.markdown(f"**{escape(detail[:1].upper() + detail[1:], 300)}**")
        show_pair(full_text(rows, row), full_text(rows, partner), (here, there))
        if vote is not None:
            _said(studio, vote, (row, partner), before)
            return
        with st.container(horizontal=True):
            for label, choice, keep in _answers(lane, here, there, row, partner):
                st.button(
                    escape(label, 80),
                    key=f"{choice}-{keep}-{row}-{partner}",
                    on_click=decide,
                    args=(studio, before, (row, partner), choice, keep, change and keep is not None, lane),
                )


def _answers(lane: str, here: str, there: str, row: int, partner: int) -> list[tuple[str, Choice, int | None]]:
    """Label, choice and the row that stays, per button."""
    if lane == "conflict":
        return [
            (f"{here} is right", "same", row),
            (f"{there} is right", "same", partner),
            ("Keep both", "different", None),
        ]
    return [
        (f"Same: leave out {here.lower()}", "same", partner),
        (f"Same: leave out {there.lower()}", "same", row),
        ("Different: keep both", "different", None),
    ]


def _said(studio: Studio, vote: PairVote, pair: tuple[int, int], before: str) -> None:
    """What was decided, and a way back."""
    keys = row_keys(rows_of(studio.project, before), pair)
    kept = next((row for row, key in keys.items() if key == vote.keep), pair[0])
    other = pair[1] if kept == pair[0] else pair[0]
    if vote.choice == "different":
        words = "You: different, both stay."
    elif vote.change:
        words = f"You: {studio.line(kept).lower()} is right; {studio.line(other).lower()} gets its answer."
    else:
        words = f"You: {studio.line(other).lower()} is left out, {studio.line(kept).lower()} stays."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check: {escape(words)}")
        st.button(
            "Decide again",
            key=f"again-{pair[0]}-{pair[1]}",
            type="tertiary",
            on_click=decide,
            args=(studio, before, pair, "open", None, False, vote.lane),
        )


def _page(total: int, key: str) -> int:
    pages = max(1, -(-total // PAIRS_PER_PAGE))
    return int(st.pagination(pages, key=f"{key}-{pages}")) if pages > 1 else 1


def _range(page: int, total: int) -> str:
    first = (page - 1) * PAIRS_PER_PAGE
    if total <= PAIRS_PER_PAGE:
        return f"{plural(total, 'pair')}."
    return f"Pair {number(first + 1)} to {number(min(first + PAIRS_PER_PAGE, total))} of {number(total)}."
