"""Quality in four tiles and one chart, each with a verdict and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.data.quality import Level, Quality
from pages.parts.charts import bars, histogram, numbers
from pages.parts.page import problem
from pages.parts.safe_text import escape, plain
from pages.parts.words import number, percent, plural

TILES = ("lengths", "balance", "repeated", "format", "diversity")
ICONS: dict[Level, str] = {
    "good": ":green[:material/check_circle:]",
    "look": ":orange[:material/error_outline:]",
    "poor": ":red[:material/block:]",
}
MOST_BARS = 12


def quality(found: Sequence[Quality]) -> None:
    """Tiles, then the chart of the tile the user looks at."""
    by_name = {item.name: item for item in found}
    size = by_name.get("size")
    if size is not None and size.level != "good":
        problem(size.verdict, size.advice, tone="caution")
    shown = [by_name[name] for name in TILES if name in by_name][:4]
    with st.grid(4, min_column_width=150):
        for item in shown:
            _tile(item)
    if not shown:
        return
    name = st.segmented_control(
        "Look closer",
        [item.name for item in shown],
        default=shown[0].name,
        required=True,
        format_func=lambda name: by_name[name].title,
        key="quality-chart",
    )
    _chart(by_name.get(str(name), shown[0]))


def _tile(item: Quality) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"{ICONS[item.level]} **{escape(item.title)}**")  # safe: icons are a table of ours
        st.subheader(escape(_figure(item)), anchor=False)
        st.markdown(escape(item.verdict, 300))
        st.caption(escape(f"What to do: {item.advice}" if item.advice else "Nothing to do.", 300))


def _figure(item: Quality) -> str:
    if item.name == "lengths":
        return f"{number(item.value)} tokens"
    if item.name == "balance":
        return f"{number(item.value, 0 if item.value >= 10 else 1)} to 1"
    return percent(item.value)


def _chart(item: Quality) -> None:
    if item.name == "lengths":
        _lengths(item)
    elif item.name == "balance":
        _balance(item.numbers["counts"])
    elif item.name == "diversity":
        _openings(item)
    else:
        _forms(item)


def _lengths(item: Quality) -> None:
    tokens = item.numbers["tokens"]
    top = sorted(tokens)[int(len(tokens) * 0.995)] if len(tokens) > 200 else max(tokens)
    cut = [value for value in tokens if value <= top]
    histogram(
        cut,
        title="Estimated tokens in one row (question and answer)",
        alt_text=f"How long the rows are. {item.verdict}",
    )
    if len(cut) < len(tokens):
        st.caption(f"Left out of the chart because they would stretch it: {plural(len(tokens) - len(cut), 'row')}.")


def _balance(counts: dict[str, int]) -> None:
    rows = list(counts.items())
    shown = rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS - 4], *rows[-4:]]
    words = "; ".join(f"{plain(name, 40)} {number(count)}" for name, count in shown)
    bars([(name or "(no label)", count) for name, count in shown], title="Rows", alt_text=f"Rows per label: {words}.")
    if len(shown) < len(rows):
        st.caption(f"The {MOST_BARS - 4} most common and the 4 rarest of {plural(len(rows), 'label')}.")
    _table(["Label", "Rows"], rows)


def _openings(item: Quality) -> None:
    rows = [(text or "(no letters)", count) for text, count in item.numbers["most_common"]]
    words = "; ".join(f"{plain(text, 40)} {number(count)}" for text, count in rows)
    bars(rows, title="Rows", alt_text=f"Most common beginnings of questions: {words}.")
    st.caption("The five most common beginnings of questions.")


def _forms(item: Quality) -> None:
    kinds = item.numbers.get("kinds")
    if kinds:
        words = "; ".join(f"{plain(kind, 40)} {number(count)}" for kind, count in kinds.items())
        bars(list(kinds.items()), title="Rows", alt_text=f"Forms of the answers: {words}.")
    elif item.numbers.get("odd"):
        st.markdown("These labels are written in more than one way:")
        _table(["Label", ""], [(name, "") for name in item.numbers["odd"]], opened=True)
    elif item.numbers.get("answer"):
        st.markdown(f"The most common answer, in {plural(item.numbers['count'], 'row')}:")
        st.text(plain(item.numbers["answer"], 300))
    else:
        st.markdown("Every label is written in one way only.")


def _table(names: list[str], rows: Sequence[tuple[str, object]], *, opened: bool = False) -> None:
    import pandas as pd

    from pages.parts.safe_text import show_rows

    frame = pd.DataFrame(list(rows), columns=names)
    if opened:
        show_rows(frame.iloc[:, :1])
    else:
        numbers(frame)
