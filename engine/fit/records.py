"""What Fit Check saves in a project."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from engine.fit.answers import Answers, parse_answers
from engine.fit.rulebook import Rulebook
from engine.fit.verdict import Verdict, judge
from engine.project.project import Project
from engine.project.records import Record


class FitAnswers(Record):
    """The answers as given, with the verdict they led to under the rules of that day."""

    kind: ClassVar[str] = "fit_answers"

    answers: dict[str, float | str | list[str]] = Field(description="Question to answer")
    verdict: str = Field(description="Verdict on that day")
    confidence: float = Field(ge=0, le=1)
    rules_checked: str = Field(description="Date of the rules")


def save_answers(project: Project, answers: Answers, book: Rulebook) -> Verdict:
    """Save the answers when they differ from the last ones, and note it in the audit log (no free text)."""
    verdict = judge(answers, book)
    last = project.records.latest(FitAnswers)
    if last is None or last.answers != answers:
        record = FitAnswers(
            answers=dict(answers),
            verdict=verdict.name,
            confidence=verdict.confidence,
            rules_checked=book.checked.isoformat(),
        )
        project.records.save(record)
        project.audit.append("fit.answer", {"answers": record.id}, {"answered": len(answers), "verdict": verdict.name})
    return verdict


def last_answers(project: Project, book: Rulebook) -> Answers:
    """Return the answers saved last; those that the present rules no longer know are left out."""
    last = project.records.latest(FitAnswers)
    if last is None:
        return {}
    known = {question.id for question in book.questions}
    return parse_answers({key: value for key, value in last.answers.items() if key in known}, book)
