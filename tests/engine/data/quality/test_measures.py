"""Each measure on rows whose answer is known, and properties that hold for any rows."""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.quality import measure_quality
from engine.data.quality.balance import evenness
from engine.data.quality.consistency import spellings
from engine.data.quality.finding import by_name
from engine.data.quality.forms import answer_form, field_names, keys_of
from engine.data.quality.language import guess_language
from engine.data.quality.lengths import far_out, spread_of
from engine.data.quality.repetition import repeated_share
from engine.data.quality.rules import languages, measures
from engine.data.quality.texts import read_texts, sample_places
from engine.fit.rulebook import load_rulebook
from tests.engine.data.conftest import frame_of

SENTENCE = "This answer is a sentence about case number"


def found(rows, **options):
    return by_name(measure_quality(frame_of(rows, **options)))


# ---------------------------------------------------------------- lengths
def test_median_p95_and_longest_with_its_row():
    known = spread_of(list(range(1, 101)), list(range(1000, 1100)))
    assert (known.median, known.p95, known.longest, known.row_id) == (50.5, 95, 100, 1099)
    assert (spread_of([7], [3]).median, spread_of([7], [3]).p95, spread_of([7], [3]).row_id) == (7, 7, 3)


def test_lengths_of_questions_and_answers_apart():
    spreads = found([("q" * 40, "a" * 8), ("q" * 80, "a" * 16)], ids=[5, 9])["lengths"].numbers["spreads"]
    assert (spreads["question characters"].median, spreads["question characters"].row_id) == (60, 9)
    assert (spreads["answer characters"].longest, spreads["question tokens"].longest) == (16, 20)
    assert spreads["row tokens"].longest == 32  # (80 + 16) / 4 + 2 turns x 4


def test_very_long_and_very_short_rows_are_listed_with_the_usual_range():
    rows = [(f"a usual question of about forty letters {n:02}", f"{SENTENCE} {n:02}") for n in range(60)]
    rows += [("x" * 9000, f"{SENTENCE} 99"), ("?", f"{SENTENCE} 98")]
    listed = {(row.row_id, row.reason) for row in found(rows)["lengths"].rows}
    assert listed == {(60, "very long question"), (61, "very short question")}
    low, high = far_out([40] * 60)
    assert low < 40 < high
    assert far_out([1, 1000]) == (0, 1000)  # too few to call anything unusual


# ---------------------------------------------------------------- variety
def test_prefix_diversity_counts_first_fifty_and_twenty_characters():
    same = "please tell me about the delivery of my parcel number "
    numbers = found([(f"{same}{n}", f"{SENTENCE} {n} ok {n * 7}") for n in range(150)])
    assert numbers["diversity"].value == pytest.approx(1 / 150)
    assert numbers["diversity"].level == "look"
    assert numbers["openings"].value == pytest.approx(1 / 150)
    other = found([(f"{n} {same}", f"{n} {SENTENCE} {n}") for n in range(150)])
    assert (other["diversity"].value, other["openings"].value) == (1.0, 1.0)


def test_beginnings_of_hidden_rows_are_counted_and_never_quoted():
    frame = frame_of(
        [("the sealed question is secret", "yes"), ("open question one", "no"), ("open question two", "no")]
    )
    common = by_name(measure_quality(frame, frozenset({0})))["diversity"].numbers["most_common"]
    assert [text for text, _ in common] == ["open question one", "open question two"]


# ---------------------------------------------------------------- balance
def test_each_label_says_what_it_lacks():
    labels = ["refund"] * 120 + ["delivery"] * 60 + ["other"] * 7
    rows = [(f"question {n} about a thing", f"{SENTENCE} {n}") for n in range(187)]
    item = found(rows, labels=labels)["balance"]
    assert [(row.label, row.rows, row.to_minimum, row.to_recommended) for row in item.numbers["labels"]] == [
        ("refund", 120, 0, 80),
        ("delivery", 60, 0, 140),
        ("other", 7, 43, 193),
    ]
    assert item.value == pytest.approx(120 / 7)
    assert "'other' has under 50 rows: add 43 rows" in item.advice


def test_evenness_is_one_for_equal_labels_and_falls():
    assert evenness(Counter(a=5, b=5, c=5)) == pytest.approx(1)
    assert evenness(Counter(a=99, b=1)) == pytest.approx(-(0.99 * math.log(0.99) + 0.01 * math.log(0.01)) / math.log(2))
    assert evenness(Counter(a=3)) == 1


