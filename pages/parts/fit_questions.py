"""The questions of Fit Check as widgets; every answer is saved at once."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.fit.answers import Answer, Answers, parse_answers
from engine.fit.records import save_answers
from engine.fit.rulebook import Question, Rulebook
from engine.project.project import Project
from pages.parts.page import guard
from pages.parts.safe_text import escape

FEW_OPTIONS, SHORT = 3, 30  # up to here (number, letters in all) all options are visible at once


def questions(project: Project, book: Rulebook, saved: Answers) -> Answers:
    """Draw all questions, filled with the saved answers; return the answers on the screen."""
    for question in book.questions:
        st.session_state.setdefault(_key(project, question), _to_widget(question, saved.get(question.id)))
    with st.container(border=True, gap="medium", key="fit-questions"):
        first, *others = [question for question in book.questions if not question.more]
        _draw(project, book, first)
        _in_pairs(project, book, others)
        with st.expander("More details (optional)", key="fit-more"):
            _in_pairs(project, book, [question for question in book.questions if question.more])
    return read(project, book)


def read(project: Project, book: Rulebook) -> Answers:
    """Return the answers on the screen, checked. Raises InputError."""
    raw: dict[object, Any] = {each.id: st.session_state.get(_key(project, each)) for each in book.questions}
    return parse_answers({key: _by_text(book.question(str(key)), value) for key, value in raw.items()}, book)


def set_number(project: Project, book: Rulebook, question_id: str, value: float) -> None:
    """Put a measured number into the form and save it; for callbacks."""
    st.session_state[_key(project, book.question(question_id))] = value
    _save(project, book)


def _in_pairs(project: Project, book: Rulebook, several: list[Question]) -> None:
    for start in range(0, len(several), 2):
        for column, question in zip(st.columns(2, gap="medium"), several[start : start + 2], strict=False):
            with column:
                _draw(project, book, question)


def _key(project: Project, question: Question) -> str:
    return f"fit-{project.id}-{question.id}"


def _save(project: Project, book: Rulebook) -> None:
    with guard():
        save_answers(project, read(project, book), book)


def _draw(project: Project, book: Rulebook, question: Question) -> None:
    options: dict[str, Any] = {"key": _key(project, question), "on_change": _save, "args": (project, book)}
    texts = [option.text for option in question.options]
    label = escape(question.text)
    with st.container(gap=None):
        if question.kind == "number":
            st.number_input(label, min_value=0.0, max_value=1e12, step=1.0, format="%.10g", **options)
        elif question.kind == "text":
            st.text_input(label, max_chars=200, **options)
        elif question.kind == "several":
            st.pills(label, texts, selection_mode="multi", **options)
        elif len(texts) <= FEW_OPTIONS and sum(map(len, texts)) < SHORT:
            st.segmented_control(label, texts, **options)
        else:
            st.selectbox(label, texts, index=None, placeholder="Choose one", **options)
        st.caption(escape(question.why))


def _to_widget(question: Question, answer: Answer | None) -> Any:
    if isinstance(answer, list):
        return [question.option(choice).text for choice in answer]
    if question.kind == "one" and isinstance(answer, str):
        return question.option(answer).text
    return answer if answer is not None else [] if question.kind == "several" else None


def _by_text(question: Question, value: Any) -> Any:
    """Return option ids for the texts on the buttons."""
    ids = {option.text: option.id for option in question.options}
    if question.kind == "several":
        return [ids[text] for text in value or []]
    return ids.get(value) if question.kind == "one" else value
