"""Preference pairs: three sources, the checks, sealed prompts, an immutable set, and the file a trainer reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.columns import guess_columns
from engine.data.export import export_frame
from engine.data.mapping import Mapping
from engine.data.messages import dumps, loads, make
from engine.data.preferences import PairPlan, load_pairs, make_pairs
from engine.data.preferences.kept import as_rows, collect_pairs, current_pairs, pairs_jsonl
from engine.data.preferences.pair import Pair, check_pairs, length_bias, prompt_key
from engine.data.preferences.ratings import pairs_from_ratings, rating_columns, rating_of
from engine.data.records import CleaningStep
from engine.data.review.apply import apply_review
from engine.data.review.desk import open_desk
from engine.data.review.queue import start_queue
from engine.data.review.verdicts import Opinion, with_fix
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split, split_table
from engine.data.validate import validate_file
from engine.data.versions import save_version, undo
from engine.errors import Conflict, DatasetError, InputError
from tests.engine.data.conftest import frame_of
from tests.engine.data.review.conftest import add_rows, fix, read_all

PLAIN = [("user", "Question?")]


def pair(chosen, rejected, prompt=PLAIN, source="columns", row=0):
    return Pair(tuple(prompt), chosen, rejected, source, row)


def save(project, frame):
    return save_version(project, frame, CleaningStep(name="map", rows_in=len(frame), rows_out=len(frame)), None, "s")


def chosen_rejected(project, count=20):
    lines = [
        "question,chosen,rejected",
        *(f"Question {n}?,Good answer {n},Bad answer {n} and longer" for n in range(count)),
    ]
    source, read = add_upload(project, "\n".join(lines).encode(), "pairs.csv")
    roles = {"question": "user", "chosen": "assistant", "rejected": "rejected"}
    return start_dataset(project, source, Mapping(roles=roles), read)


def rated(project, rows):
    text = "question,answer,stars\n" + "\n".join(f"{q},{a},{s}" for q, a, s in rows)
    source, read = add_upload(project, text.encode(), "rated.csv")
    return start_dataset(project, source, Mapping(roles={"question": "user", "answer": "assistant"}), read)


# ---------------------------------------------------------------- checks
def test_pairs_nothing_can_be_learnt_from_are_counted():
    checked = check_pairs(
        [
            pair("a", "b"), pair("a", "b", source="review"), pair("same ", " same"), pair("", "x"), pair("x", "  "),
            pair("c", "d"), pair("d", "c"), pair("e", "f", [("system", "s")]), pair("g", "h"),
        ]
    )  # fmt: skip
    assert [(one.chosen, one.rejected) for one in checked.pairs] == [("a", "b"), ("g", "h")]
    assert checked.left_out == {"doubled": 1, "equal": 1, "empty": 2, "opposite": 2, "no_question": 1}


def test_length_bias_has_an_interval_and_a_warning():
    fair = length_bias(["aa"] * 50 + ["b"] * 50, ["a"] * 50 + ["bb"] * 50)
    assert (fair.longer, fair.compared, fair.biased) == (50, 100, False)
    assert fair.rate.low == pytest.approx(0.404, abs=0.001)
    wordy = length_bias(["long answer"] * 90 + ["b"] * 10, ["a"] * 90 + ["bb"] * 10)
    assert wordy.biased
    assert "write more" in wordy.words
    assert "write less" in length_bias(["a"] * 100, ["bb"] * 100).words
    assert not length_bias(["long answer"] * 4, ["a"] * 4).biased  # four pairs prove nothing
    assert length_bias(["a"], ["b"]).rate is None


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=12))
def test_every_pair_is_kept_or_has_one_reason(texts):
    checked = check_pairs(pair(a, b) for a, b in texts)
    assert len(checked.pairs) + sum(checked.left_out.values()) == len(texts)
    assert all(one.chosen.strip() != one.rejected.strip() for one in checked.pairs)


def test_prompts_are_the_same_whatever_case_spacing_and_system_text():
    assert prompt_key(make("Where is  it?", "", "Be kind.")[:2]) == prompt_key(
        [{"role": "user", "content": "where is it"}]
    )
    assert prompt_key(make("Pay 5", "")[:1]) != prompt_key(make("Pay 6", "")[:1])


# ---------------------------------------------------------------- columns
def test_chosen_and_rejected_columns(project):
    chosen_rejected(project, 3)
    collected = collect_pairs(project)
    assert collected.counts == {"columns": 3, "ratings": 0, "review": 0}
    first = collected.frame.iloc[0]
    assert loads(first["prompt"]) == [{"role": "user", "content": "Question 0?"}]
    assert (first["chosen"], first["rejected"], first["row_id"]) == ("Good answer 0", "Bad answer 0 and longer", 0)
    assert "0% of the pairs" in collected.bias.words


def test_a_worse_answer_written_as_a_conversation(project):
    worse = dumps(make("Q?", "worse"))
    frame = frame_of([("Q?", "better")]).assign(meta=json.dumps({"rejected": worse}))
    save(project, frame)
    assert collect_pairs(project).frame["rejected"].tolist() == ["worse"]


# ---------------------------------------------------------------- ratings
@pytest.mark.parametrize(
    ("cell", "value"),
    [("4", 4), ("4,5", 4.5), ("4/5", 4), ("4 out of 5", 4), ("80 %", 80), ("3 stars", 3), ("★★★☆☆", 3), ("-1", -1),
     ("👍", 1), ("Thumbs up", 1), ("thumbs_down", 0), ("no", 0), ("", None), ("maybe", None), ("12 monkeys", None)],
)  # fmt: skip
def test_ratings_as_people_write_them(cell, value):
    assert rating_of(cell) == value


def test_best_against_worst_with_a_gap(project):
    rows = [
        ("A?", "fine", "5"), ("a", "poor", "2"), ("A?", "middling", "3"),  # best against worst
        ("B?", "x", "4"), ("B?", "y", "4"),  # tie
        ("C?", "x", "4"), ("C?", "y", "4.5"),  # gap too small
        ("D?", "only", "1"),
        ("E?", "first", "5"), ("E?", "second", "5"), ("E?", "bad", "1"),  # tied best
        ("F?", "x", "n/a"), ("F?", "y", "3"),
    ]  # fmt: skip
    rated(project, rows)
    collected = collect_pairs(project, PairPlan(rating_column="stars"))
    found = [(row.chosen, row.rejected) for row in collected.frame.itertuples()]
    assert found == [("fine", "poor"), ("first", "bad")]
    told = collected.ratings
    assert (told.questions, told.ties, told.small_gap, told.single, told.tied_best) == (4, 1, 1, 2, 1)
    assert told.unreadable == {"n/a": 1}
    assert "4 questions with two or more rated answers gave 2 pairs; 1 are ties" in told.words
    with pytest.raises(InputError, match="no column 'nope'"):
        collect_pairs(project, PairPlan(rating_column="nope"))


def test_words_and_numbers_have_no_common_scale():
    frame = frame_of([("A?", "x"), ("A?", "y"), ("A?", "z")])
    assert pairs_from_ratings(frame, {0: "up", 1: "down", 2: "1"}, 1.0).pairs
    with pytest.raises(InputError, match="mix words"):
        pairs_from_ratings(frame, {0: "up", 1: "4", 2: "2"}, 1.0)


def test_rating_columns_are_found(table):
    frame = table(
        id=[str(n) for n in range(6)], text=["a b"] * 6, rating=["5", "4", "5", "", "1", "4"], ok=["yes", "no"] * 3
    )
    assert rating_columns(frame) == ["rating", "ok"]
    assert rating_columns(frame, skip=["rating"]) == ["ok"]


# ---------------------------------------------------------------- reviews
def test_corrected_answers_become_pairs(project):
    add_rows(project, 20)
    start_queue(project, 20)
    desk = open_desk(project)
    asked = Opinion("fix", "unclear", "", with_fix(desk.messages(2), "Another question?", "Better."))
    read_all(project, "Ann", {0: fix(desk, 0, "Right."), 1: Opinion("drop", "wrong"), 2: asked})
    assert collect_pairs(project).frame.empty  # not applied yet
    apply_review(open_desk(project))
    collected = collect_pairs(project)
    only = collected.frame.iloc[0]
    assert (len(collected.frame), only["chosen"], only["rejected"]) == (1, "Right.", "Answer number 0.")
    assert (only["source"], only["row_id"]) == ("review", 0)
    assert collected.left_out == {"question_changed": 1}
    undo(project)
    assert collect_pairs(project).frame.empty


# ---------------------------------------------------------------- kept and sealed
def test_pairs_are_kept_once_and_checked(project):
    chosen_rejected(project)
    kept = make_pairs(project)
    assert (kept.pairs, current_pairs(project).id) == (20, kept.id)
    frame = load_pairs(project)
    assert list(frame.columns) == ["prompt", "chosen", "rejected", "source", "row_id", "split"]
    again = make_pairs(project)
    assert again.id != kept.id
    assert again.sha256 == kept.sha256
    assert len(load_pairs(project, kept.id)) == 20
    (project.path / again.path).write_bytes(b"changed")
    with pytest.raises(InputError, match="changed outside"):
        load_pairs(project)


def test_no_pair_is_a_sentence(project):
    with pytest.raises(Conflict):
        load_pairs(project)
    add_rows(project)
    with pytest.raises(DatasetError, match="no pair"):
        make_pairs(project)


def test_pairs_of_the_test_part_are_sealed_also_later(project):
    chosen_rejected(project, 40)
    make_pairs(project)
    assert len(load_pairs(project)) == 40
    split = make_split(project)
    table = split_table(project, split)
    test = set(table.loc[table["split"] == "test", "row_id"])
    frame = load_pairs(project)
    assert test
    assert not test & set(frame["row_id"])
    assert len(frame) == 40 - len(test)
    assert set(frame["split"]) == {"train", "validation"}
    kept = make_pairs(project)
    assert kept.left_out["sealed"] == len(test)
    assert kept.split_id == split.id


def test_a_prompt_of_the_test_part_is_sealed_under_another_row(project):
    chosen_rejected(project, 40)
    split = make_split(project)
    table = split_table(project, split)
    row = int(table.loc[table["split"] == "test", "row_id"].iloc[0])
    source, read = add_upload(project, f"q,a,r\nquestion {row},x,y\nNew one?,x,y\n".encode(), "more.csv")
    start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant", "r": "rejected"}), read)
    collected = collect_pairs(project)
    assert collected.left_out == {"sealed": 1}
    assert loads(collected.frame["prompt"][0])[0]["content"] == "New one?"


# ---------------------------------------------------------------- files
def test_the_export_target_takes_pairs(project, tmp_path):
    chosen_rejected(project, 12)
    make_pairs(project)
    frame = load_pairs(project)
    done = export_frame(as_rows(frame), "dpo", tmp_path / "a.jsonl")
    assert done.written
    (tmp_path / "b.jsonl").write_bytes(pairs_jsonl(frame))
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert validate_file(tmp_path / "b.jsonl", "dpo").rows == 12


def test_instructions_and_earlier_turns_survive_the_file(project):
    frame = frame_of([("Q?", "better")])
    talk = make("Q?", "better", "Be kind.")
    save(project, frame.assign(messages=dumps(talk), meta=json.dumps({"rejected": "worse"})))
    make_pairs(project)
    row = json.loads(pairs_jsonl(load_pairs(project)))
    assert row["prompt"] == talk[:2]
    assert row["chosen"] == [{"role": "assistant", "content": "better"}]


def test_a_preference_file_maps_and_gives_pairs_by_itself(project):
    text = "prompt,chosen,rejected\n" + "\n".join(f"Ask {n}?,good {n},bad {n}" for n in range(12))
    source, read = add_upload(project, text.encode(), "dpo.csv")
    start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    assert make_pairs(project).counts["columns"] == 12
