"""What the model sees: chat template, tokens, the limit, what is learned; before training, with Train's own numbers."""

from __future__ import annotations

import streamlit as st

from engine.training.model_view import ModelView, counts_of, view_of
from engine.training.models import BaseModelInfo
from engine.training.presets import preset
from engine.training.reading_choice import reading_choice
from engine.training.start_counting import counting_job, needs_job, start_counting
from engine.training.tokens import split_parts
from pages.parts.data_cache import tokens_of
from pages.parts.data_model_base import choose_reader
from pages.parts.data_model_estimate import estimate
from pages.parts.data_model_limit import instruction_form, limit_actions, limit_form
from pages.parts.data_model_rows import rows_seen
from pages.parts.jobs import show_job
from pages.parts.page import Card, cards, problem, verdict
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural

SHOWN_LINES = 12


def model_view(studio: Studio) -> None:
    """The tab: choose a base, then verdict, figures, the limit, and rows as the model reads them."""
    base = choose_reader(studio.project)
    if base is None:
        estimate(studio)
        return
    if needs_job(studio.project, studio.version, base):
        _count_first(studio, base)
        estimate(studio)
        return
    view = view_for(studio, base)
    _verdict(studio, view)
    if not view.rows:
        return
    _figures(view)
    limit_form(studio.project, base, view)
    limit_actions(studio, base, view)
    instruction_form(studio.project, base)
    rows_seen(studio, base, view)


def view_for(studio: Studio, base: BaseModelInfo) -> ModelView:
    """The numbers of the version in use; the limit is the one chosen here, else the one Train would recommend."""
    choice = reading_choice(studio.project, base)
    rows = tokens_of(studio.project, studio.version.id, base, choice.system_prompt)
    split = studio.fresh_split
    parts = split_parts(studio.project, split) if split else None
    limit = choice.max_length
    if limit is None:
        limit = preset("recommended", base, counts_of(rows, parts)).config.max_length
    return view_of(rows, parts, limit, base.context)


def _verdict(studio: Studio, view: ModelView) -> None:
    count = len(view.rows)
    if not count:
        verdict("There are no rows to read.", "Undo a step in Cleaning.", tone="caution")
    elif view.silent:
        verdict(
            f"Training would stop: {plural(len(view.silent), 'row has', 'rows have')} nothing the model can learn.",
            f"{_lines(studio, view.silent)} Give them an answer, or leave them out below.",
            tone="blocked",
        )
    elif view.too_long:
        verdict(
            f"{plural(len(view.too_long), 'row is', 'rows are')} longer than {number(view.limit)} tokens and would be "
            f"left out of training; {number(count - len(view.too_long))} stay.",
            f"{_lines(studio, view.too_long)} Raise the limit, shorten them, or leave them out.",
            tone="caution",
        )
    else:
        verdict(f"Every row fits into {number(view.limit)} tokens, and every row has an answer to learn.", tone="good")
    if view.endless:
        problem(
            f"In {plural(len(view.endless), 'row')} the end of the answer is not learned: the model may not stop.",
            "Choose a base whose chat template marks the end of an answer as spoken, usually its instruct version.",
            tone="caution",
        )
    if view.control:
        problem(
            f"{plural(len(view.control), 'row holds', 'rows hold')} a special token of this model in the text.",
            f"{_lines(studio, view.control)} The model reads it as a mark, for example as the end of an answer. "
            "Write it differently, or leave these rows out.",
            tone="caution",
        )
    if view.test:
        long = f", {number(len(view.too_long_test))} of them over the limit" if view.too_long_test else ""
        st.caption(f"The {plural(len(view.test), 'sealed test row')} are counted but not shown{long}.")  # safe: figures


def _lines(studio: Studio, rows: list[int]) -> str:
    shown = [studio.line(row) for row in rows[:SHOWN_LINES]]
    more = f" and {number(len(rows) - SHOWN_LINES)} more" if len(rows) > SHOWN_LINES else ""
    return f"{', '.join(shown)}{more}."


def _figures(view: ModelView) -> None:
    tokens = sorted(row.tokens for row in view.rows)
    learned = sorted(view.learned) or [0]
    p95 = tokens[min(len(tokens) - 1, int(0.95 * len(tokens)))]
    stops = len([row for row in view.rows if row.answer_tokens]) - len(view.endless)
    cards(
        [
            Card(
                "Tokens in a row",
                number(tokens[len(tokens) // 2]),
                f"95% under {number(p95 + 1)}, longest {number(tokens[-1])}",
                "The middle row. Counted with this base's own tokenizer and chat template, exactly as in training.",
            ),
            Card(
                "Learned in a row",
                number(learned[len(learned) // 2]),
                f"{percent(view.learned_share)} of all tokens",
                "Tokens of answers, with their end token. The rest is read and not repeated (assistant-only loss).",
            ),
            Card("Over the limit", number(len(view.too_long)), f"of {plural(len(view.rows), 'row')}"),
            Card(
                "Learns to stop",
                percent(stops / max(1, len([row for row in view.rows if row.answer_tokens]))),
                "end token is learned",
                "Rows whose learned part holds the end-of-answer token.",
            ),
        ]
    )


def _count_first(studio: Studio, base: BaseModelInfo) -> None:
    job = counting_job(studio.project, studio.version, base)
    if job is not None:
        show_job(job.id)
        return
    words = f"Count the tokens of {plural(studio.version.rows, 'row')}"
    if st.button(words, key="view-count", icon=":material/calculate:"):
        start_counting(studio.project, studio.version, base)
        st.rerun()
    st.caption("It runs on its own in the background. Until then the numbers below are an estimate.")
