import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.answers import answers_are_labels
from engine.data.clean import empty, short_answers, tidy, whitespace
from engine.data.columns import guess_columns
from engine.data.decisions import decisions_frame, decisions_from
from engine.data.encoders import silent
from engine.data.exact_duplicates import conflicts, exact_duplicates
from engine.data.mapping import Mapping, apply_mapping, preview
from engine.data.messages import answer_of, loads, prompt_of
from engine.data.near_run import NearChoices, near_step
from engine.data.quality import answer_format, measure_quality
from engine.data.recipe import ALL_STEPS, Recipe, read_recipe, recipe_yaml
from engine.data.run_steps import run_steps
from engine.data.text_keys import canonical_key
from engine.errors import DatasetError, InputError, MappingError
from tests.engine.data.conftest import WordEncoder, frame_of

LONG = "This is a long enough free text answer"


def test_keys_keep_what_carries_meaning():
    same = [("Hello,  World!", "hello world"), ("ＡＢＣ", "abc"), ("Straße", "STRASSE"), ("e\u0301t\u00e9", "été")]
    other = [
        ("-5", "5"),
        ("50%", "50"),
        ("$5", "€5"),
        ("1.5", "15"),
        ("1/2", "12"),
        ("m²", "m2"),
        ("C#", "C"),
        ("− 5", "5"),
    ]
    assert all(canonical_key(a) == canonical_key(b) for a, b in same)
    assert all(canonical_key(a) != canonical_key(b) for a, b in other)


def test_tidy():
    assert tidy("\ufeff a\u00a0 b\x07 \r\n\r\n\r\n\r\n  c ") == "a b\n\n  c"
    assert tidy("e\u0301") == "é"


@given(st.text(max_size=60))
def test_tidy_is_stable(text):
    assert tidy(tidy(text)) == tidy(text)


def test_whitespace_lists_changed_rows():
    frame, decisions = whitespace(frame_of([(" a ", "b"), ("c", "d")]))
    assert [(d.row_id, d.action) for d in decisions] == [(0, "change")]
    assert prompt_of(frame["messages"][0]) == "a"


def test_empty_rows_have_one_reason_each():
    frame, decisions = empty(frame_of([("a", " "), (" ", "b"), ("", ""), ("a", "b")]))
    assert frame["row_id"].tolist() == [3]
    assert [(d.row_id, d.reason) for d in decisions] == [
        (0, "empty answer"),
        (1, "empty question"),
        (2, "empty answer"),
    ]


def test_short_answers_leave_labels_alone():
    labels = frame_of([(f"question {i}", "yes" if i % 2 else "no") for i in range(40)])
    assert len(short_answers(labels)[0]) == 40
    free = frame_of([(f"question {i}", f"{LONG} {i}") for i in range(40)] + [("q", "ok")])
    frame, decisions = short_answers(free)
    assert len(frame) == 40
    assert decisions[0].row_id == 40
    assert "2 characters" in decisions[0].detail


def test_answers_are_labels():
    assert answers_are_labels(["yes", "no"] * 5)
    assert not answers_are_labels([f"{LONG} {i}" for i in range(10)])
    assert not answers_are_labels([])
    assert not answers_are_labels(["a", "b", "c"])


def test_exact_duplicates_keep_the_first_and_name_it():
    rows = [
        ("What is it?", "A thing."),
        ("what is it", "a thing"),
        ("What is it?", "Another thing."),
        ("?", "x"),
        ("!", "x"),
    ]
    frame, decisions = exact_duplicates(frame_of(rows, ids=[5, 6, 7, 8, 9]))
    assert frame["row_id"].tolist() == [5, 7, 8, 9]
    assert [(d.row_id, d.partner) for d in decisions] == [(6, 5)]


def test_conflicts_are_listed_and_kept():
    frame, decisions = conflicts(frame_of([("Q one", "a"), ("q one!", "b"), ("Q two", "a"), ("q one", "a")]))
    assert len(frame) == 4
    assert [(d.row_id, d.partner, d.action) for d in decisions] == [
        (0, 1, "conflict"),
        (1, 0, "conflict"),
        (3, 1, "conflict"),
    ]


def near(rows, words):
    done = near_step(frame_of(rows), NearChoices(), words, silent)
    return done.frame, done.decisions


def test_near_duplicates_lanes(words):
    rows = [
        ("where is my new card now", "card"),
        ("where is my new card now thanks", "card"),
        ("please refund me within 30 days for the order of last monday", "refund"),
        ("please refund me within 31 days for the order of last monday", "refund"),
        ("tell me the rate of today for the euro", "rate"),
        ("tell me the rate for today of the euro", "fee"),
    ]
    frame, decisions = near(rows, words)
    lanes = {d.row_id: (d.action, d.partner) for d in decisions}
    assert lanes[0] == ("drop", 1)
    assert lanes[3] == ("ask", 2)
    assert lanes[5] == ("conflict", 4)
    assert "different answer" in next(d.detail for d in decisions if d.row_id == 5)
    assert frame["row_id"].tolist() == [1, 2, 3, 4, 5]


