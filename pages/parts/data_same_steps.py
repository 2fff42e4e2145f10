"""A file was brought: do with it what was done with the last one, or what a recipe file says, in one go."""

from __future__ import annotations

import streamlit as st

from engine.data.next_file import from_source, start_prepare, wait_for, waiting_file
from engine.data.page_view import recipe_of
from engine.data.recipe import recipe_from
from engine.data.recipe_columns import missing_columns
from engine.data.records import DatasetVersion, Source
from engine.data.split import current_split
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_next_file import by_hand_words, plan_words, waiting_box
from pages.parts.page import guard, problem, show_error
from pages.parts.safe_text import escape

LARGEST = 1  # megabytes of a recipe


def same_steps(project: Project, source: Source, versions: list[DatasetVersion]) -> None:
    """The quick ways from a file to finished rows."""
    waiting = waiting_file(project)
    if waiting is not None and waiting.source_id == source.id:
        st.markdown(escape(plan_words(waiting.recipe), 600))
        if waiting.recipe.by_hand:
            problem(f"Not repeated: {by_hand_words(waiting.recipe.by_hand)}.", "Made by hand.", tone="caution")
        waiting_box(project, waiting)
        return
    with st.container(horizontal=True):
        if len(versions) > 1:
            _as_last_time(project, source, versions)
        with st.popover("Use a recipe file", icon=":material/receipt_long:"):
            _recipe_file(project, source)


def _as_last_time(project: Project, source: Source, versions: list[DatasetVersion]) -> None:
    last = project.records.get(Source, versions[0].source_id)
    split = current_split(project)
    recipe = recipe_of(last, versions, split if split and split.dataset_id == versions[-1].id else None)
    if missing_columns(recipe, source.columns):
        return
    pressed = st.button(
        f"Do the same as with {escape(last.file, 60)}",
        key="same-steps",
        icon=":material/replay:",
        help=escape(plan_words(recipe), 600),
    )
    if pressed:
        with guard():
            start_prepare(project, from_source(source, recipe))
            st.rerun()


def _recipe_file(project: Project, source: Source) -> None:
    st.markdown("Columns, steps and split from a text file that Tuneworth wrote (History, Download the recipe).")
    file = st.file_uploader("Recipe (YAML)", type=["yml", "yaml"], key=f"recipe-{source.id}", max_upload_size=LARGEST)
    if file is None or st.session_state.get("recipe-taken") == file.file_id:
        return
    try:
        recipe = recipe_from(file.getvalue().decode("utf-8", "replace"), file.name)
    except TuneworthError as error:
        show_error(error)
        return
    st.session_state["recipe-taken"] = file.file_id  # "Not this file" must not bring it back
    wait_for(project, from_source(source, recipe))
    st.rerun()
