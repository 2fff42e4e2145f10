"""Says first whether growing is sensible: how many rows are missing, in all and per label, and what helps most."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.fit.answers import Answers
from engine.fit.records import last_answers
from engine.fit.rulebook import Rulebook, load_rulebook
from engine.fit.sizing import Sizing, size_of
from pages.parts.data_cache import rows_of
from pages.parts.page import verdict
from pages.parts.safe_text import show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural

REAL_FIRST = "Real rows beat made ones: a log of answers people liked is the best source."


def need(studio: Studio) -> None:
    """The verdict, and the labels that are short of rows."""
    frame = rows_of(studio.project, studio.version.id)
    real = frame[~frame["synthetic"]]
    counts = real.loc[real["label"] != "", "label"].value_counts()
    book = load_rulebook()
    sizing = _sizing(studio, len(real), len(counts), book)
    each = sizing.go_from // max(1, sizing.categories)
    short = {str(label): each - int(count) for label, count in counts.items() if count < each}
    made = len(frame) - len(real)
    has = f"You have {plural(len(real), 'real row')}"
    has += f" and {plural(made, 'made one')}. " if made else ". "
    if sizing.missing:
        verdict(
            f"Growing is sensible: about {plural(sizing.missing, 'row')} are missing.",
            f"{has}Training is advised from {number(sizing.go_from)} rows on{_why(sizing)}. {REAL_FIRST}",
            tone="caution",
        )
    elif short:
        verdict(
            f"Enough rows in all, but {plural(len(short), 'label')} are short of them.",
            f"{has}Each label should have {number(each)} or more. {REAL_FIRST}",
            tone="caution",
        )
    elif sizing.recommended_reached == "yes":
        verdict(
            "You have enough rows. Growing is not needed.", f"{has}Better rows help more than more rows.", tone="good"
        )
    else:
        verdict(
            "You have enough rows to start.",
            f"{has}Recommended are {number(sizing.recommended[0])} to {number(sizing.recommended[1])}{_why(sizing)}. "
            f"{REAL_FIRST}",
            tone="good",
        )
    st.caption(f":material/info: Sizes from the rules of Fit Check, checked {book.checked:%Y-%m-%d}; guides differ.")
    if short:
        _short_labels(short, counts, each)


def _sizing(studio: Studio, rows: int, labels: int, book: Rulebook) -> Sizing:
    answers: Answers = {**last_answers(studio.project, book), "examples": float(rows)}
    if labels > 1:
        answers = {**answers, "task": "classification", "categories": float(labels)}
    return size_of(answers, book)


def _why(sizing: Sizing) -> str:
    return f" for {number(sizing.categories)} labels" if sizing.categories > 1 else " for a task like yours"


def _short_labels(short: dict[str, int], counts: pd.Series, each: int) -> None:
    with st.expander(f"See {plural(len(short), 'label')} with fewer than {number(each)} real rows"):
        table = [
            {"Label": label, "Real rows": int(counts[label]), "Missing": missing} for label, missing in short.items()
        ]
        show_rows(sorted(table, key=lambda row: -int(str(row["Missing"]))), height="auto" if len(table) < 9 else 318)
