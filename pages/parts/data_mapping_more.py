"""The rarer ways to make conversations: several rows per conversation, templates over columns, fixed instructions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from engine.data.guess import Guess
from engine.data.mapping_model import Mapping
from engine.data.page_view import save_draft
from engine.data.recognise import ID_NAMES, ORDER_NAMES, ROLE_NAMES, TEXT_NAMES
from engine.data.templates import template_problem
from engine.data.turns import Turns, guess_speakers
from engine.project.project import Project
from pages.parts.page import problem
from pages.parts.safe_text import escape

SPEAKER_WORDS = {
    "user": "asks (user)",
    "assistant": "answers (assistant)",
    "system": "instructs (system)",
    "tool": "is a tool (tool)",
}
MOST_SPEAKERS = 12
TEMPLATES = (
    ("user_template", "Question", "Subject: {subject}\n\n{body}"),
    ("answer_template", "Answer", "{category}: {reason}"),
    ("system_template", "Instructions", "You answer for {product}."),
)


def more_ways(project: Project, source_id: str, shown: pd.DataFrame, guess: Guess, draft: Mapping) -> None:
    """Boxes below the columns; each is open when it is in use."""
    _several_rows(project, source_id, shown, draft)
    _templates(project, source_id, list(map(str, shown.columns)), draft)
    _instructions(project, source_id, draft)
    if guess.cells == "talk" or draft.cells == "talk" or draft.columns("rejected"):
        key = f"cells-{source_id}"
        st.checkbox(
            "Question and answers are whole conversations, not plain text",
            draft.cells == "talk",
            key=key,
            help="Each cell is a list of turns (JSON), or a text that starts with the question.",
            on_change=_cells_changed,
            args=(project, source_id, draft, key),
        )


def _save(project: Project, source_id: str, draft: Mapping, **changes: Any) -> None:
    save_draft(project, source_id, draft.model_copy(update=changes))


def _cells_changed(project: Project, source_id: str, draft: Mapping, key: str) -> None:
    _save(project, source_id, draft, cells="talk" if st.session_state[key] else "text")


def _several_rows(project: Project, source_id: str, shown: pd.DataFrame, draft: Mapping) -> None:
    names = list(map(str, shown.columns))
    if len(names) < 3:
        return
    with st.expander("More than one row per conversation?", expanded=draft.turns is not None):
        key = f"turns-{source_id}"
        st.checkbox(
            "Each row is one turn; rows belong together by a number or a name",
            draft.turns is not None,
            key=key,
            on_change=_turns_changed,
            args=(project, source_id, draft, names, key),
        )
        turns = draft.turns
        if turns is None:
            return
        left, right = st.columns(2)
        with left:
            _part(project, source_id, draft, names, "id_column", "Conversation", turns.id_column)
            _part(project, source_id, draft, names, "text_column", "What is said", turns.text_column)
        with right:
            _part(project, source_id, draft, names, "role_column", "Who speaks", turns.role_column)
            _part(project, source_id, draft, ["", *names], "order_column", "Sorted by", turns.order_column)
        _speakers(project, source_id, shown, draft, turns)


def _part(
    project: Project, source_id: str, draft: Mapping, options: Sequence[str], field: str, label: str, now: str
) -> None:
    key = f"{field}-{source_id}"
    st.selectbox(
        escape(label),
        options,
        index=list(options).index(now) if now in options else 0,
        format_func=lambda name: name or "As in the file",
        key=key,
        on_change=_part_changed,
        args=(project, source_id, draft, field, key),
    )


def _part_changed(project: Project, source_id: str, draft: Mapping, field: str, key: str) -> None:
    assert draft.turns is not None
    changed = draft.turns.model_copy(update={field: st.session_state[key]})
    _save(project, source_id, draft, turns=changed)


def _turns_changed(project: Project, source_id: str, draft: Mapping, names: list[str], key: str) -> None:
    if not st.session_state[key]:
        _save(project, source_id, draft, turns=None)
        return
    free = list(names)
    chosen = []
    for wanted in (ID_NAMES, ROLE_NAMES, TEXT_NAMES):
        name = next((name for name in free if name.lower() in wanted), free[0])
        free.remove(name)
        chosen.append(name)
    order = next((name for name in free if name.lower() in ORDER_NAMES), "")
    turns = Turns(id_column=chosen[0], role_column=chosen[1], text_column=chosen[2], order_column=order)
    _save(project, source_id, draft, turns=turns)


def _speakers(project: Project, source_id: str, shown: pd.DataFrame, draft: Mapping, turns: Turns) -> None:
    """Who is who: only asked for values that do not say it themselves."""
    values = list(dict.fromkeys(shown[turns.role_column]))
    if len(values) > MOST_SPEAKERS:
        problem(
            f"The column {turns.role_column!r} has many different values: it does not say who speaks.", tone="caution"
        )
        return
    guessed = guess_speakers(values)
    for place, value in enumerate(values):
        if turns.speaker(value) is not None and value not in turns.speakers and value not in guessed:
            continue
        now = turns.speaker(value) or guessed.get(value)
        key = f"speaker-{source_id}-{turns.role_column}-{place}"
        options = list(SPEAKER_WORDS)
        st.selectbox(
            f"{escape(value or '(empty)', 40)} ...",
            options,
            index=options.index(now) if now else None,
            format_func=SPEAKER_WORDS.__getitem__,
            key=key,
            placeholder="Choose",
            on_change=_speaker_changed,
            args=(project, source_id, draft, value, key),
        )
        if now and value not in turns.speakers and turns.speaker(value) is None:
            save_draft(project, source_id, _with_speaker(draft, value, now))
            st.rerun()


def _speaker_changed(project: Project, source_id: str, draft: Mapping, value: str, key: str) -> None:
    save_draft(project, source_id, _with_speaker(draft, value, st.session_state[key]))


def _with_speaker(draft: Mapping, value: str, speaker: str) -> Mapping:
    assert draft.turns is not None
    speakers = {**draft.turns.speakers, value: speaker}
    return draft.model_copy(update={"turns": draft.turns.model_copy(update={"speakers": speakers})})


def _templates(project: Project, source_id: str, names: list[str], draft: Mapping) -> None:
    used = any(getattr(draft, field) for field, _, _ in TEMPLATES)
    with st.expander("Combine columns with a template", expanded=used):
        listed = ", ".join(f"{{{name}}}" for name in names[:20])
        st.caption(f"Write a column's name in braces: {escape(listed)}. For a brace that is only text write two.")
        for field, label, example in TEMPLATES:
            key = f"{field}-{source_id}"
            text = st.text_area(
                escape(f"{label} made from"), getattr(draft, field), key=key, max_chars=20_000, height=80,
                placeholder=example, on_change=_text_changed, args=(project, source_id, draft, field, key),
            )  # fmt: skip
            wrong = template_problem(text, names) if text.strip() else None
            if wrong:
                problem(*wrong, tone="caution")


def templates_wrong(draft: Mapping, names: list[str]) -> bool:
    """Whether a template cannot be used; the sentence stands at its field."""
    return any(text and template_problem(text, names) for text in (getattr(draft, field) for field, _, _ in TEMPLATES))


def _text_changed(project: Project, source_id: str, draft: Mapping, field: str, key: str) -> None:
    _save(project, source_id, draft, **{field: st.session_state[key].strip()})


def _instructions(project: Project, source_id: str, draft: Mapping) -> None:
    with st.expander("Add the same instructions to every row", expanded=bool(draft.system_prompt)):
        key = f"instructions-{source_id}"
        st.text_area(
            "Instructions (system prompt)",
            draft.system_prompt,
            key=key,
            max_chars=20_000,
            placeholder="You are the support desk of a bank. Answer with one category.",
            help="Put in front of every question, in training and later in use. A row's own instructions win.",
            on_change=_text_changed,
            args=(project, source_id, draft, "system_prompt", key),
        )
