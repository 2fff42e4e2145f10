"""How many rows the task needs, by kind of task and number of categories, beside what is there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.fit.records import last_answers
from engine.fit.rulebook import load_rulebook
from engine.fit.sizing import Sizing, size_of
from pages.parts.charts import bars, numbers
from pages.parts.data_quality_look import Look
from pages.parts.page import Card, cards
from pages.parts.safe_text import escape
from pages.parts.words import number, plural


def size_part(look: Look) -> None:
    """Task and categories are guessed from Fit Check and the labels; both can be changed."""
    book = load_rulebook()
    question = next(item for item in book.questions if item.id == "task")
    names = {option.id: option.text for option in question.options}
    labels = look.known["balance"].numbers["counts"] if "balance" in look.known else {}
    told = last_answers(look.studio.project, book).get("task")
    guess = told if isinstance(told, str) and told in names else "classification" if labels else "style"
    left, right = st.columns(2)
    with left:
        task = str(
            st.selectbox(
                "What kind of task is it?", list(names), list(names).index(guess), names.__getitem__, key="size-task"
            )
        )
    with right:
        count = int(
            st.number_input("Categories (1 when there are none)", 1, 10_000, max(1, len(labels)), key="size-categories")
        )
    size = size_of({"task": task, "categories": float(count), "examples": float(look.known["size"].value)}, book)
    _words(size)
    if labels and task == "classification":
        _labels(look)
    st.caption(
        f"Ranges from five practitioner guides, times the number of categories (assets/rules/fit.yml, checked "
        f"{book.checked:%Y-%m-%d}). A rule of thumb: train on half and on all to see whether more would help."
    )


def _words(size: Sizing) -> None:
    have = int(size.have or 0)
    if size.enough != "yes":
        words = f"Collect {plural(size.missing or 0, 'more row')} before training is advised."
    elif size.recommended_reached == "yes":
        words = "There are as many rows as recommended. More of the same will help little; rarer cases may."
    else:
        words = f"Enough to train on. {number(size.recommended[0] - have)} more would reach the recommended number."
    st.markdown(f"**{escape(words)}**")
    cards(
        [
            Card("Rows there are", number(have), f"{number(have / size.categories)} per category"),
            Card("At least", f"{number(size.minimum[0])} to {number(size.minimum[1])}", "guides disagree"),
            Card("Recommended", f"{number(size.recommended[0])} to {number(size.recommended[1])}"),
        ]
    )


def _labels(look: Look) -> None:
    table = look.known["balance"].numbers["labels"]
    rare = sorted((row for row in table if row.to_minimum), key=lambda row: row.rows)[:12]
    if rare:
        st.markdown("**Labels that lack rows**")
        words = "; ".join(f"{row.label}: {row.to_minimum} missing" for row in rare)
        bars([(row.label, row.to_minimum) for row in rare], title="Rows missing to the minimum of 50", alt_text=words)
    frame = pd.DataFrame(
        [(row.label, row.rows, row.to_minimum, row.to_recommended) for row in table],
        columns=["Label", "Rows", "Missing to the minimum", "Missing to the recommended number"],
    )
    numbers(frame, "Every label")
