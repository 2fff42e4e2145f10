"""The chart behind a tile, with its numbers one click away."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.data.quality.finding import Quality
from engine.data.quality.rules import languages
from pages.parts.charts import bars, histogram, numbers
from pages.parts.data_quality_look import Look
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.words import number, percent, plural

MOST_BARS = 12
LENGTHS = {
    "tokens": "Estimated tokens in one row (question and answer)",
    "question_characters": "Characters of the question",
    "answer_characters": "Characters of the answer",
}


def chart(item: Quality, look: Look) -> None:
    """Draw the chart of one measure."""
    st.markdown(escape(f"{item.verdict} {item.advice}", 500))
    if item.name == "lengths":
        _lengths(item, look)
    elif item.name == "balance":
        _balance(item)
    elif item.name in ("diversity", "openings"):
        _openings(item)
    elif item.name == "language":
        _languages(item)
    elif item.name == "repeated":
        _repeated(item)
    else:
        _forms(item)


def _lengths(item: Quality, look: Look) -> None:
    name = st.radio(
        "Length of",
        ["tokens", "question_characters", "answer_characters"],
        format_func=lambda name: {"tokens": "Whole row", "question_characters": "Question"}.get(name, "Answer"),
        key="quality-length",
        horizontal=True,
    )
    values = item.numbers[str(name)]
    top = sorted(values)[int(len(values) * 0.995)] if len(values) > 200 else max(values)
    cut = [value for value in values if value <= top]
    histogram(cut, title=LENGTHS[str(name)], alt_text=f"How long the rows are. {item.verdict}")
    if len(cut) < len(values):
        st.caption(f"Left out of the chart because they would stretch it: {plural(len(values) - len(cut), 'row')}.")
    rows = [
        (
            what,
            f"{number(spread.median)}",
            number(spread.p95),
            number(spread.longest),
            "a sealed test row" if spread.row_id in look.sealed else look.studio.line(spread.row_id),
        )
        for what, spread in item.numbers["spreads"].items()
    ]
    show_rows(pd.DataFrame(rows, columns=["Length in", "Middle", "95% are under", "Longest", "Longest row"]))
    st.caption(
        "Tokens are estimated from characters, right within about 20% for English. What the model sees counts them."
    )


def _balance(item: Quality) -> None:
    rows = list(item.numbers["counts"].items())
    shown = rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS - 4], *rows[-4:]]
    words = "; ".join(f"{plain(name, 40)} {number(count)}" for name, count in shown)
    bars([(name or "(no label)", count) for name, count in shown], title="Rows", alt_text=f"Rows per label: {words}.")
    st.caption(f"Evenness {item.numbers['evenness']:.2f}: 1 means all labels are equally common.")
    if len(shown) < len(rows):
        st.caption(f"The {MOST_BARS - 4} most common and the 4 rarest of {plural(len(rows), 'label')}.")
    numbers(pd.DataFrame(rows, columns=["Label", "Rows"]))


def _openings(item: Quality) -> None:
    rows = [(text or "(no letters)", count) for text, count in item.numbers["most_common"]]
    if not rows:
        return
    words = "; ".join(f"{plain(text, 40)} {number(count)}" for text, count in rows)
    bars(rows, title="Rows", alt_text=f"Most common beginnings: {words}.")
    st.caption(f"The {len(rows)} most common beginnings. Rows of the sealed test part are not quoted.")


def _languages(item: Quality) -> None:
    rows = list(item.numbers["counts"].items())
    words = "; ".join(f"{name} {number(count)}" for name, count in rows)
    bars(rows[:MOST_BARS], title="Rows", alt_text=f"Languages of the questions: {words}.")
    st.caption(escape(f"Guessed from letters and small words, offline. {languages().cannot}", 400))


def _repeated(item: Quality) -> None:
    told = item.numbers
    rows: Sequence[tuple[str, str]] = [
        ("Answers that differ", percent(told["distinct"])),
        ("Rows with the most common answer", number(told["count"])),
        ("Exact copies (question and answer)", number(told["copies"])),
        ("Answers that repeat themselves", number(told["looping"])),
    ]
    show_rows(pd.DataFrame(rows, columns=["", "Measured"]))
    if told["answer"]:
        st.markdown(f"The most common answer, in {plural(told['count'], 'row')}:")
        st.text(plain(told["answer"], 300))


def _forms(item: Quality) -> None:
    kinds = item.numbers.get("kinds")
    if kinds:
        words = "; ".join(f"{plain(kind, 40)} {number(count)}" for kind, count in kinds.items())
        bars(list(kinds.items()), title="Rows", alt_text=f"Forms of the answers: {words}.")
    if item.numbers.get("keys"):
        names = ", ".join(item.numbers["keys"])
        st.markdown(escape(f"Usual keys, in {percent(item.numbers['keys_share'])} of these answers: {names}.", 400))
    other = item.numbers.get("spellings")
    if other:
        st.markdown("These labels are written in more than one way:")
        show_rows(pd.DataFrame(list(other.items()), columns=["Written", "Usually written"]))
    elif not kinds and not item.affected:
        st.markdown("Every label is written in one way only.")
    if item.affected:
        st.caption(f"{plural(item.affected, 'row')} of another form: see Rows that stand out.")