def test_the_minimum_per_label_is_the_one_fit_check_uses():
    size = load_rulebook().sizes["classification"]
    assert (measures().balance.label_minimum, measures().balance.label_recommended) == (
        size.minimum[0],
        size.recommended[0],
    )


# ---------------------------------------------------------------- form
@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ('{"a": 1}', "JSON"),
        ("[1, 2]", "JSON"),
        ('{"a": 1', "broken JSON"),
        ("<p>x</p>", "XML or HTML"),
        ("SELECT a FROM b", "SQL"),
        ("```py\nx\n```", "code block"),
        ("1. a\n2. b", "list"),
        ("2026-11-24", "date"),
        ("-1,234.5 %", "number"),
        ("Queue: Cards | Priority: P1", "fields"),
        ("Queue: Cards\nPriority: P1", "fields"),
        ("spam", "one word"),
        ("Note: this sentence has a colon and goes on for long", "text"),
        ("See you at 10:30 tomorrow", "text"),
        (" ", "empty"),
    ],
)
def test_forms(answer, form):
    assert answer_form(answer) == form


def test_keys():
    assert keys_of('{"b": 1, "a": 2}', "JSON") == ("a", "b")
    assert keys_of("[1]", "JSON") is None
    assert field_names("Queue: Cards | Priority: P1") == ("Queue", "Priority")


def test_the_majority_form_is_named_and_odd_rows_are_listed():
    rows = [(f"question {n}", json.dumps({"queue": f"q{n}", "priority": n})) for n in range(40)]
    rows += [("q", json.dumps({"queue": "x"})), ("q2", "just a sentence of words"), ("q3", '{"queue": ')]
    item = found(rows)["format"]
    assert (item.numbers["majority"], item.numbers["keys"]) == ("JSON", ["priority", "queue"])
    assert item.numbers["keys_share"] == pytest.approx(40 / 41)
    assert item.value == pytest.approx(40 / 43)
    assert [(row.row_id, row.reason, row.detail) for row in item.rows] == [
        (40, "other keys", "lacks 'priority'"),
        (41, "other form", "text instead of JSON"),
        (42, "other form", "broken JSON instead of JSON"),
    ]
    assert item.level == "look"  # broken JSON is told even above the limit


def test_without_a_majority_no_row_is_odd():
    rows = [("a", "SELECT a FROM b"), ("b", "12"), ("c", '{"a": 1}'), ("d", "- x"), ("e", "a sentence of words")]
    item = found(rows)["format"]
    assert (item.numbers["majority"], item.rows, item.value) == ("mixed", (), 0.2)


def test_spellings_of_a_label():
    assert spellings(["Refund"] * 3 + ["refund", "REFUND ", "other"]) == {"refund": "Refund", "REFUND ": "Refund"}
    rows = [(f"question {n}", "Refund" if n % 2 else "Delivery") for n in range(40)] + [("x", "refund.")]
    item = found(rows)["format"]
    assert [(row.row_id, row.reason) for row in item.rows] == [(40, "other spelling")]
    assert item.value == pytest.approx(40 / 41)


def test_a_label_of_another_form_is_odd_only_among_structured_labels():
    rows = [(f"question {n}", "Queue: A | P: 1" if n % 2 else "Queue: B | P: 2") for n in range(60)]
    rows += [("x", "ask Jo"), ("y", "ask Jo")]
    assert {row.row_id for row in found(rows)["format"].rows} == {60, 61}
    balance = found(rows)["balance"]
    assert list(balance.numbers["counts"]) == ["Queue: B | P: 2", "Queue: A | P: 1"]
    assert "Not counted: 2 rows that hold no usual label." in balance.verdict
    words = [(f"question {n}", "refund" if n % 2 else "card lost") for n in range(60)]
    assert found(words)["format"].rows == ()


# ---------------------------------------------------------------- repetition
def test_repetition_between_and_inside_answers():
    assert repeated_share("one two three four " * 10) == pytest.approx(1 - 4 / 37)
    assert repeated_share("one two three four") == 0  # too short to say
    rows = [(f"question {n}", f"{SENTENCE} {n} with words {n * 3}") for n in range(60)]
    rows += [(f"loop {n}", "please hold the line " * 12) for n in range(40)]
    item = found(rows)["repeated"]
    assert item.value == pytest.approx(0.4)
    assert item.level == "look"
    assert (item.numbers["count"], item.numbers["looping"]) == (40, 40)
    assert {row.reason for row in item.rows} == {"repeats itself"}
    copies = found([("a question", f"{SENTENCE}")] * 3 + [("b", f"{SENTENCE} 2")])
    assert copies["repeated"].numbers["copies"] == 2


