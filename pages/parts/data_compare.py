"""Two versions of the rows compared: a sentence, the reasons, and the rows themselves with differences marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from engine.data.branches import Branch
from engine.data.compare_versions import Comparison, compare_versions
from engine.data.messages import answer_of, prompt_of
from engine.data.records import DatasetVersion
from pages.parts.data_diff import show_pair
from pages.parts.data_words import step_word
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural, when

PER_PAGE = 3
LISTED = 1000
LANES = {"only_first": "Only in the first", "only_second": "Only in the second", "changed": "Changed"}


def compare(studio: Studio, lines: Sequence[Branch]) -> None:
    """Choose two versions; what differs is worked out when this is opened."""
    box = st.expander("Compare two versions", icon=":material/compare_arrows:", key="compare", on_change="rerun")
    if not box.open:
        return
    every = {version.id: (version, line.file) for line in lines for version in line.own}
    if len(every) < 2:
        box.markdown("There is only one version so far: the rows as they were read.")
        return
    with box:
        left, right = st.columns(2)
        names = list(every)
        first = _choose(left, "First", names, names.index(studio.versions[0].id), every)
        second = _choose(right, "Second", names, names.index(studio.version.id), every)
        if first == second:
            st.markdown("Both are the same version.")
            return
        found: Comparison = _compared_kept(
            str(studio.project.path), first, second, studio, every[first][0], every[second][0]
        )
        _words(found)
        same_file = found.matched == "row"
        ours = [same_file or every[name][0].source_id == studio.source.id for name in (first, second)]
        _rows(found.without(studio.sealed, first=ours[0], second=ours[1]), studio, found)


def version_name(version: DatasetVersion, file: str) -> str:
    """`Exact copies, 3,812 rows, tickets.csv, 5 minutes ago` as plain text."""
    step = step_word(version.step.name)
    return plain(f"{step}, {plural(version.rows, 'row')}, {file or 'no file'}, {when(version.created)}", 120)


def _choose(place: Any, label: str, names: list[str], index: int, every: dict[str, tuple[DatasetVersion, str]]) -> str:
    chosen = place.selectbox(
        f"{escape(label)} version",
        names,
        index=index,
        format_func=lambda name: version_name(*every[name]),
        key=f"compare-{label}",
    )
    return str(chosen)


def _words(found: Comparison) -> None:
    import pandas as pd

    st.markdown(
        f"**{plural(found.same, 'row')} the same, {number(len(found.changed))} changed, "
        f"{number(len(found.only_first))} only in the first, {number(len(found.only_second))} only in the second.**"
    )
    if found.matched == "text":
        st.caption("The versions come from different files, so rows are matched by their whole text.")
    reasons = found.reasons
    if len(reasons):
        show_rows(
            pd.DataFrame(
                {
                    "Rows": [LANES[str(what)] for what in reasons["what"]],
                    "Why": [str(reason).capitalize() for reason in reasons["reason"]],
                    "How many": reasons["rows"],
                }
            )
        )


def _rows(found: Comparison, studio: Studio, whole: Comparison) -> None:
    """The rows of one lane; test rows are left out and counted."""
    filled = [name for name in LANES if len(getattr(whole, name))]
    if not filled:
        return
    lane = st.segmented_control(
        "Show rows", filled, default=filled[0], required=True, format_func=lambda name: LANES[name], key="compare-lane"
    )
    name = str(lane)
    frame = getattr(found, name)
    hidden = len(getattr(whole, name)) - len(frame)
    if hidden:
        st.caption(f":material/lock: {plural(hidden, 'row')} of the test stay sealed and are not shown.")
    if name == "changed":
        _changed(frame, studio)
    elif len(frame):
        _list(frame, studio)


def _changed(frame: Any, studio: Studio) -> None:
    pages = -(-len(frame) // PER_PAGE)
    page = st.pagination(pages, key="compare-page") if pages > 1 else 1
    for row in frame.iloc[(page - 1) * PER_PAGE : page * PER_PAGE].itertuples():
        st.markdown(f"**{escape(row.reason.capitalize())}.** {escape(row.detail)}")
        line = studio.line(int(row.row_id))
        before, after = _texts(row.messages, row.label), _texts(row.messages_after, row.label_after)
        show_pair(before, after, (f"First, {line.lower()}", f"Second, {line.lower()}"))


def _list(frame: Any, studio: Studio) -> None:
    import pandas as pd

    some = frame.head(LISTED)
    show_rows(
        pd.DataFrame(
            {
                "Row": [studio.line(int(row_id)) for row_id in some["row_id"]],
                "Why": [str(reason).capitalize() for reason in some["reason"]],
                "Question": [plain(prompt_of(text), 200) for text in some["messages"]],
                "Answer": [plain(answer_of(text), 200) for text in some["messages"]],
            }
        )
    )
    if len(frame) > LISTED:
        st.caption(f"The first {number(LISTED)} of {number(len(frame))} rows.")


def _texts(messages: str, label: str) -> tuple[str, str, str]:
    return prompt_of(messages), answer_of(messages), label


def _compared(
    folder: str, first: str, second: str, _studio: Studio, _one: DatasetVersion, _two: DatasetVersion
) -> Comparison:
    return compare_versions(_studio.project, _one, _two)


_compared_kept = st.cache_resource(max_entries=2, show_spinner="Comparing the rows")(_compared)
