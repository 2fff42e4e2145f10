"""Does a condition of the rule book hold for these facts?"""

from __future__ import annotations

from engine.fit.answers import Answer, Answers
from engine.fit.rulebook import Answered, Block, Bound, Condition, Only, Rulebook
from engine.fit.sizing import size_of

Facts = dict[str, Answer]


def facts_of(answers: Answers, book: Rulebook) -> Facts:
    """Return the answers with everything that follows from them."""
    size = size_of(answers, book)
    facts: Facts = dict(answers)
    if size.per_category is not None:
        facts["examples_per_category"] = size.per_category
    facts["enough_examples"] = size.enough
    facts["recommended_examples"] = size.recommended_reached
    target, now = answers.get("latency_target_s"), answers.get("latency_now_s")
    known = isinstance(target, float) and isinstance(now, float)
    facts["latency_gap"] = ("yes" if now > target else "no") if known else "unknown"  # type: ignore[operator]
    for name, derived in book.derived.items():
        holds = applies(derived.when, facts) and not applies(derived.unless, facts)
        facts[name] = "yes" if holds else "no"
    return facts


def applies(blocks: list[Block], facts: Facts) -> bool:
    """Return whether all lines of at least one block hold."""
    return any(all(_holds(condition, facts.get(name)) for name, condition in block.items()) for block in blocks)


def _holds(condition: Condition, value: Answer | None) -> bool:
    if isinstance(condition, Answered):
        return (value is not None) == condition.answered
    if value is None:
        return False
    if isinstance(condition, Bound):
        return isinstance(value, float) and _in_bound(condition, value)
    chosen = set(value) if isinstance(value, list) else {str(value)}
    if isinstance(condition, Only):
        return bool(chosen) and chosen <= set(condition.only)
    return bool(chosen & set(condition))


def _in_bound(bound: Bound, value: float) -> bool:
    low_ok = bound.at_least is None or value >= bound.at_least
    return low_ok and (bound.below is None or value < bound.below)
