"""Formats found in training answers, and answers that keep or break them."""

import json

import pytest

from engine.evaluation.formats import detect_format, skeleton, suggest_metric

QUEUES = ["Billing", "Cards", "Login", "Refunds"]


def test_labels():
    found = detect_format([QUEUES[i % 4] for i in range(40)])
    assert found.kind == "label"
    assert found.words == "one of 4 labels"
    assert found.fits(" Cards\n")
    assert not found.fits("cards")
    assert not found.fits("It is about Cards")
    assert not found.fits("")
    assert suggest_metric(found, QUEUES) == "exact"


def test_skeleton_even_when_values_repeat():
    answers = [f"Queue: {QUEUES[i % 4]} | Priority: {'High' if i % 3 else 'Low'}" for i in range(60)]
    found = detect_format(answers)
    assert found.kind == "skeleton"
    assert found.parts == ("", "Queue", "|", "Priority")
    assert found.words == "Queue: ... | Priority: ..."
    assert found.fits("Queue: Something new | Priority: High")
    assert not found.fits("Queue: Billing")
    assert not found.fits("Queue: | Priority: High")
    assert not found.fits("Sure! Queue: Billing | Priority: High")
    assert not found.fits("Queue: Billing, Priority: High")


def test_json_with_required_keys():
    found = detect_format([json.dumps({"queue": "x", "urgent": i % 2 == 0}) for i in range(20)])
    assert (found.kind, found.parts) == ("json", ("queue", "urgent"))
    assert found.fits('{"urgent": true, "queue": "y", "more": 1}')
    assert not found.fits('{"queue": "y"}')
    assert not found.fits('```json\n{"urgent": true, "queue": "y"}\n```')
    assert suggest_metric(found, []) == "json"


def test_free_text_and_nothing():
    letters = [f"Dear customer, thank you for writing. Case {i}: we will call you back soon." for i in range(30)]
    found = detect_format(letters)
    assert found.kind == "free"
    assert found.fits("Anything")
    assert not found.fits("  ")
    assert suggest_metric(found, letters) == "rougeL"
    assert detect_format([]).kind == "free"
    assert detect_format(["", " "]).kind == "free"


def test_a_few_odd_answers_do_not_hide_the_format():
    answers = (
        ["Cards"] * 20
        + ["Login"] * 20
        + ["I am not sure which of the many queues this long sentence belongs to, sorry"]
    )
    assert detect_format(answers).kind == "label"


@pytest.mark.parametrize("text", ["", ":", "a:", "10:30", "http://x.org", "no fields"])
def test_not_skeletons(text):
    assert skeleton(text) in ((), ("", "http"))
