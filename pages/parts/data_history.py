"""History: every version with its settings, undo and redo, two compared, the next file, and rows set aside."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.data.branches import Branch, branches
from engine.data.edits import MANUAL
from engine.data.mapping import Mapping
from engine.data.page_view import return_to, undone
from engine.data.records import CleaningStep
from engine.data.versions import redo, undo
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_compare import compare
from pages.parts.data_mapping import mapping_words
from pages.parts.data_next_file import next_file
from pages.parts.data_words import step_word
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural, when

SHOWN = 200
SETTING_WORDS = {"encoder": "meanings by", "threshold": "from a likeness of", "limit": "limit"}
HIDDEN = {MANUAL, "pairs", "replaces", "batch", "ask_most", "pairs_left_out"}  # names of files and counts of the step


def history(studio: Studio) -> None:
    """Sentence and buttons, the steps, comparing, the next file, other lines of work."""
    project, back = studio.project, undone(studio.project)
    first, last = studio.versions[0], studio.version
    st.markdown(
        f"{plural(len(studio.versions) - 1, 'step')} since {escape(studio.source.file, 80)} was read: "
        f"{number(last.rows)} of {plural(first.step.rows_in, 'row')}."
    )
    with st.container(horizontal=True):
        st.button(
            "Undo last step",
            icon=":material/undo:",
            key="history-undo",
            disabled=len(studio.versions) < 2,
            on_click=_do,
            args=(undo, project),
        )
        st.button(
            "Redo", icon=":material/redo:", key="history-redo", disabled=not back, on_click=_do, args=(redo, project)
        )
    _table(studio)
    lines = branches(project)
    compare(studio, lines)
    next_file(studio)
    _others(project, lines)


def settings_words(step: CleaningStep) -> str:
    """What a step was told, as plain text."""
    if step.name == "map":
        return plain(mapping_words(Mapping.model_validate(step.settings)), 160)
    parts = ["by hand"] if step.settings.get(MANUAL) else []
    for name, value in step.settings.items():
        if name not in HIDDEN and isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            parts.append(f"{SETTING_WORDS.get(name, name.replace('_', ' '))} {value}")
    return plain(", ".join(parts), 160) or "as usual"


def _table(studio: Studio) -> None:
    import pandas as pd

    back = undone(studio.project)
    states = {version.id: "used" for version in studio.versions} | {version.id: "undone" for version in back}
    states[studio.version.id] = "in use now"
    rows = [
        {
            "When": when(version.created),
            "Step": step_word(version.step.name),
            "Settings": settings_words(version.step),
            "Rows before": version.step.rows_in,
            "Rows after": version.step.rows_out,
            "Changed": version.step.changed,
            "State": states[version.id],
            "Fingerprint": version.sha256[:12],
        }
        for version in [*back[::-1], *studio.versions[::-1]]
    ]
    whole = st.column_config.NumberColumn(format="localized", width="small")
    numbers = dict.fromkeys(("Rows before", "Rows after", "Changed"), whole)
    widths = {
        name: st.column_config.TextColumn(width=pixels)
        for name, pixels in (("When", 120), ("Settings", 250), ("State", 95), ("Fingerprint", 110))
    }
    show_rows(pd.DataFrame(rows[:SHOWN]), column_config={**numbers, **widths})


def _others(project: Project, lines: Sequence[Branch]) -> None:
    """Rows of an earlier file or mapping, or of other steps: kept, and one click away."""
    found = [line for line in lines if not line.in_use]
    if not found:
        return
    st.subheader("Rows set aside", anchor=False)
    st.markdown("Made from another file, other columns or other steps. They are kept and can be used again.")
    for line in found[:10]:
        words, button = st.columns([5, 1], vertical_alignment="center")
        with words, st.container(gap=None):
            st.markdown(
                f"{plural(line.end.rows, 'row')} of **{escape(line.file, 60)}**, {when(line.end.created)}, "
                f"fingerprint {escape(line.end.sha256[:8])}"
            )
            st.caption(escape(branch_words(line), 400))
        button.button(
            "Use these",
            key=f"use-{line.end.id}",
            width="stretch",
            help=f"{number(line.end.rows)} rows become the rows in use; yours stay in this list.",
            on_click=_do,
            args=(return_to, project, line.end.id),
        )
    if len(found) > 10:
        st.caption(f"The newest 10 of {number(len(found))}.")


def branch_words(line: Branch) -> str:
    """`Parts after "Spaces tidied": Exact copies (35), Contradictions (35)` as plain text."""
    steps = ", then ".join(f"{step_word(version.step.name)} ({number(version.rows)})" for version in line.own)
    if line.fork is None:
        return f"From the file: {steps}"
    fork = step_word(line.fork.step.name)
    return f"Parts from the rows after “{fork}” ({number(line.fork.rows)}): {steps}"


def _do(action: object, *args: object) -> None:
    try:
        action(*args)  # type: ignore[operator]
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
