"""Charts in one style. Every chart has a text for those who do not see it, and its numbers one click away.

Colour never stands alone: lines also differ in dash, bars carry their value. Names are given by callers; they are
drawn as text inside the chart and never read as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.theme import DASHES, ink, muted, palette

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclass(frozen=True)
class Score:
    """A measured value with its interval (all in the chart's unit, e.g. 0..1)."""

    name: str
    value: float
    low: float
    high: float
    n: int | None = None


def show_chart(chart: alt.TopLevelMixin, *, alt_text: str, height: int | None = None, key: str | None = None) -> None:
    """Draw an Altair chart in the theme. `alt_text` says in one sentence what it shows."""
    if height is not None:
        chart = chart.properties(height=height)
    st.altair_chart(chart, width="stretch", alt=plain(alt_text), key=key)


def numbers(frame: pd.DataFrame, label: str = "Show the numbers") -> None:
    """The table behind a chart, closed."""
    with st.expander(escape(label)):
        show_rows(frame)


def loss_curves(metrics: Sequence[Mapping[str, Any]], *, best_step: int | None = None, height: int = 260) -> None:
    """Training and validation loss by step, as they come from `job.metrics()` (`step`, `loss`, `eval_loss`)."""
    import altair as alt

    frame = loss_frame(metrics)
    if frame.empty:
        st.caption("The curve appears after the first steps.")
        return
    colours = palette()
    series = ["Training", "Validation"]
    base = alt.Chart(frame).encode(
        x=alt.X("step:Q", title="Step", axis=alt.Axis(tickMinStep=1, grid=False)),
        y=alt.Y("loss:Q", title="Loss (lower is better)", scale=alt.Scale(zero=False)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=series, range=list(colours[:2])),
            legend=alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2, symbolSize=300),
        ),
        tooltip=[alt.Tooltip("series:N", title=""), "step:Q", alt.Tooltip("loss:Q", format=".4f")],
    )
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=series, range=list(DASHES[:2])), legend=None)
    points = base.transform_filter("datum.series == 'Validation'").mark_point(size=35, filled=True)
    layers = [base.mark_line(strokeWidth=2).encode(strokeDash=dash), points]
    if best_step is not None:
        rule = alt.Chart(alt.Data(values=[{"step": best_step, "text": f"best: step {best_step}"}]))
        layers.append(rule.mark_rule(strokeDash=[3, 3], color=muted()).encode(x="step:Q"))
        layers.append(
            rule.mark_text(align="left", dx=5, dy=8, baseline="top", color=muted()).encode(
                x="step:Q", y=alt.value(0), text="text:N"
            )
        )
    show_chart(alt.layer(*layers), alt_text=_loss_words(frame, best_step), height=height)


def loss_frame(metrics: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Long form of the loss metrics: step, series, loss. Values that are not finite numbers are left out."""
    import pandas as pd

    rows = []
    for metric in metrics:
        for name, series in (("loss", "Training"), ("eval_loss", "Validation")):
            value = metric.get(name)
            if isinstance(value, int | float) and value == value:
                rows.append({"step": int(metric["step"]), "series": series, "loss": float(value)})
    return pd.DataFrame(rows, columns=["step", "series", "loss"])


def _loss_words(frame: pd.DataFrame, best_step: int | None) -> str:
    parts = []
    for series, rows in frame.groupby("series", sort=True):
        parts.append(f"{series} loss went from {rows['loss'].iloc[0]:.3f} to {rows['loss'].iloc[-1]:.3f}")
    return "; ".join(parts) + (f"; best at step {best_step}." if best_step is not None else ".")


def score_bars(scores: Sequence[Score], *, title: str, percent: bool = True, height_each: int = 46) -> None:
    """One bar per contestant with its 95% interval as a whisker and its value in figures."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame([{**vars(score), "name": plain(score.name, 40)} for score in scores])
    form = ".0%" if percent else ",.2f"
    order = list(frame["name"])
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False))
    top = 1.0 if percent else None
    scale = alt.Scale(domain=[0, top]) if top else alt.Scale(zero=True)
    base = alt.Chart(frame).encode(y=y)
    bars = base.mark_bar(height=16, cornerRadiusEnd=3, opacity=0.8).encode(
        x=alt.X("value:Q", title=plain(title), scale=scale, axis=alt.Axis(format=form, grid=True, tickCount=5)),
        color=alt.Color("name:N", sort=order, scale=alt.Scale(range=list(palette())), legend=None),
        tooltip=["name:N", *(alt.Tooltip(f"{field}:Q", format=form) for field in ("value", "low", "high"))],
    )
    whisker = base.mark_rule(strokeWidth=2, color=ink()).encode(x="low:Q", x2="high:Q")
    ends = [base.mark_tick(thickness=2, size=10, color=ink()).encode(x=f"{field}:Q") for field in ("low", "high")]
    figure = base.mark_text(align="left", dx=8, fontWeight=600, color=muted()).encode(
        x="high:Q", text=alt.Text("value:Q", format=form)
    )
    words = "; ".join(f"{s.name} {s.value:{form}} (between {s.low:{form}} and {s.high:{form}})" for s in scores)
    show_chart(
        alt.layer(bars, whisker, *ends, figure), alt_text=f"{title}: {words}.", height=height_each * len(scores) + 40
    )


