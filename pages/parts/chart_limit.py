"""A histogram with a limit drawn into it: how many lie beyond, in words and as a line."""

from __future__ import annotations

from collections.abc import Sequence

from pages.parts.charts import show_chart
from pages.parts.theme import ink, muted, palette

BINS = 40


def limit_histogram(values: Sequence[int], limit: int, *, title: str, alt_text: str, height: int = 210) -> None:
    """How often each size occurs, with the limit as a dashed line. Bars beyond it are paler and outlined."""
    import altair as alt
    import numpy as np
    import pandas as pd

    counts, edges = np.histogram(np.asarray(values, dtype=float), bins=min(BINS, max(1, len(set(values)))))
    frame = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts, "over": edges[:-1] > limit})
    bars = (
        alt.Chart(frame)
        .mark_bar(color=palette()[0], stroke=palette()[0])
        .encode(
            x=alt.X("low:Q", title=title, bin="binned", axis=alt.Axis(format=",.0f")),
            x2="high:Q",
            y=alt.Y("count:Q", title="Rows"),
            fillOpacity=alt.condition("datum.over", alt.value(0.15), alt.value(1)),
            tooltip=[alt.Tooltip("low:Q", format=",.0f"), alt.Tooltip("high:Q", format=",.0f"), "count:Q"],
        )
    )
    if limit > 1.5 * max(values):
        show_chart(bars, alt_text=alt_text, height=height)  # the line would squeeze the bars
        return
    rule = alt.Chart(alt.Data(values=[{"limit": limit, "text": f"limit {limit:,}"}]))
    line = rule.mark_rule(strokeDash=[5, 3], strokeWidth=2, color=ink()).encode(x="limit:Q")
    words = rule.mark_text(align="right", dx=-5, dy=8, baseline="top", color=muted()).encode(
        x="limit:Q", y=alt.value(0), text="text:N"
    )
    show_chart(alt.layer(bars, line, words), alt_text=alt_text, height=height)
