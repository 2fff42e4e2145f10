"""The tabs of Data Studio, in order: each is one part that draws a `Studio`. A new part adds one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from engine.data.page_view import undone
from pages.parts.data_check import check_rows
from pages.parts.data_clean import clean_form, steps_table
from pages.parts.data_export import export
from pages.parts.data_file import file_and_columns
from pages.parts.data_grow import grow
from pages.parts.data_history import history
from pages.parts.data_model_view import model_view
from pages.parts.data_quality import quality
from pages.parts.data_review import review
from pages.parts.data_review_people import review_people
from pages.parts.data_split import split_again, split_result
from pages.parts.studio import Studio


def always(studio: Studio) -> bool:
    """Every dataset has this tab."""
    return True


def is_split(studio: Studio) -> bool:
    """Only with a split of the rows in use."""
    return studio.fresh_split is not None


@dataclass(frozen=True)
class Tab:
    """Name on screen, what draws it, and when it is there."""

    name: str
    draw: Callable[[Studio], None]
    when: Callable[[Studio], bool] = always


def _cleaning(studio: Studio) -> None:
    steps_table(studio.project, studio.versions, undone(studio.project))
    review(studio)
    with st.expander("Clean again with other steps", icon=":material/cleaning_services:"):
        done = {version.step.name for version in studio.versions}
        clean_form(studio.project, studio.version, done, primary=False)


def _split(studio: Studio) -> None:
    if studio.fresh_split is not None:
        split_result(studio, studio.fresh_split)
    split_again(studio)


TABS: tuple[Tab, ...] = (
    Tab("Cleaning", _cleaning),
    Tab("Check", check_rows),
    Tab("Quality", quality),
    Tab("What the model sees", model_view),
    Tab("Review", review_people),
    Tab("Grow", grow),
    Tab("Split", _split, is_split),
    Tab("Export", export),
    Tab("File and columns", file_and_columns),
    Tab("History", history),
)
