"""Copies, contradictions and whatever resembles the sealed test are refused; wording may differ, sense may not."""

from __future__ import annotations

import pytest

from engine.data.grow.candidate import Candidate, candidates_frame, candidates_of
from engine.data.grow.novel import novel
from engine.data.messages import make
from tests.engine.data.conftest import frame_of

ROWS = [("Where is my parcel?", "delivery"), ("I want my money back", "billing"), ("Open a new account", "account")]


def new(question, answer, method="paraphrase", seed_row=0):
    return Candidate(make(question, answer), method, seed_row=seed_row)


def reasons(candidates, sealed=(), **options):
    fresh, refused = novel(candidates, frame_of(ROWS), sealed, **options)
    assert len(fresh) + len(refused) == len(candidates)
    return [item.reason for item in refused], [item.partner for item in refused]


def test_by_wording():
    made = [
        new("where is my PARCEL", "Delivery"),
        new("Where is my parcel?", "billing"),
        new("Something else", "account"),
        new("something  else!", "account"),
        new("something else", "billing"),
        new("  ", "account"),
        new("No answer", " "),
    ]
    assert reasons(made) == (
        ["copy", "contradiction", "copy", "contradiction", "empty", "empty"],
        [0, 0, None, None, None, None],
    )


def test_sealed_rows_win_over_others_and_name_no_row():
    frame = frame_of([*ROWS, ("where is my parcel", "delivery")])
    for sealed in ({0}, {3}):
        _, refused = novel([new("Where is my parcel", "delivery")], frame, sealed)
        assert [(item.reason, item.partner) for item in refused] == [("test row", None)]


def test_by_meaning(words):
    near = "where is my parcel please"  # 0.89 in hashed words
    assert reasons([new(near, "delivery")], load=words) == ([], [])
    assert reasons([new(near, "billing")], load=words) == (["contradiction"], [0])
    assert reasons([new(near, "delivery")], {0}, load=words) == (["test row"], [None])
    assert reasons([new(near, "delivery", "seed")], load=words) == (["copy"], [0])
    assert reasons([new(near, "delivery", "logs", None)], load=words) == (["copy"], [0])


def test_candidates_are_compared_with_one_another(words):
    far, near = "cancel the order of blue shoes", "please cancel the order of blue shoes"
    assert reasons([new(far, "a"), new(near, "a")], load=words)[0] == []
    assert reasons([new(far, "a", "seed"), new(near, "a", "seed")], load=words)[0] == ["copy"]
    assert reasons([new(far, "a"), new(near, "b", seed_row=1)], load=words)[0] == ["contradiction"]


@pytest.mark.parametrize("meta", [{}, {"train_only": True, "ä": "ö"}])
def test_a_candidate_survives_being_saved(meta):
    made = [Candidate(make("q", "a", "system"), "general", "l", None, False, "file", meta), new("x", "y")]
    again = candidates_of(candidates_frame(made))
    assert again[0] == made[0]
    assert (again[1].messages, again[1].seed_row, again[1].source) == (made[1].messages, 0, "paraphrase")
