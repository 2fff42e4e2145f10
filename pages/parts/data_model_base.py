"""Whose eyes: a base model on this computer (exact tokens), or a provider's model (an estimate)."""

from __future__ import annotations

import streamlit as st

from engine.project.project import Project
from engine.training.models import BaseModelInfo, list_bases
from pages.parts.safe_text import escape
from pages.parts.train_base import PICKED
from pages.parts.train_words import base_name

ESTIMATE = "estimate"
KEY = "view-base"
_CHOSEN = "view-base-chosen"  # survives a change of tab or page


def choose_reader(project: Project) -> BaseModelInfo | None:
    """The base whose tokenizer counts, or None for an estimate. Train uses the same choice."""
    bases = {base.key: base for base in list_bases(project.workspace_root) if not base.problem and base.path}
    wanted = st.session_state.get(_CHOSEN) or st.session_state.get(PICKED) or next(iter(bases), ESTIMATE)
    current = wanted if wanted in bases or wanted == ESTIMATE else next(iter(bases), ESTIMATE)
    st.session_state[KEY] = current
    st.selectbox(
        "Which model will read the rows?",
        [*bases, ESTIMATE],
        format_func=lambda key: base_name(bases[key]) if key in bases else "A provider's model (estimate)",
        key=KEY,
        on_change=_pick,
        width=520,
        help="Models on this computer count exactly. Add a model folder of yours on the Train page.",
    )
    base = bases.get(current)
    if base is not None:
        own = "its own chat template" if base.template else "Tuneworth's plain chat template, since it has none"
        st.caption(escape(f"Read with {own} and its own tokenizer."))
    return base


def _pick() -> None:
    chosen = st.session_state[KEY]
    st.session_state[_CHOSEN] = chosen
    if chosen != ESTIMATE:
        st.session_state[PICKED] = chosen
