"""What a model is asked, what leaves this computer for it, and how its answer is read."""

from __future__ import annotations

import json

import pytest

from engine.data.grow.ask import (
    last_question,
    paraphrase_prompt,
    read_paraphrases,
    read_seeds,
    read_translated_back,
    seed_prompt,
    sent_text,
    translate_prompt,
)
from engine.data.messages import answer_of, make, prompt_of
from engine.errors import InputError

TALK = make("Where is my parcel?", "delivery", "Answer with a queue.")
LONG = [*make("Hello", "Hi"), {"role": "user", "content": "And now?"}, {"role": "assistant", "content": "Now this."}]


@pytest.mark.parametrize(
    "text",
    [
        '["One?", "Two?"]',
        '```json\n["One?", "Two?"]\n```',
        'Sure [here you are]: ["One?", "Two?"]. Anything else [or not]?',
        '{"texts": ["One?", "Two?"]}',
        '<think>Maybe ["no"]</think>["One?", "Two?"]',
        '[" One? ", "", 7, "Two?"]',
    ],
)
def test_a_list_is_found_wherever_it_stands(text):
    found = read_paraphrases(text, TALK, 4, "delivery")
    assert [prompt_of(item.messages) for item in found] == ["One?", "Two?"]
    assert all(answer_of(item.messages) == "delivery" and item.seed_row == 4 for item in found)
    assert found[0].messages[0] == TALK[0]


@pytest.mark.parametrize("text", ["", "I cannot do that.", "[]", '["One?", "Tw', "[1, 2]", '{"a": 1}', "[[[["])
def test_anything_else_is_a_sentence(text):
    with pytest.raises(InputError, match="no list of texts"):
        read_paraphrases(text, TALK, 0, "")


def test_only_the_last_question_of_a_long_talk_is_worded_anew():
    assert last_question(LONG) == "And now?"
    found = read_paraphrases('["What next?"]', LONG, 0, "")[0].messages
    assert [turn["content"] for turn in found] == ["Hello", "Hi", "What next?", "Now this."]


def test_new_pairs_and_labels():
    text = json.dumps(
        [{"question": " Q1 ", "answer": "billing"}, {"question": 3}, "x", {"question": "Q2", "answer": "y"}]
    )
    found = read_seeds(text, TALK, 1, labels=True)
    assert [(prompt_of(item.messages), item.label) for item in found] == [("Q1", "billing"), ("Q2", "y")]
    assert found[0].messages[0]["role"] == "system"
    assert read_seeds(text, TALK, 1, labels=False)[0].label == ""
    with pytest.raises(InputError, match="questions and answers"):
        read_seeds('["One?"]', TALK, 1, labels=True)


def test_translation_back():
    assert prompt_of(read_translated_back("<think>x</think> Where's it? ", TALK, 0, "")[0].messages) == "Where's it?"
    with pytest.raises(InputError, match="empty"):
        read_translated_back("<think>x</think> ", TALK, 0, "")


def test_nothing_is_sent_beyond_what_consent_was_given_for():
    """Every text of a row in a request is part of what the gate scans."""
    for method, prompt in (
        ("paraphrase", paraphrase_prompt(TALK, 2)),
        ("back_translation", translate_prompt(last_question(TALK), "German")),
        ("seed", seed_prompt([TALK], 2)),
    ):
        body = json.dumps(prompt)
        for secret in ("Where is my parcel?", "Answer with a queue.", "delivery"):
            assert (secret in body) == (secret in sent_text(TALK, method)), (method, secret)
