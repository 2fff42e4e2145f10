"""Share of each label in training, validation and test: one mark per part, told apart by shape and colour."""

from __future__ import annotations

import streamlit as st

from engine.data.records import Split
from engine.data.split import labels_by_part
from engine.project.project import Project
from pages.parts.charts import numbers, show_chart
from pages.parts.safe_text import plain
from pages.parts.theme import palette
from pages.parts.words import number, percent

PARTS = ("Training", "Validation", "Test")
SHAPES = ("circle", "square", "triangle-up")
SHOWN = 12


def label_chart(project: Project, split: Split) -> None:
    """Chart and numbers; nothing when rows have no labels."""
    labels: dict[str, list[int]] = _labels_kept(str(project.path), split.id, project, split)
    if len(labels) < 2:
        return
    import altair as alt
    import pandas as pd

    st.subheader("Labels in each part", anchor=False)
    totals = [max(sum(counts[part] for counts in labels.values()), 1) for part in range(3)]
    shown = sorted(labels, key=lambda label: -sum(labels[label]))[:SHOWN]
    worst = max(abs(labels[name][2] / totals[2] - labels[name][0] / totals[0]) for name in labels)
    rest = f" The {number(SHOWN)} most frequent of {number(len(labels))} are drawn." if len(labels) > SHOWN else ""
    st.markdown(
        f"Training and test differ by at most {worst * 100:.1f} points in the share of a label.{rest}"
        if split.counts["test"]
        else f"There is no test to compare with.{rest}"
    )
    rows = [
        {"label": plain(name, 40) or "(none)", "part": part, "rows": labels[name][place],
         "share": labels[name][place] / totals[place]}
        for name in shown
        for place, part in enumerate(PARTS)
        if split.counts[("train", "validation", "test")[place]]
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    legend = alt.Legend(orient="top", title=None, symbolSize=120)
    chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=110, opacity=0.85)
        .encode(
            y=alt.Y("label:N", sort=list(dict.fromkeys(frame["label"])), title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("share:Q", title="Share of the rows of the part", axis=alt.Axis(format="%", tickCount=6)),
            color=alt.Color("part:N", scale=alt.Scale(domain=list(PARTS), range=list(palette()[:3])), legend=legend),
            shape=alt.Shape("part:N", scale=alt.Scale(domain=list(PARTS), range=list(SHAPES)), legend=legend),
            tooltip=["label:N", "part:N", alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("rows:Q", format=",")],
        )
    )
    told = "; ".join(f"{plain(name, 30)} {percent(labels[name][0] / totals[0])} of training" for name in shown[:3])
    show_chart(chart, alt_text=f"Share of each label per part: {told}.", height=34 * len(shown) + 70)
    numbers(frame.rename(columns={"label": "Label", "part": "Part", "rows": "Rows", "share": "Share"}))


def _labels(folder: str, split_id: str, _project: Project, _split: Split) -> dict[str, list[int]]:
    return labels_by_part(_project, _split)


_labels_kept = st.cache_data(max_entries=4, show_spinner=False)(_labels)
