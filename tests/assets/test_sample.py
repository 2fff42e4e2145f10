"""The sample tickets: the same bytes from the same seed, and the promised mess, counted from the file itself."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.make import house_rules, mess
from assets.make.sample_rows import ANSWER, clean, fresh, split
from assets.make.sample_tickets import COLUMNS, render
from assets.make.tickets import draw, expand, phrases, topics
from tests.conftest import REPOSITORY

FILE = REPOSITORY / "assets" / "sample" / "support_tickets.csv"
SEED = 11


@pytest.fixture(scope="module")
def lines() -> list[list[str]]:
    return list(csv.reader(io.StringIO(FILE.read_bytes().decode("cp1252"), newline=""), delimiter=";"))


@pytest.fixture(scope="module")
def rows(lines: list[list[str]]) -> list[tuple[str, str]]:
    return [(line[5], line[6]) for line in lines[1:] if len(line) == len(COLUMNS)]


def test_the_same_seed_gives_the_same_bytes() -> None:
    content, counts = render(SEED)
    assert content == FILE.read_bytes()
    assert render(SEED + 1, good=70)[0] != render(SEED + 2, good=70)[0]
    readme = (FILE.parent / "README.md").read_text(encoding="utf-8")
    assert f"--seed {SEED} " in readme
    assert f"| {counts['good']} | good" in readme


def test_it_is_windows_text_with_semicolons(lines: list[list[str]]) -> None:
    content = FILE.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    text = content.decode("cp1252")
    assert all(letter in text for letter in "äöüß€’–")
    assert tuple(lines[0]) == COLUMNS


def test_broken_lines(lines: list[list[str]]) -> None:
    assert sorted(len(line) for line in lines[1:] if len(line) != len(COLUMNS)) == [1, 4, 12]


def test_copies_contradictions_and_missing_answers(rows: list[tuple[str, str]]) -> None:
    same = sum(count - 1 for count in Counter(rows).values())
    answers: dict[str, set[str]] = defaultdict(set)
    for message, answer in rows:
        if ANSWER.fullmatch(answer):
            answers[message].add(answer)
    assert 40 <= same <= 55
    assert sum(len(found) > 1 for found in answers.values()) == 12
    assert sum(not ANSWER.fullmatch(answer) for _, answer in rows) == 14


def test_pairs_that_differ_in_one_word_or_number(rows: list[tuple[str, str]]) -> None:
    answers = dict(rows)
    turned = [m for m in answers if "his is not urgent" in m and m.replace("is not urgent", "is urgent") in answers]
    assert len(turned) >= 6
    assert all(answers[m] != answers[m.replace("is not urgent", "is urgent")] for m in turned)
    shapes = Counter(re.sub(r"\d+", "#", message) for message in answers)
    assert sum(count > 1 for count in shapes.values()) >= 6


def test_personal_data_is_invented(rows: list[tuple[str, str]]) -> None:
    text = FILE.read_bytes().decode("cp1252")
    mails = re.findall(r"[\w.]+@[\w.]+\w", text)
    assert mails
    assert {mail.split("@")[1] for mail in mails} == {"example.org"}
    assert all(number.startswith("555-01") for number in re.findall(r"\b\d{3}-\d{4}\b", text))
    assert "4111 1111 1111 1111" in text
    assert sum("\n" in message for message, _ in rows) >= 10


def test_enough_good_rows_remain() -> None:
    good = clean()
    train, validation, test = split(good)
    assert len(good) >= 880
    assert min(len(validation), len(test)) >= 85
    assert not {message for message, _ in train} & {message for message, _ in test}


def test_every_topic_has_phrases_no_training_row_uses() -> None:
    for topic in topics():
        bank = phrases()["topics"][topic]
        assert len(bank["used"]) >= 9
        assert len(bank["held_out"]) >= 3
        assert not set(bank["used"]) & set(bank["held_out"])


def test_fresh_rows_are_new() -> None:
    known = {message for message, _ in clean()}
    assert not known & {message for message, _ in fresh(77, 200, known)}


@settings(max_examples=100, deadline=None)
@given(rng=st.randoms(use_true_random=False))
def test_a_ticket_always_has_one_answer(rng) -> None:
    ticket = draw(rng)
    assert ANSWER.fullmatch(house_rules.answer(ticket))
    assert not set("<>{}|") & set(ticket.text)
    copy = mess.near_copy(mess.row(ticket), rng)
    assert copy.message != ticket.text
    assert copy.routing == house_rules.answer(ticket)
    assert mess.contradiction(mess.row(ticket), rng).routing != house_rules.answer(ticket)


@settings(max_examples=100, deadline=None)
@given(rng=st.randoms(use_true_random=False))
def test_alternatives_expand_to_plain_text(rng) -> None:
    assert expand("a {b|c {d|e}}{|f}", rng) in {"a b", "a bf", "a c d", "a c df", "a c e", "a c ef"}
