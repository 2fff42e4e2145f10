"""What a model that is not here would see: tokens as a range, answers that are missing for sure."""

from __future__ import annotations

import streamlit as st

from engine.data.messages import loads
from engine.data.rules import rules
from engine.data.tokens import CAVEAT, tokens_per_row
from engine.training.reader import has_answer
from pages.parts.chart_limit import limit_histogram
from pages.parts.data_cache import looked_rows
from pages.parts.page import Card, cards, verdict
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural

SAMPLE = 50_000
LIMITS = (512, 1024, 2048, 4096, 8192, 16_384, 65_536)


def estimate(studio: Studio) -> None:
    """Verdict, figures and histogram from characters; every number is a range."""
    frame = looked_rows(studio.project, studio.version.id).head(SAMPLE)
    if frame.empty:
        verdict("There are no rows to read.", "Undo a step in Cleaning.", tone="caution")
        return
    tokens = tokens_per_row(frame)
    off = rules().tokens.spread
    blank = [
        int(row)
        for row, text in zip(frame["row_id"], frame["messages"], strict=True)
        if not has_answer(loads(text)) and int(row) not in studio.sealed
    ]
    place = st.container()
    limit = int(
        st.select_slider(
            "Longest row allowed (tokens)", LIMITS, 4096, key="view-estimate-limit", persist_state="session", width=520
        )
    )
    surely = sum(value * (1 - off) > limit for value in tokens)
    maybe = sum(value * (1 + off) > limit for value in tokens)
    with place:
        _verdict(studio, blank, surely, maybe, limit)
        middle, whole = sorted(tokens)[len(tokens) // 2], sum(tokens) * studio.version.rows / len(tokens)
        cards(
            [
                Card("Tokens in a row", f"about {number(middle)}", _range(middle, off)),
                Card("Longest row", f"about {number(max(tokens))}", _range(max(tokens), off)),
                Card("All rows, one pass", f"about {number(whole)}", _range(whole, off)),
            ]
        )
    limit_histogram(
        tokens,
        limit,
        title="Estimated tokens in one row (right within about 20% for English)",
        alt_text=f"Estimated tokens per row, up to {max(tokens):,}; {maybe:,} rows may be over {limit:,}.",
    )
    st.caption(f":material/info: {escape(CAVEAT)} A model on this computer counts exactly.")
    if len(frame) < studio.version.rows:
        st.caption(f"Estimated from {number(len(frame))} of {plural(studio.version.rows, 'row')}.")


def _range(value: float, off: float) -> str:
    return f"{number(value * (1 - off))} to {number(value * (1 + off))}"


def _verdict(studio: Studio, blank: list[int], surely: int, maybe: int, limit: int) -> None:
    if blank:
        shown = ", ".join(studio.line(row) for row in blank[:12])
        words = f"{plural(len(blank), 'row has', 'rows have')} nothing the model could learn from."
        verdict(f"Training would stop: {words}", f"{shown}. Give them an answer, or leave them out.", tone="blocked")
    elif maybe:
        words = f"Between {number(surely)} and {plural(maybe, 'row')} may be longer than {number(limit)} tokens."
        verdict(words, "This is an estimate from characters; the provider's count decides.", tone="caution")
    else:
        verdict(f"Every row should fit into {number(limit)} tokens.", "An estimate from characters.", tone="good")
