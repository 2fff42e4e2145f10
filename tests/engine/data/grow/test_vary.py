"""Values exchanged in question and answer alike, categories and computed numbers untouched, seeded."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from engine.data.grow.vary import suggest_slots, vary
from engine.data.messages import answer_of, loads, prompt_of
from tests.engine.data.conftest import frame_of

CITIES = {"cities": ["Berlin", "Paris", "Rome", "Oslo"]}


def pairs(candidates):
    return [(prompt_of(item.messages), answer_of(item.messages)) for item in candidates]


def test_a_value_is_exchanged_everywhere_in_the_row():
    frame = frame_of([("I fly to Berlin on Monday. Is Berlin cold?", "Berlin is cold, Mr Berliner.")])
    made = vary(frame, CITIES, per_row=3)
    assert len(made) == 3
    for question, answer in pairs(made):
        city = answer.split()[0]
        assert city in ("Paris", "Rome", "Oslo")
        assert question == f"I fly to {city} on Monday. Is {city} cold?"
        assert answer == f"{city} is cold, Mr Berliner."
    assert all(item.synthetic and item.seed_row == 0 and item.method == "vary" for item in made)


def test_two_values_of_one_slot_never_become_the_same():
    frame = frame_of([("From Berlin to Paris or to Rome", "Berlin, Paris, Rome")])
    for question, answer in pairs(vary(frame, CITIES, per_row=10, seed=4)):
        cities = answer.split(", ")
        assert len(set(cities)) == 3
        assert question == f"From {cities[0]} to {cities[1]} or to {cities[2]}"


def test_a_category_stays():
    rows = [(f"Ticket {n} from Berlin", "Berlin" if n % 2 else "Paris") for n in range(20)]
    by_label = vary(frame_of(rows, labels=[answer for _, answer in rows]), CITIES)
    by_answers = vary(frame_of(rows), CITIES)
    for made in (by_label, by_answers):
        assert {answer for _, answer in pairs(made)} == {"Berlin", "Paris"}
        assert not any("Berlin" in question for question, _ in pairs(made))
    assert all(item.label == answer_of(item.messages) for item in by_label)


def test_numbers_that_only_name_something_are_exchanged():
    rows = [
        ("Order 48213 from 2024 has 12 items", "Order 48213 is on its way."),
        ("Add 5000 and 1200", "6200"),
        ("Version 1.2345 of 0044", "It is there."),
    ]
    made = vary(frame_of(rows), {}, numbers=True, per_row=1)
    assert [item.seed_row for item in made] == [0, 2]
    question, answer = pairs(made)[0]
    number = re.search(r"Order (\d{5})", question)[1]
    assert number != "48213"
    assert (question, answer) == (f"Order {number} from 2024 has 12 items", f"Order {number} is on its way.")
    assert pairs(made)[1][0].startswith("Version 1.2345 of 0")


def test_made_rows_and_instructions_are_left_alone():
    frame = frame_of([("To Berlin", "Yes, Berlin."), ("To Rome", "No, Rome.")]).assign(synthetic=[True, False])
    frame["messages"] = frame["messages"].str.replace(
        '[{"role": "user"', '[{"role": "system", "content": "We sit in Rome."}, {"role": "user"', regex=False
    )
    made = vary(frame, CITIES, per_row=1)
    assert [item.seed_row for item in made] == [1]
    assert made[0].messages[0]["content"] == "We sit in Rome."


def test_nothing_to_exchange_makes_nothing():
    assert vary(frame_of([("Hello", "Hi there")]), CITIES, numbers=True) == []
    assert vary(frame_of([("To Berlin", "Fine")]), {"cities": ["Berlin"]}) == []


@given(seed=st.integers(0, 10_000), per_row=st.integers(1, 10))
def test_the_same_seed_makes_the_same_rows(seed, per_row):
    frame = frame_of([("Berlin to Rome, order 77120", "Berlin to Rome it is, 77120."), ("Oslo", "Oslo is far away.")])
    first, again = (vary(frame, CITIES, per_row=per_row, numbers=True, seed=seed) for _ in range(2))
    assert first == again
    assert len({prompt_of(item.messages) for item in first}) == len(first)
    assert all(loads(frame["messages"][item.seed_row]) != item.messages for item in first)


def test_slots_are_suggested_from_the_rows():
    brands = [("Visa", "Monday"), ("Visa", "Friday"), ("Visa", "Monday"), ("Amex", "Friday"), ("Amex", "Friday"),
              ("Amex", "Monday"), ("Maestro", "Monday")]  # fmt: skip
    rows = [
        (f"Hello there. The {n} my {brand} card was lost on {day}. It is gone", "ok")
        for n, (brand, day) in enumerate(brands)
    ]
    assert suggest_slots(frame_of(rows)) == {"days": ["Monday", "Friday"], "after my": ["Visa", "Amex"]}
