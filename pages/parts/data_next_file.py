"""Apply these steps to the next file: what will run, what cannot, a drop zone, new names for columns, one job."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.data.next_file import NextFile, forget, receive, start_prepare, waiting_file
from engine.data.page_view import recipe_of
from engine.data.recipe import Recipe, recipe_yaml
from engine.data.recipe_columns import MissingColumn, renamed
from engine.errors import TuneworthError
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.files import safe_name
from engine.project.project import Project
from pages.parts.data_words import step_word
from pages.parts.page import guard, problem, show_error
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import plural, size

TYPES = ["csv", "tsv", "txt", "xlsx", "json", "jsonl", "parquet"]
USES = {
    "messages": "the conversation", "user": "the question", "assistant": "the answer",
    "template": "a text of several columns",
    "turns": "the turns of a conversation", "tools": "the tools",
    "system": "the instructions", "label": "the label", "source": "the source", "group": "what stays together",
    "weight": "the weight", "rejected": "the worse answer", "time": "the dates of the split",
}  # fmt: skip
WITHOUT = "go without it"


def next_file(studio: Studio) -> None:
    """The section of the History tab."""
    st.subheader("Apply these steps to the next file", anchor=False)
    recipe = recipe_of(studio.source, studio.versions, studio.fresh_split)
    st.markdown(escape(plan_words(recipe), 600))
    if recipe.by_hand:
        problem(
            f"Not repeated, because they were made by hand for these rows: {by_hand_words(recipe.by_hand)}.",
            "Do them again on the new rows when they are ready.",
            tone="caution",
        )
    waiting = waiting_file(studio.project)
    if waiting is None:
        _drop_zone(studio, recipe)
    else:
        waiting_box(studio.project, waiting)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the recipe",
            recipe_yaml(recipe),
            f"{safe_name(studio.source.file, 'data')}-recipe.yml",
            "application/yaml",
            icon=":material/receipt_long:",
            key="history-recipe",
            on_click="ignore",
        )
        st.caption("The same steps as a text file, for the command `tuneworth data prepare FILE --recipe`.")


def prepare_job(project: Project, newest: float) -> Job | None:
    """The job worth showing: running, or ended badly and nothing was made since (`newest`)."""
    jobs = JobManager(project).list("prepare")
    if not jobs or jobs[-1].state == "succeeded":
        return None
    old = jobs[-1].ended is not None and newest > jobs[-1].ended
    return None if old else jobs[-1]


def prepared_words(project: Project, version_id: str) -> None:
    """After a job: what the new rows still lack, as long as nothing was done to them since."""
    jobs = JobManager(project).list("prepare")
    result = jobs[-1].result if jobs and jobs[-1].state == "succeeded" else None
    if result and result["dataset_id"] == version_id and result["not_repeated"]:
        problem(
            f"Every step was repeated on this file but these, which were made by hand: "
            f"{by_hand_words(result['not_repeated'])}.",
            "Do them again on these rows if they are still needed.",
            tone="caution",
        )


def by_hand_words(steps: Sequence[str]) -> str:
    """`Read by people (3 changed), Rows added (20 added)` as plain text, from a recipe's `by_hand`."""
    parts = [str(step).partition(" (") for step in steps]
    return ", ".join(f"{step_word(name)}{mark}{rest}" for name, mark, rest in parts)


def plan_words(recipe: Recipe) -> str:
    """`Columns, then 5 steps: ...; then the split 80 / 10 / 10. Made on this computer in one go.`"""
    names = [step_word(name).lower() for name in recipe.steps]
    steps = f"Columns, then {plural(len(names), 'step')} ({', '.join(names)})" if names else "Columns"
    split = ""
    if recipe.split is not None:
        split = f", then the split {' / '.join(f'{share * 100:.4g}' for share in recipe.split.ratios)}"
    return f"{steps}{split}. Next month's export gets all of it in one go; the rows you have now stay in this list."


def _drop_zone(studio: Studio, recipe: Recipe) -> None:
    before = len(studio.project.records.list(NextFile))  # a file that was taken or refused does not come back
    file = st.file_uploader(
        "Drop the next file here",
        type=TYPES,
        key=f"upload-next-{before}",
        max_upload_size=2048,
        label_visibility="collapsed",
    )
    if file is None:
        return
    try:
        with st.spinner("Reading the file"):
            receive(studio.project, file, file.name, recipe)
    except TuneworthError as error:
        show_error(error)
        return
    st.rerun()


def waiting_box(project: Project, waiting: NextFile) -> None:
    """A file that was read: its columns fit, or the user says what they are called now."""
    with st.container(border=True, gap="small", key="next-file"):
        st.markdown(f"**{escape(waiting.file, 80)}**: {size(waiting.bytes)}, {plural(len(waiting.columns), 'column')}.")
        for note in waiting.notes:
            st.caption(f":material/info: {escape(note)}")
        names: dict[str, str | None] = {}
        able = True
        if waiting.missing:
            problem(waiting.sentence, "Say what they are called in this file.", tone="caution")
            for place, column in enumerate(waiting.missing):
                names[column.name] = _new_name(waiting, column, place)
            able = all(names[column.name] for column in waiting.missing if column.needed)
        with st.container(horizontal=True):
            start = st.button("Prepare this file", icon=":material/play_arrow:", key="next-start", disabled=not able)
            st.button("Not this file", key="next-forget", on_click=forget, args=(project,))
    if start:
        with guard():
            start_prepare(project, waiting, renamed(waiting.recipe, names))
            st.rerun()


def _new_name(waiting: NextFile, column: MissingColumn, place: int) -> str | None:
    options = [*([] if column.needed else [WITHOUT]), *waiting.columns]
    index = options.index(column.suggestion) if column.suggestion in options else None if column.needed else 0
    chosen = st.selectbox(
        f"{escape(column.name, 60)} ({escape(USES.get(column.use, column.use))}) is now called",
        options,
        index=index,
        key=f"next-{waiting.id}-{place}",
        width=520,
    )
    return None if chosen in (None, WITHOUT) else str(chosen)