def bars(
    rows: Sequence[tuple[str, float]], *, title: str, alt_text: str, form: str = ",.0f", height: int | None = None
) -> None:
    """Plain horizontal bars with their values, e.g. rows per category. Give the largest first."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame([{"name": plain(name, 40), "value": value} for name, value in rows])
    order = list(frame["name"])
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False)),
        x=alt.X("value:Q", title=plain(title), axis=alt.Axis(format=form, tickCount=5)),
    )
    drawn = base.mark_bar(cornerRadiusEnd=3, color=palette()[0])
    figure = base.mark_text(align="left", dx=6, color=muted()).encode(text=alt.Text("value:Q", format=form))
    show_chart(drawn + figure, alt_text=alt_text, height=height or 30 * len(rows) + 60)


def histogram(values: Sequence[float], *, title: str, alt_text: str, bins: int = 30, height: int = 200) -> None:
    """How often each size occurs. Binned here, so the browser gets a few numbers and not the whole data set."""
    import altair as alt
    import numpy as np
    import pandas as pd

    counts, edges = np.histogram(np.asarray(values, dtype=float), bins=bins)
    frame = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts})
    chart = (
        alt.Chart(frame)
        .mark_bar(color=palette()[0])
        .encode(
            x=alt.X("low:Q", title=plain(title), bin="binned"),
            x2="high:Q",
            y=alt.Y("count:Q", title="Rows"),
            tooltip=[alt.Tooltip("low:Q", format=",.0f"), alt.Tooltip("high:Q", format=",.0f"), "count:Q"],
        )
    )
    show_chart(chart, alt_text=alt_text, height=height)


def lines(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    series: str,
    x_title: str,
    y_title: str,
    alt_text: str,
    form: str = "$,.0f",
    height: int = 340,
) -> None:
    """One line per series (long form), told apart by colour and dash, e.g. cumulative cost per route."""
    import altair as alt

    names = list(dict.fromkeys(frame[series]))
    colour = alt.Scale(domain=names, range=[palette()[i % 7] for i in range(len(names))])
    dashes = alt.Scale(domain=names, range=[DASHES[i % 7] for i in range(len(names))])
    legend = alt.Legend(orient="top", title=None, labelLimit=260, columns=3, symbolStrokeWidth=2, symbolSize=300)
    chart = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X(f"{x}:Q", title=plain(x_title), axis=alt.Axis(grid=False)),
            y=alt.Y(f"{y}:Q", title=plain(y_title), axis=alt.Axis(format=form)),
            color=alt.Color(f"{series}:N", scale=colour, legend=legend),
            strokeDash=alt.StrokeDash(f"{series}:N", scale=dashes, legend=legend),
            tooltip=[f"{series}:N", alt.Tooltip(f"{x}:Q", format=",.0f"), alt.Tooltip(f"{y}:Q", format=form)],
        )
    )
    show_chart(chart, alt_text=alt_text, height=height)
