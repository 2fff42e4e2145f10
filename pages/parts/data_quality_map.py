"""A map of meanings: near points mean the same. Groups differ in colour and in shape."""

from __future__ import annotations

import streamlit as st

from engine.data.quality.meaning import MeaningReport
from pages.parts.charts import show_chart
from pages.parts.theme import palette
from pages.parts.words import number

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")


def meaning_map(report: MeaningReport) -> None:
    """Up to 400 rows on the two main directions of meaning."""
    if not report.points:
        return
    import altair as alt
    import pandas as pd

    names = [
        f"{place}. {', '.join(item.words[:2]) or 'group'}"[:28] for place, item in enumerate(report.groups, start=1)
    ]
    rows = [{"x": point.x, "y": point.y, "group": names[point.group]} for point in report.points]
    kinds = len(palette())
    marks = alt.Scale(domain=names, range=[SHAPES[place % len(SHAPES)] for place in range(len(names))])
    colours = alt.Scale(
        domain=names, range=[palette()[(place + place // kinds) % kinds] for place in range(len(names))]
    )
    legend = alt.Legend(orient="bottom", columns=2, title=None, labelLimit=200)
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_point(filled=True, size=45, opacity=0.75)
        .encode(
            x=alt.X("x:Q", axis=None),
            y=alt.Y("y:Q", axis=None),
            color=alt.Color("group:N", scale=colours, legend=legend),
            shape=alt.Shape("group:N", scale=marks, legend=legend),
            tooltip=["group:N"],
        )
    )
    words = f"A map of {len(rows):,} rows in {len(report.groups)} groups of meaning; near points mean nearly the same."
    st.markdown("**A map of the rows**")
    show_chart(chart, alt_text=words, height=420)
    st.caption(f"{number(len(rows))} rows. A flat map keeps only part of the distances: it is for orientation.")
