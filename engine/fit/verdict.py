"""From answers to a verdict: the first rule that forces one decides, otherwise fine-tuning is worth trying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.fit.answers import Answers
from engine.fit.conditions import applies, facts_of
from engine.fit.rulebook import Rule, Rulebook, VerdictName
from engine.fit.sizing import Sizing, size_of

TRAINS = {"fine_tune", "hybrid"}


@dataclass(frozen=True)
class Verdict:
    """The verdict with everything that stands behind it. Confidence is a mark from 0 to 1, not a probability."""

    name: VerdictName
    decided_by: Rule | None
    fired: list[Rule]
    confidence: float
    confidence_word: str
    unanswered: list[str]
    sizing: Sizing
    title: str
    sentence: str
    next_step: str
    next_page: str

    def reasons(self, effect: str) -> list[Rule]:
        """Return the rules that fired with an effect: for, against, limits or check."""
        return [rule for rule in self.fired if rule.effect == effect]

    @property
    def blockers(self) -> list[Rule]:
        """Rules that each alone keep the verdict away from training."""
        return [rule for rule in self.fired if rule.forces is not None and rule.forces not in TRAINS]


def judge(answers: Answers, book: Rulebook) -> Verdict:
    """Return the verdict on checked answers (see `parse_answers`). Never fails on missing ones."""
    facts = facts_of(answers, book)
    fired = [rule for rule in book.rules if applies(rule.when, facts) and not applies(rule.unless, facts)]
    decided_by = next((rule for rule in fired if rule.forces is not None), None)
    name: VerdictName = decided_by.forces if decided_by is not None and decided_by.forces else "fine_tune"
    text = book.verdicts[name]
    unanswered = [question.id for question in book.questions if question.weight > 0 and question.id not in answers]
    confidence = _confidence(name, fired, unanswered, book)
    size = size_of(answers, book)
    return Verdict(
        name=name,
        decided_by=decided_by,
        fired=fired,
        confidence=confidence,
        confidence_word=_word(confidence, book),
        unanswered=unanswered,
        sizing=size,
        title=text.title,
        sentence=f"{text.title}. {_because(name, decided_by, fired, size)}",
        next_step=(decided_by.next_step if decided_by else None) or text.next_step,
        next_page=(decided_by.next_page if decided_by else None) or text.next_page,
    )


def _because(name: VerdictName, decided_by: Rule | None, fired: list[Rule], size: Sizing) -> str:
    if name == "collect_data" and size.missing:
        return f"{decided_by.text if decided_by else ''} About {size.missing:,} more are needed.".strip()
    if decided_by is not None:
        return decided_by.text
    return next((rule.text for rule in fired if rule.effect == "for"), "Nothing speaks against it.")


def _confidence(name: VerdictName, fired: list[Rule], unanswered: list[str], book: Rulebook) -> float:
    """Start high; lose for open questions, for reasons that point the other way, and for contradictions."""
    mark = book.confidence
    opposite = "against" if name in TRAINS else "for"
    strong = {rule.id for rule in fired if rule.effect == opposite}
    if name not in TRAINS:  # general good conditions do not speak against waiting; a real gap does
        strong = {rule for rule in strong if rule.endswith("_gap")}
    loss = min(mark.most_for_opposing, mark.per_opposing_reason * len(strong))
    loss += sum(book.question(question).weight for question in unanswered)
    loss += mark.per_contradiction * sum(rule.id.startswith("contradiction") for rule in fired)
    return round(max(mark.floor, mark.start - loss), 2)


def _word(confidence: float, book: Rulebook) -> str:
    if confidence >= book.confidence.high_from:
        return "high"
    return "medium" if confidence >= book.confidence.medium_from else "low"


def reason_document(rule: Rule) -> dict[str, Any]:
    """Return one reason as JSON."""
    return {"rule": rule.id, "text": rule.text}
