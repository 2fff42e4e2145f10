"""Odd rows, the six questions, recommendations in order, and the changes their buttons make."""

from __future__ import annotations

import pytest

from engine.data.messages import answer_of
from engine.data.quality import measure_quality
from engine.data.quality.fixes import (
    leave_out,
    sensible_number,
    sensible_share,
    take_fewer,
    take_fewer_answers,
    write_one_way,
)
from engine.data.quality.meaning import LoneRow, MeaningReport
from engine.data.quality.odd_rows import odd_rows
from engine.data.quality.recommend import recommend
from engine.data.quality.six_questions import answers_of, save_answer, six_questions
from engine.data.records import CleaningStep, Split
from engine.data.versions import current_version, load_decisions, load_version, save_version, undo
from engine.errors import Conflict, InputError
from tests.engine.data.conftest import frame_of

SENTENCE = "This answer is a sentence about case number"


def report(spread=0.7, lone=()):
    rows = [LoneRow(row_id=row, closeness=0.1) for row in lone]
    return MeaningReport(
        id="v", rows=9, whole=9, spread=spread, spread_off=0, silhouette=0, groups=[], lone=rows, usual=0.3, points=[]
    )


def split(leaks=0, near=True):
    return Split(
        dataset_id="v", seed=0, ratios=(0.8, 0.1, 0.1), counts={}, leaks={"exact": leaks}, near_checked=near,
        path="", sha256="",
    )  # fmt: skip


def labelled(**counts):
    rows = [(f"question {name} number {n}", name) for name, count in counts.items() for n in range(count)]
    return frame_of(rows)


def saved(project, frame):
    return save_version(project, frame, CleaningStep(name="map", rows_in=len(frame), rows_out=len(frame)), None, "s")


# ---------------------------------------------------------------- odd rows
def test_a_row_is_listed_once_with_all_its_reasons():
    rows = [(f"a usual question of about forty letters {n:02}", f"{SENTENCE} {n:02} done") for n in range(60)]
    rows += [("x" * 9000, '{"a": "an object of about forty letters"}')]
    odd = odd_rows(measure_quality(frame_of(rows)), report(lone=[60, 3]))
    assert [row.row_id for row in odd] == [60, 3]
    assert [part.reason for part in odd[0].reasons] == ["other form", "far from all others", "very long question"]
    assert odd[0].words.startswith("other form (JSON instead of text); far from all others (closeness 0.10")
    assert [part.reason for part in odd[1].reasons] == ["far from all others"]


# ---------------------------------------------------------------- six questions
def test_six_questions_are_computed_or_asked():
    found = measure_quality(labelled(refund=60, delivery=60))
    answers = {item.name: item for item in six_questions(found, None, None, {}, "v")}
    assert list(answers) == ["consistent", "correct", "diverse", "edge_cases", "balanced", "separate"]
    assert {name: item.state for name, item in answers.items()} == {
        "consistent": "open",
        "correct": "open",
        "diverse": "open",
        "edge_cases": "open",
        "balanced": "good",
        "separate": "open",
    }
    assert [name for name, item in answers.items() if item.asked] == ["consistent", "correct", "edge_cases"]


def test_measured_meaning_and_a_split_answer_two_of_them():
    found = measure_quality(frame_of([(f"{n} question", f"{SENTENCE} {n}") for n in range(20)]))

    def state(name, **known):
        items = six_questions(found, known.get("meaning"), known.get("split"), {}, "v")
        return next(item.state for item in items if item.name == name)

    assert [state("diverse", meaning=report(value)) for value in (0.49, 0.5)] == ["look", "good"]
    assert [state("separate", split=split(*known)) for known in ((0, True), (0, False), (3, True))] == [
        "good",
        "open",
        "look",
    ]


def test_contradictions_outweigh_what_the_user_says(project):
    found = measure_quality(frame_of([("a", f"{SENTENCE} 1"), ("a", f"{SENTENCE} 2")]))
    save_answer(project, "s", "v", "consistent", "yes")
    item = six_questions(found, None, None, answers_of(project, "s"), "v")[0]
    assert (item.state, item.reply) == ("look", "yes")


def test_answers_are_kept_and_say_when_the_rows_have_changed_since(project):
    save_answer(project, "s", "v1", "correct", "yes")
    save_answer(project, "s", "v1", "edge_cases", "no")
    found = measure_quality(labelled(a=60, b=60))
    now = {item.name: item for item in six_questions(found, None, None, answers_of(project, "s"), "v2")}
    assert (now["correct"].state, now["correct"].earlier) == ("good", True)
    assert now["edge_cases"].state == "look"
    assert answers_of(project, "other") == {}
    with pytest.raises(InputError):
        save_answer(project, "s", "v1", "separate", "yes")


