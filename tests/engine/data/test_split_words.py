"""The sentences of a split: what a test can show, when a larger one is offered, what was joined, where dates are."""

import pandas as pd
import pytest

from engine.data.detectable import (
    detectable_sentence,
    larger_test,
    minimum_detectable_difference,
    points,
    target_rows,
    target_sentence,
)
from engine.data.split_columns import date_facts, group_facts, likely_dates
from engine.data.split_notes import joined_sentence

USUAL = (0.8, 0.1, 0.1)


def counts(rows, share=0.1):
    test = round(rows * share)
    return {"train": rows - 2 * test, "validation": test, "test": test}


def test_the_target_is_what_the_formula_says():
    assert target_rows() == 626
    assert minimum_detectable_difference(626) == pytest.approx(0.05, abs=1e-4)
    assert minimum_detectable_difference(625) > 0.05
    assert target_sentence(400).endswith("about 626 test rows: more than you have.")
    assert target_sentence(6260).endswith("about 626 test rows, 10% of your rows.")


@pytest.mark.parametrize(
    ("rows", "ratios", "offered"),
    [
        (1000, USUAL, True),  # 12 -> 8.8 points
        (300, USUAL, True),  # nothing -> 16 points
        (120, USUAL, False),  # too few rows would be left to train on
        (8000, USUAL, False),  # 800 test rows see less than 5 points
        (1000, (0.7, 0.1, 0.2), False),  # is a fifth already
    ],
)
def test_a_larger_test_is_offered_exactly_when_it_matters(rows, ratios, offered):
    better = larger_test(counts(rows, ratios[2]), ratios)
    assert (better is not None) == offered
    if better is not None:
        assert better.ratios == (0.7, 0.1, 0.2)
        assert better.then == minimum_detectable_difference(round(rows * 0.2))
        assert better.now is None or better.now - better.then >= 0.01


def test_words_for_sizes():
    assert detectable_sentence(0).startswith("There are no test rows")
    assert points(0.05) == "5"
    assert points(0.056) == "5.6"
    assert points(0.124) == "12"


def test_what_was_joined_is_said():
    assert "meaning was not compared" in joined_sentence(1.0, near_checked=False)
    assert joined_sentence(None, near_checked=True) == ""
    assert joined_sentence(0.8, near_checked=True).endswith("from 0.80 of 1 on were kept together.")
    assert "not from 0.80: chains" in joined_sentence(0.9, near_checked=True)
    assert joined_sentence(1.0, near_checked=True).startswith("Only rows that ask exactly the same")


def test_columns_with_dates_are_found_and_numbers_are_not():
    rows = pd.DataFrame(
        {
            "id": ["1042", "20260304", "7"],
            "phone": ["1772640000"] * 3,
            "closed": ["", "1/2/2026", "3/4/2026"],
            "text": ["hello", "what", "why"],
            "x": ["2026-01-01", "2026-01-02", "soon"],
            "y": ["2026-01-01", "2026-01-02 10:00", "2026-03"],
        }
    )
    assert likely_dates(rows) == ["closed", "y"]


def test_facts_of_columns():
    assert group_facts(["a", "a ", "", "b"]).groups == 2
    assert group_facts(["a"] * 5).impossible
    assert not group_facts(["a"] * 5 + [""]).impossible
    facts = date_facts(["3/4/2026", "5/4/2026", "x"])
    assert (facts.order, facts.readings, facts.undated) == ("open", ("3 April 2026", "4 March 2026"), 1)
    assert date_facts(["13/4/2026", "4/13/2026"]).contradiction == ("13/4/2026", "4/13/2026")
    assert date_facts(["x"]).first == ""
