"""Rows of a production log: good, checked, different, new; each other row has one reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.grow.candidate import Candidate
from engine.data.grow.logs import LogPlan, collect, default_floor
from engine.data.grow.novel import novel
from engine.data.grow.spread import spread
from engine.data.mapping import Mapping
from engine.data.messages import make, prompt_of
from engine.errors import InputError, MappingError
from tests.engine.data.conftest import WordEncoder, frame_of

MAPPING = Mapping(roles={"q": "user", "a": "assistant"})


def log(**columns):
    count = len(next(iter(columns.values())))
    body = {"q": [f"Question {n}?" for n in range(count)], "a": [f"Answer {n}" for n in range(count)], **columns}
    return pd.DataFrame(body, dtype="str")


def taken(frame, **plan):
    found = collect(frame, MAPPING, LogPlan(**plan), "log.csv")
    rows = [item.meta["log_row"] for item in found.candidates]
    assert sorted([*rows, *(item.row for item in found.left)]) == list(range(len(frame)))
    return rows, found


@pytest.mark.parametrize(
    ("ratings", "rows"),
    [
        (["good", "BAD", " Yes ", "", "thumbs_up", "👍"], [0, 2, 4, 5]),
        (["1", "0", "1", "", "-1", "1"], [0, 2, 5]),
        (["5", "4", "3", "1", "", "4.5"], [0, 1, 5]),
        (["10", "7", "8", "1", "9", ""], [0, 2, 4]),
        (["100", "79", "80", "12", "", "99"], [0, 2, 5]),
        (["true", "false", "True", "no", "n/a", "correct"], [0, 2, 5]),
    ],
)
def test_words_numbers_and_scales(ratings, rows):
    found, collected = taken(log(rating=ratings), rating="rating")
    assert found == rows
    assert {item.reason for item in collected.left} == {"rating"}
    if "" in ratings:
        assert any(item.detail == "Nobody rated this answer." for item in collected.left)


def test_a_limit_of_ones_own_and_one_nobody_reached():
    frame = log(rating=["5", "4", "3"])
    assert taken(frame, rating="rating", good_from=5)[0] == [0]
    with pytest.raises(InputError, match="rated 6 or better in the column 'rating'") as caught:
        taken(frame, rating="rating", good_from=6)
    assert "best rating is 5" in caught.value.hint
    assert default_floor(pd.Series([1.0, 7.0, 250.0])) == 200


def test_checked_rows_only_and_the_rating_speaks_first():
    frame = log(rating=["5", "1", "5"], ok=["no", "yes", "Yes"])
    rows, collected = taken(frame, rating="rating", verified="ok")
    assert rows == [2]
    assert [(item.row, item.reason) for item in collected.left] == [(0, "not checked"), (1, "rating")]
    assert collected.candidates[0].synthetic is False


def test_unknown_columns_name_the_columns_there_are():
    with pytest.raises(MappingError, match="no column 'stars' in") as caught:
        taken(log(rating=["5"]), rating="stars")
    assert "'rating'" in caught.value.hint


def test_what_is_there_already_is_refused():
    frame = log(q=["Where is my parcel?", "Can I pay later?"], a=["Soon", "Yes"])
    _, collected = taken(frame)
    fresh, refused = novel(collected.candidates, frame_of([("where is my  parcel", "soon")]))
    assert [prompt_of(item.messages) for item in fresh] == ["Can I pay later?"]
    assert [item.reason for item in refused] == ["copy"]


@given(most=st.integers(1, 12), seed=st.integers(0, 99))
def test_spread_keeps_order_and_number(most, seed):
    words = np.random.default_rng(seed).integers(0, 4, (8, 3))
    items = [Candidate(make(" ".join(f"w{n}" for n in row), "a"), "logs") for row in words]
    kept = spread(items, most, WordEncoder())
    places = [next(n for n, item in enumerate(items) if item is one) for one in kept]
    assert len(places) == len(set(places)) == min(most, 8)
    assert places == sorted(places)


def test_spread_prefers_different_questions():
    texts = ["where is my parcel now", "where is my parcel today", "where is my parcel please", "refund the fee",
             "delete account data"]  # fmt: skip
    kept = spread([Candidate(make(text, "a"), "logs") for text in texts], 3, WordEncoder())
    assert {"refund the fee", "delete account data"} < {prompt_of(item.messages) for item in kept}