# ---------------------------------------------------------------- recommendations
def names(frame, meaning=None, leak=None):
    found = measure_quality(frame)
    answers = six_questions(found, meaning, leak, {}, "v")
    return [(tip.name, tip.act) for tip in recommend(found, meaning, odd_rows(found, meaning), answers)]


def test_graver_findings_come_first_then_those_that_touch_more_rows():
    frame = frame_of(
        [("the same question again and again", "Refund"), ("the same question again and again", "no")] * 30
    )
    order = names(frame)
    assert order[0] == ("size", "collect")  # 60 rows are few
    assert [act for _, act in order].index("cleaning") < [act for _, act in order].index("meaning")
    assert ("copies", "cleaning") in order
    assert ("contradictions", "cleaning") in order


def test_a_crowded_label_can_be_thinned_and_rare_ones_need_rows():
    assert ("balance", "fewer") in names(labelled(refund=1500, delivery=60))
    assert ("balance", "collect") in names(labelled(refund=60, delivery=9))


def test_nothing_left_to_do():
    frame = frame_of([(f"{n} {word} question", f"{n} {SENTENCE}") for n in range(70) for word in ("one", "two")])
    found = measure_quality(frame)
    given = {}
    answers = [item for item in six_questions(found, report(), split(), given, "v") if not item.asked]
    assert recommend(found, report(), [], answers) == []
    assert recommend(measure_quality(frame_of([])), None, [], []) == []


# ---------------------------------------------------------------- changes
def test_labels_are_written_one_way_and_undo_brings_them_back(project):
    rows = [(f"question {n}", "Refund" if n % 2 else "Delivery") for n in range(40)] + [
        ("x", "refund "),
        ("y", "DELIVERY"),
    ]
    first = saved(project, frame_of(rows, labels=["b"] * 40 + ["B", "b"]))
    version = write_one_way(project)
    after = load_version(project, version.id)
    assert set(map(answer_of, after["messages"])) == {"Refund", "Delivery"}
    assert set(after["label"]) == {"b"}
    assert load_decisions(project, version.id)["row_id"].tolist() == [40, 41]
    assert version.step.changed == 2
    with pytest.raises(Conflict, match="one way already"):
        write_one_way(project)
    assert undo(project).id == first.id


def test_fewer_of_a_label_is_a_seeded_draw(project):
    first = saved(project, labelled(refund=90, delivery=30))
    version = take_fewer(project, "refund", 30)
    kept = load_version(project, version.id)
    assert [answer_of(text) for text in kept["messages"]].count("refund") == 30
    assert version.step.counts == {"fewer of a label": 60}
    undo(project)
    assert load_version(project, take_fewer(project, "refund", 30).id)["row_id"].tolist() == kept["row_id"].tolist()
    undo(project)
    assert current_version(project).id == first.id
    for label, keep in (("refund", 90), ("refund", 0), ("nothing", 3)):
        with pytest.raises(InputError):
            take_fewer(project, label, keep)


def test_fewer_rows_with_the_answer_that_dominates(project):
    rows = [(f"{n} question", f"{SENTENCE} {n}") for n in range(80)] + [(f"x {n}", f"{SENTENCE}!") for n in range(60)]
    saved(project, frame_of(rows))
    assert ("repeated", "fewer_answers") in names(frame_of(rows))
    keep = sensible_share(60, 140)
    assert keep == 20  # 20 of 100 rows are the allowed fifth
    version = take_fewer_answers(project, keep)
    assert (version.step.dropped, version.step.name) == (40, "fewer_of_answer")
    after = measure_quality(load_version(project, version.id))
    assert not next(item for item in after if item.name == "repeated").numbers["dominant"]
    with pytest.raises(InputError, match="The most common answer has 20 rows; 20 cannot be kept of them"):
        take_fewer_answers(project, 20)


def test_odd_rows_can_be_left_out(project):
    saved(project, labelled(refund=5))
    version = leave_out(project, {1: "other form", 3: "very long question"})
    assert load_version(project, version.id)["row_id"].tolist() == [0, 2, 4]
    assert load_decisions(project, version.id)["detail"].tolist() == ["other form", "very long question"]
    with pytest.raises(InputError):
        leave_out(project, {})


@pytest.mark.parametrize(
    ("counts", "keep"), [([900, 60, 50], 60), ([5000, 2000, 10], 200), ([30, 5], 30), ([7], 7), ([], 0)]
)
def test_a_sensible_number_of_rows(counts, keep):
    assert sensible_number(counts) == keep
