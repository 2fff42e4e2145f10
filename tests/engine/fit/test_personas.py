"""Personas with the verdict a careful practitioner would give (facts/domain.md section 1)."""

import pytest

from engine.fit.answers import parse_answers
from engine.fit.rulebook import load_rulebook
from engine.fit.verdict import judge

GOOD = {
    "failure_mode": ["format"],
    "prompting": "plateau",
    "instructions": "no",
    "task": "extraction",
    "examples": 800,
    "categories": 1,
    "experts_agree": "yes",
    "stability": "stable",
    "fresh_facts": "no",
    "requests_per_month": 200_000,
    "privacy": "internal",
    "maintainer": "yes",
}

PERSONAS = [
    ("everything speaks for it", {}, "fine_tune"),
    ("nothing answered", dict.fromkeys(GOOD), "prompt_first"),
    ("prompting never tried", {"prompting": "no"}, "prompt_first"),
    ("tried, not measured", {"prompting": "tried"}, "prompt_first"),
    ("measuring left open", {"prompting": None}, "prompt_first"),
    ("no failure measured", {"failure_mode": ["not_measured"]}, "prompt_first"),
    ("no failure named", {"failure_mode": None}, "prompt_first"),
    ("facts are missing", {"failure_mode": ["knowledge"]}, "rag_first"),
    ("facts change, form is fine", {"failure_mode": ["cost"], "fresh_facts": "yes"}, "rag_first"),
    ("facts and style", {"failure_mode": ["knowledge", "style"]}, "hybrid"),
    ("fresh facts and format", {"fresh_facts": "yes"}, "hybrid"),
    ("facts and style, few examples", {"failure_mode": ["knowledge", "style"], "examples": 30}, "rag_first"),
    ("facts and style, not measured", {"failure_mode": ["knowledge", "style"], "prompting": "tried"}, "rag_first"),
    ("facts and style, nobody maintains", {"failure_mode": ["knowledge", "style"], "maintainer": "no"}, "rag_first"),
    ("reasoning", {"failure_mode": ["reasoning"], "task": "reasoning", "examples": 3000}, "prompt_first"),
    ("reasoning and format", {"failure_mode": ["reasoning", "format"]}, "fine_tune"),
    ("20 examples", {"examples": 20}, "few_shot_first"),
    ("49 examples", {"examples": 49}, "few_shot_first"),
    ("50 examples of a format", {"examples": 50}, "fine_tune"),
    ("60 examples in a special field", {"examples": 60, "task": "domain"}, "collect_data"),
    ("250 examples in a special field", {"examples": 250, "task": "domain", "failure_mode": ["jargon"]}, "fine_tune"),
    ("77 categories, 1,000 rows", {"task": "classification", "examples": 1000, "categories": 77}, "collect_data"),
    ("77 categories, 10,003 rows", {"task": "classification", "examples": 10003, "categories": 77}, "fine_tune"),
    ("examples not counted", {"examples": None}, "collect_data"),
    ("experts disagree", {"experts_agree": "no"}, "collect_data"),
    ("changes weekly", {"stability": "weekly"}, "prompt_first"),
    ("changes monthly", {"stability": "monthly"}, "fine_tune"),
    ("nobody maintains", {"maintainer": "no"}, "prompt_first"),
    ("only cost, low volume", {"failure_mode": ["cost"], "requests_per_month": 5000}, "prompt_first"),
    ("only cost, high volume", {"failure_mode": ["cost"]}, "fine_tune"),
    (
        "only speed, fast enough",
        {"failure_mode": ["latency"], "latency_target_s": 2, "latency_now_s": 1},
        "prompt_first",
    ),
    ("only speed, too slow", {"failure_mode": ["latency"], "latency_target_s": 1, "latency_now_s": 3}, "fine_tune"),
    ("one page is enough but measured", {"instructions": "yes"}, "fine_tune"),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in PERSONAS], ids=[case[0] for case in PERSONAS])
def test_persona(changes: dict, expected: str) -> None:
    book = load_rulebook()
    verdict = judge(parse_answers(GOOD | changes, book), book)
    assert verdict.name == expected
    assert verdict.sentence.startswith(verdict.title)
    assert verdict.next_step
    assert 0 <= verdict.confidence <= 1


def test_the_data_must_stay_leaves_only_the_local_route() -> None:
    book = load_rulebook()
    verdict = judge(parse_answers(GOOD | {"privacy": "must_stay"}, book), book)
    assert [rule.id for rule in verdict.reasons("limits")] == ["local_only"]


def test_unanswered_questions_are_listed_and_lower_confidence() -> None:
    book = load_rulebook()
    full = judge(parse_answers(GOOD, book), book)
    part = judge(parse_answers(GOOD | {"stability": None, "maintainer": None}, book), book)
    assert part.unanswered == ["stability", "maintainer"]
    assert part.confidence < full.confidence


def test_contradiction_is_named() -> None:
    book = load_rulebook()
    verdict = judge(parse_answers(GOOD | {"failure_mode": ["not_measured", "format"]}, book), book)
    assert [rule.id for rule in verdict.reasons("check")] == ["contradiction_measured"]
