"""Work that takes minutes with a million rows is done only when asked."""

from __future__ import annotations

import streamlit as st

from pages.parts.data_cache import sample_note
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import plural


def asked(studio: Studio, what: str, label: str) -> bool:
    """Whether to do something now; with very many rows only when asked, because the page waits for it."""
    if not sample_note(studio.version):
        return True
    key = f"asked-{studio.version.id}-{what}"
    st.button(escape(label), key=f"{key}-button", on_click=st.session_state.__setitem__, args=(key, True))
    if not st.session_state.get(key):
        st.caption(f"With {plural(studio.version.rows, 'row')} this takes some minutes; the page waits for it.")
    return bool(st.session_state.get(key))
