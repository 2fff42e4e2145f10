"""Does one part repeat another? Counts by pair of parts, what to do, and the pairs that may be looked at."""

from __future__ import annotations

import streamlit as st

from engine.data.page_view import full_text
from engine.data.records import Split
from engine.data.split import open_leaks
from pages.parts.data_cache import some_rows
from pages.parts.data_diff import show_pair
from pages.parts.safe_text import escape, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural

SIDES = {
    "train-validation": "Validation found in training",
    "train-test": "Test found in training",
    "validation-test": "Test found in validation",
}
KINDS = {"exact": "Same question", "near": "Says the same", "prefix": "Same beginning"}
ADVICE = {
    "exact": "Equal questions on two sides: split again, they are kept together now.",
    "near": "Rows that say the same stand on two sides: they make the result look better than it is. Clean with "
    "'Leave out rows that say the same in other words', then split again.",
    "prefix": "Equal beginnings are normal when texts come from a template. If such rows come from one customer or "
    "document, choose that column under 'Keep together' and split again.",
}
PER_PAGE = 3


def leaks(studio: Studio, split: Split, words: str) -> None:
    """The sentence, the table, advice per kind, and validation rows beside the training rows they repeat."""
    st.subheader("Does the test repeat the training?", anchor=False)
    st.markdown(escape(words, 600))
    between = split.leaks_between
    if between:
        _table(between, near_checked=split.near_checked)
    for kind in ADVICE:
        if any(counts.get(kind, 0) for counts in between.values()):
            st.caption(f":material/lightbulb: {ADVICE[kind]}")
    if not split.near_checked:
        st.caption(
            ":material/lightbulb: Rows that say the same in other words were not looked for. Split again with "
            "'Keep rows that say the same on one side' to be sure."
        )
    _pairs(studio, split)


def _table(between: dict[str, dict[str, int]], *, near_checked: bool) -> None:
    import pandas as pd

    rows = []
    for side, name in SIDES.items():
        counts = between.get(side, {})
        shown = {
            label: number(counts.get(kind, 0)) if kind != "near" or near_checked else "not compared"
            for kind, label in KINDS.items()
        }
        rows.append({"Compared": name, **shown})
    show_rows(pd.DataFrame(rows))


def _pairs(studio: Studio, split: Split) -> None:
    found = open_leaks(studio.project, split)
    if not found:
        return
    box = st.expander(
        f"Look at {plural(len(found), 'validation row')} beside the training row", key="leaks", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        st.caption("Test rows stay sealed: of those only the counts are shown.")
        pages = -(-len(found) // PER_PAGE)
        page = st.pagination(pages, key=f"leaks-{split.id}") if pages > 1 else 1
        shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        every = [int(leak[name]) for leak in shown for name in ("row_id", "train_row_id")]
        rows = some_rows(studio.project, split.dataset_id, every)
        for leak in shown:
            kind, score = str(leak["kind"]), float(leak["score"])
            why = f", {percent(score)} alike: {escape(leak['reason'])}" if kind == "near" else ""
            st.markdown(f"**{KINDS[kind]}**{why}")
            ids = int(leak["row_id"]), int(leak["train_row_id"])
            titles = (f"Validation, {studio.line(ids[0]).lower()}", f"Training, {studio.line(ids[1]).lower()}")
            show_pair(full_text(rows, ids[0]), full_text(rows, ids[1]), titles)
