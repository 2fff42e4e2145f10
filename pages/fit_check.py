"""Fit Check: is fine-tuning the right tool? The verdict moves with each answer."""

import streamlit as st

from engine.data.versions import current_version
from engine.fit.answers import Answers
from engine.fit.records import last_answers
from engine.fit.rulebook import Rulebook, load_rulebook
from engine.fit.verdict import Verdict, judge
from engine.fit.what_if import would_change
from engine.project.project import Project
from pages.parts.fit_questions import questions, set_number
from pages.parts.fit_result import approaches, figures, reasons, tone_of, what_would_change, worked_out
from pages.parts.page import next_button, page_header, verdict
from pages.parts.state import require_project

# The questions are long; the verdict stays in view while they are answered.
STICKY = "@media (min-width: 1000px) { .st-key-fit-result { position: sticky; top: 4rem; } }"


def _counted_rows(project: Project, book: Rulebook, answers: Answers) -> None:
    """Offer the number of rows that Data Studio counted."""
    version = current_version(project)
    if version is None or answers.get("examples") == float(version.rows):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"Data Studio counted **{version.rows:,}** rows in this project.")
        st.button(
            "Use this number",
            key="fit-use-rows",
            on_click=set_number,
            args=(project, book, "examples", float(version.rows)),
        )


def _next(project: Project, found: Verdict) -> None:
    """One primary button. Measuring needs rows, so without data it leads to Data Studio first."""
    if found.next_page == "evaluate" and project.records.pointer("split") is None:
        next_button("Next: bring the rows to measure on", "data_studio")
        return
    labels = {
        "evaluate": "Next: measure your prompt",
        "data_studio": "Next: open Data Studio",
        "providers_roi": "Next: work out the cost",
    }
    next_button(labels[found.next_page], found.next_page)


def _result(project: Project, book: Rulebook, answers: Answers) -> None:
    if not answers:
        verdict("Answer what you know. The verdict moves with each answer.", f"The order is: {book.rule_of_order}.")
        next_button("Skip this and look at my data", "data_studio")
        return
    found = judge(answers, book)
    _, _, detail = found.sentence.partition(". ")
    verdict(f"{found.title}.", f"{detail} What to do next: {found.next_step}", tone=tone_of(found))
    _next(project, found)
    figures(found)
    reasons(found)
    what_would_change(would_change(answers, book))
    worked_out(found, book)


def main() -> None:
    """Draw the page."""
    project = require_project()
    book = load_rulebook()
    st.html(f"<style>{STICKY}</style>")
    page_header(
        "Fit Check", "Is fine-tuning the right tool? Often a better prompt is. Leave open what you do not know."
    )
    left, right = st.columns([6, 5], gap="medium")
    with left:
        answers = questions(project, book, last_answers(project, book))
        _counted_rows(project, book, answers)
    with right, st.container(key="fit-result"):
        _result(project, book, answers)
    if answers:
        approaches(judge(answers, book), book)


main()
