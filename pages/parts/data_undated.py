"""Training rows whose date could not be read, in a split by date: line and cell, so that they can be corrected."""

from __future__ import annotations

import streamlit as st

from engine.data.column_values import column_values
from engine.data.records import Split
from engine.data.split import split_table
from pages.parts.safe_text import plain, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural

LISTED = 1000


def undated(studio: Studio, split: Split) -> None:
    """A closed list; nothing when every row has a date or the split is not by date. Test rows stay out of it."""
    column = split.plan.time if split.plan is not None else None
    if not column:
        return
    table = split_table(studio.project, split)
    ids = table.loc[table["when"].isna() & (table["split"] == "train"), "row_id"].tolist()
    if not ids:
        return
    box = st.expander(
        f"See the {plural(len(ids), 'training row')} without a readable date", key="undated", on_change="rerun"
    )
    if not box.open:
        return
    import pandas as pd

    cells = column_values(studio.project, studio.source, column, ids[:LISTED], studio.read)
    with box:
        show_rows(
            pd.DataFrame(
                {
                    "Row": [studio.line(int(row_id)) for row_id in ids[:LISTED]],
                    plain(column, 40): [plain(cell, 100) or "(empty)" for cell in cells],
                }
            )
        )
        if len(ids) > LISTED:
            st.caption(f"The first {number(LISTED)} of {number(len(ids))}.")