def test_contradictions_are_counted_per_row():
    item = found([("a", f"{SENTENCE} 1"), ("A!", f"{SENTENCE} 2"), ("b", f"{SENTENCE} 3"), ("c", f"{SENTENCE} 4")])
    assert item["contradictions"].affected == 2
    assert [row.row_id for row in item["contradictions"].rows] == [0, 1]


# ---------------------------------------------------------------- language
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("where is the parcel that I ordered for my son", "English"),
        ("Wo ist das Paket, das ich für meinen Sohn bestellt habe?", "German"),
        ("où est le colis que je vous ai commandé pour mon fils", "French"),
        ("¿dónde está el paquete que pedí para mi hijo?", "Spanish"),
        ("dov'è il pacco che ho ordinato per mio figlio, non è arrivato", "Italian"),
        ("onde está a encomenda que eu fiz para o meu filho, não chegou", "Portuguese"),
        ("waar is het pakket dat ik voor mijn zoon heb besteld", "Dutch"),
        ("gdzie jest paczka, którą zamówiłem dla mojego syna, czy jest już w drodze", "Polish"),
        ("где мой заказ, я не могу его найти и мне нужно знать, когда он будет", "Russian"),
        ("荷物はどこですか。まだ届いていません", "Japanese"),
        ("我的包裹在哪里", "Chinese (or Japanese without kana)"),
        ("내 소포는 어디에 있나요", "Korean"),
        ("أين الطرد الخاص بي", "Arabic letters (Arabic, Persian, Urdu)"),
        ("ABC-123", "not clear"),
        ("", "not clear"),
        ("Berlin", "not clear"),
    ],
)
def test_languages(text, name):
    assert guess_language(text) == name


def test_a_rare_language_is_listed_and_its_limits_are_said():
    rows = [(f"where is the parcel that I ordered, number {n}", f"{SENTENCE} {n}") for n in range(40)]
    rows += [("wo ist das Paket, das ich bestellt habe", f"{SENTENCE} x")]
    item = found(rows)["language"]
    assert item.numbers["counts"] == {"English": 40, "German": 1}
    assert [(row.row_id, row.detail) for row in item.rows] == [(40, "German, most are English")]
    assert "not a test of single rows" in languages().cannot


# ---------------------------------------------------------------- edges and properties
def test_no_rows_and_one_row():
    assert [(item.name, item.value) for item in measure_quality(frame_of([]))] == [("size", 0)]
    one = found([("only question", "only answer that is long enough")])
    assert one["size"].verdict == "One row is not a dataset yet."
    assert one["lengths"].numbers["spreads"]["question characters"].longest == 13
    assert "balance" not in one


def test_a_large_dataset_is_measured_on_a_stated_sample():
    rows = [(f"question {n} about something", f"{SENTENCE} {n}") for n in range(400)]
    texts = read_texts(frame_of(rows), most=100)
    assert (len(texts), texts.whole, texts.sampled) == (100, 400, True)
    off = 1.96 * math.sqrt(0.25 / 100) * math.sqrt(0.75)
    assert texts.note.startswith(f"Measured on 100 of 400 rows drawn at random; shares are right within {off:.1%}")
    assert texts.scaled(25) == 100
    assert read_texts(frame_of(rows), most=100).row_ids == texts.row_ids
    assert read_texts(frame_of(rows)).note == ""


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_sample_is_ascending_without_repeats(whole, wanted):
    places = sample_places(whole, wanted).tolist()
    assert len(places) == min(whole, wanted)
    assert places == sorted(set(places))
    assert all(0 <= place < whole for place in places)


TEXT = st.text(max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=25))
def test_any_rows_can_be_measured(rows):
    for item in measure_quality(frame_of(rows)):
        assert item.verdict
        assert math.isfinite(item.value)
        assert item.affected <= max(len(rows), 1)
        assert {row.row_id for row in item.rows} <= set(range(len(rows)))
        if item.name in ("diversity", "format", "repeated", "contradictions", "language", "openings"):
            assert 0 <= item.value <= 1


@given(st.lists(st.sampled_from(["Yes", "yes", "YES ", "no", "No.", ""]), max_size=30))
def test_spellings_lead_to_a_form_that_is_not_changed_again(values):
    better = spellings(values)
    assert not set(better.values()) & set(better)
    assert spellings([better.get(value, value) for value in values]) == {}
