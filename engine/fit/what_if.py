"""What would change the verdict: each single answer is flipped, and the rules run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from engine.fit.answers import Answer, Answers
from engine.fit.rulebook import Question, Rulebook, VerdictName
from engine.fit.sizing import size_of
from engine.fit.verdict import TRAINS, judge


@dataclass(frozen=True)
class Change:
    """One answer that, changed alone, leads to another verdict."""

    question: str
    now: Answer | None
    to: Answer
    verdict: VerdictName
    text: str

    def document(self) -> dict[str, Any]:
        """Return the change as JSON."""
        body = asdict(self)
        return {"question": body["question"], "from": body["now"]} | {
            key: body[key] for key in ("to", "verdict", "text")
        }


def would_change(answers: Answers, book: Rulebook) -> list[Change]:
    """Return the changes, those that lead to training first; one for each question and new verdict."""
    current = judge(answers, book).name
    found: dict[tuple[str, VerdictName], Change] = {}
    for question in book.questions:
        for candidate in _candidates(question, answers, book):
            changed = judge({**answers, question.id: candidate}, book).name
            if changed != current and (question.id, changed) not in found:
                text = f"If {_phrase(question, candidate)}: {book.verdicts[changed].short}."
                now = answers.get(question.id)
                found[question.id, changed] = Change(question.id, now, candidate, changed, text)
    return sorted(found.values(), key=lambda change: change.verdict not in TRAINS)


def _candidates(question: Question, answers: Answers, book: Rulebook) -> Iterator[Answer]:
    now = answers.get(question.id)
    if question.kind == "number":
        numbers = set(question.probes)
        if question.id == "examples":
            size = size_of(answers, book)
            numbers |= {float(size.go_from), float(50 * size.categories)}
        start = now if isinstance(now, float) else 0.0
        yield from sorted((number for number in numbers if number != now), key=lambda number: abs(number - start))
    elif question.kind == "one":
        yield from (option.id for option in question.options if option.id != now)
    elif question.kind == "several":
        yield from _other_choices(question, now if isinstance(now, list) else [])


def _other_choices(question: Question, now: list[str]) -> Iterator[Answer]:
    """Every single choice, then the present ones with one taken away."""
    for option in question.options:
        if now != [option.id]:
            yield [option.id]
    for gone in now if len(now) > 2 else []:
        yield [choice for choice in now if choice != gone]


def _phrase(question: Question, answer: Answer) -> str:
    if isinstance(answer, list):
        lead = "only " if len(answer) == 1 else ""
        return lead + " and ".join(question.option(choice).phrase for choice in answer)
    if isinstance(answer, str):
        return question.option(answer).phrase
    return question.phrase.format(value=f"{answer:,.0f}")
