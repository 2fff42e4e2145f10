"""Look: browser tab, logo, and the colours charts share. All other colours live in .streamlit/config.toml."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

ICONS = Path(__file__).resolve().parents[2] / "assets" / "icons"

# Okabe-Ito, readable with every common colour vision; the dark set is lightened for contrast on #101618.
LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5C6A6D")
DARK = ("#56B4E9", "#E69F00", "#2CC295", "#DD8FB8", "#F0E442", "#D55E00", "#9AA8AB")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4])

# Only for what the theme has no setting for; aimed at our own keys and test ids, never at generated class names.
STYLE = """
.st-key-stepper { border-bottom: 1px solid rgba(128, 140, 144, 0.28); padding-bottom: 0.5rem; }
.st-key-stepper [data-testid="stCaptionContainer"] { padding-left: 2.1rem; }
[data-testid="stHeading"] h2 { padding-top: 0.35rem; }
.st-key-review-row [data-testid="stText"] { font-size: 1.2rem; line-height: 1.6; max-width: 48rem; }
[data-testid="stSliderThumbValue"] { color: inherit !important; }
@media (max-width: 1250px) {
  [data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem; }
  .st-key-stepper [data-testid="stCaptionContainer"] { padding-left: 0.55rem; }
  .st-key-stepper [data-testid="stCaptionContainer"] p { font-size: 0.78rem; line-height: 1.3; }
}
"""


def is_dark() -> bool:
    """Whether the user sees the dark theme (best known value; the first run of a session may not know yet)."""
    return bool(st.context.theme.type == "dark")


def palette() -> tuple[str, ...]:
    """Colours for series, in order."""
    return DARK if is_dark() else LIGHT


def muted() -> str:
    """Colour of guide lines and secondary marks."""
    return "#9AA8AB" if is_dark() else "#5C6A6D"


def ink() -> str:
    """Colour of marks that must stand out on a series colour, such as the ends of an interval."""
    return "#E6ECED" if is_dark() else "#1B2426"


def set_page() -> None:
    """Wide layout, tab icon, logo. Before st.navigation: otherwise the browser asks a font server for a page's icon."""
    st.set_page_config(page_icon=str(ICONS / "favicon.png"), layout="wide")
    st.logo(str(ICONS / ("logo-dark.png" if is_dark() else "logo-light.png")), icon_image=str(ICONS / "favicon.png"))
    st.html(f"<style>{STYLE}</style>")


def name_tab(title: str) -> None:
    """Put the page's name into the browser tab."""
    st.set_page_config(page_title=f"{title} · Tuneworth" if title else "Tuneworth")