def test_near_edges(words):
    assert near([("only one", "a")], words)[1] == []
    same = [("the very same text", "a")] * 50
    assert len(near(same, words)[0]) == 1
    unique = [(f"{chr(97 + i) * 7} {chr(98 + i) * 9}", "a") for i in range(20)]
    assert len(near(unique, words)[0]) == 20
    empties = [("", "a"), ("", "b"), ("?", "a")]
    assert len(near(empties, words)[0]) == 3


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["where is it", "where is it now", "Where is it?", "pay 5", "pay 6", "", "x"]),
            st.sampled_from(["a", "b", ""]),
        ),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_every_dropped_row_has_exactly_one_reason(rows):
    frame = frame_of(rows)
    outcomes = []
    try:
        outcomes = list(run_steps(ALL_STEPS, frame, load=lambda name: WordEncoder()))
    except DatasetError:
        return
    dropped = [d.row_id for outcome in outcomes for d in outcome.decisions if d.action == "drop"]
    assert sorted(dropped) == sorted(set(range(len(rows))) - set(outcomes[-1].frame["row_id"]))
    for outcome in outcomes:
        assert outcome.step.dropped == sum(d.action == "drop" for d in outcome.decisions)
        assert decisions_from(decisions_frame(outcome.decisions)) == outcome.decisions


def test_no_row_left_is_a_sentence():
    with pytest.raises(DatasetError, match="No row is left"):
        list(run_steps(["empty"], frame_of([("a", ""), ("b", " ")])))


def test_guess_common_shapes(table):
    def roles(**columns):
        return guess_columns(table(**columns)).roles

    many = [f"some text number {i} that is long" for i in range(30)]
    few = ["a", "b", "c"] * 10
    assert roles(text=many, category=few) == {"text": "user", "category": "assistant"}
    assert roles(prompt=many, completion=many, label=few)["label"] == "label"
    assert roles(id=few, question=many, answer=many, customer_id=few) == {
        "id": "ignore", "question": "user", "answer": "assistant", "customer_id": "group",
    }  # fmt: skip
    assert roles(instruction=many, input=many, output=many) == {
        "instruction": "user",
        "input": "user",
        "output": "assistant",
    }
    assert roles(prompt=many, chosen=many, rejected=few)["rejected"] == "rejected"
    assert roles(foo=many, bar=few) == {"foo": "user", "bar": "assistant"}
    assert roles(foo=many, bar=[f"longer answer {i} of the second column" for i in range(30)])["bar"] == "assistant"
    talk = ['[{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]'] * 3
    assert roles(conversations=talk, id=few[:3]) == {"conversations": "messages", "id": "ignore"}


def test_mapping_errors_name_the_columns(table):
    frame = table(a=["x"], b=["y"])
    with pytest.raises(MappingError, match="answer") as error:
        apply_mapping(frame, Mapping(roles={"a": "user"}), "f")
    assert "'a', 'b'" in error.value.hint
    with pytest.raises(MappingError, match="question"):
        apply_mapping(frame, Mapping(roles={"b": "assistant"}), "f")
    with pytest.raises(MappingError, match="no column 'z'"):
        apply_mapping(frame, Mapping(roles={"z": "assistant"}), "f")
    with pytest.raises(MappingError, match="Two columns"):
        apply_mapping(frame, Mapping(roles={"a": "assistant", "b": "assistant"}), "f")


def test_mapping_template_system_and_meta(table):
    frame = table(city=["Rome"], q=["{city}?"], a=["yes"], who=["c1"])
    mapping = Mapping(
        roles={"a": "assistant", "who": "group"}, system_prompt="Be kind.", user_template="In {city}: {q}"
    )
    made, _ = apply_mapping(frame, mapping, "f")
    talk = loads(made["messages"][0])
    assert [turn["content"] for turn in talk] == ["Be kind.", "In Rome: {city}?", "yes"]
    assert made["meta"][0] == '{"group": "c1"}'
    assert preview(frame, mapping) == [talk]


def test_unreadable_conversations_are_listed(table):
    parts = '[{"type": "text", "text": "hi"}]'
    turns = f'[{{"role": "user", "content": {parts}}}, {{"role": "assistant", "content": "yo"}}]'
    good = f'{{"messages": {turns}}}'
    frame = table(messages=[good, "[]", '[{"role": "alien", "content": "x"}]'])
    made, decisions = apply_mapping(frame, Mapping(roles={"messages": "messages"}), "f")
    assert made["row_id"].tolist() == [0]
    assert answer_of(made["messages"][0]) == "yo"
    assert [d.row_id for d in decisions] == [1, 2]


def test_recipe_round_trip(tmp_path):
    recipe = Recipe(mapping=Mapping(roles={"a": "user", "b": "assistant"}), steps=("empty",))
    path = tmp_path / "r.yml"
    path.write_text(recipe_yaml(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe
    path.write_text("steps: [nonsense]", encoding="utf-8")
    with pytest.raises(InputError, match="steps"):
        read_recipe(path)


def test_quality_numbers():
    rows = [(f"question number {i} about something", "yes" if i % 2 else "no") for i in range(20)]
    found = {item.name: item for item in measure_quality(frame_of(rows))}
    assert found["size"].level == "poor"
    assert found["balance"].numbers["counts"] == {"no": 10, "yes": 10}
    assert found["format"].level == "good"
    free = {item.name: item for item in measure_quality(frame_of([("same", f"{LONG} {i}") for i in range(150)]))}
    assert free["diversity"].level == "look"
    assert free["openings"].value < 0.5
    assert measure_quality(frame_of([]))[0].value == 0


def test_answer_format():
    expected = {
        '{"a": 1}': "JSON",
        "<p>x</p>": "XML or HTML",
        "SELECT a FROM b": "SQL",
        "- a\n- b": "list",
        "12 %": "number",
        "spam": "one word",
        "a b": "text",
        " ": "empty",
    }
    assert {text: answer_format(text) for text in expected} == expected
