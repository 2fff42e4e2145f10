"""The check names what is wrong, where; every fix changes only that, and can be undone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.check.check import check_frame
from engine.data.check.content import loop_in
from engine.data.check.fixes import (
    apply_fix,
    cut_to_answer,
    drop_empty_turns,
    edits_for,
    merge_turns,
    start_with_question,
    trim,
)
from engine.data.check.rulebook import check_rules
from engine.data.edits import edit_frame
from engine.data.messages import answer_of, canonical_frame, dumps, loads, make
from engine.data.page_view import recipe_of
from engine.data.recipe import FIX_STEPS
from engine.data.records import CleaningStep, Source
from engine.data.run_steps import run_steps
from engine.data.versions import chain, load_version, require_version, save_version, undo, version_bytes
from engine.errors import Conflict, InputError
from tests.engine.data.conftest import frame_of

GOOD = [(f"Where is order number {i}?", f"Order {i} left our house on day {i}.") for i in range(120)]


def talks_frame(talks, ids=None):
    count = len(talks)
    return canonical_frame(
        {
            "row_id": list(ids or range(count)),
            "messages": [dumps(talk) for talk in talks],
            "label": [""] * count,
            "source": ["t"] * count,
            "meta": ["{}"] * count,
            "synthetic": [False] * count,
        }
    )


def user(text):
    return {"role": "user", "content": text}


def bot(text):
    return {"role": "assistant", "content": text}


def by_code(checked):
    return {group.code: group for group in checked.groups}


def test_good_rows_have_no_findings():
    for target in ("hf", "openai", "bedrock-nova", "vertex"):
        checked = check_frame(frame_of(GOOD), target)
        assert checked.findings == ()
        assert checked.refused == frozenset()


def test_every_finding_names_row_place_and_value():
    rows = [*GOOD, ("  padded  ", "An answer that is fine."), ("q?", ""), ("loop?", "We are sorry. " * 9), GOOD[3]]
    checked = check_frame(frame_of(rows, ids=range(1000, 1000 + len(rows))), "hf")
    found = by_code(checked)
    assert found["untidy"].row_ids == [1120, 1122]  # the loop ends with a blank
    assert found["untidy"].findings[0].value == "  padded  "
    assert found["untidy"].findings[0].place == "question"
    assert found["empty_answer"].row_ids == [1121]
    assert found["empty_answer"].severity == "error"
    assert found["looping_answer"].row_ids == [1122]
    assert found["duplicate"].row_ids == [1123]
    assert found["duplicate"].findings[0].partner == 1003
    assert checked.refused == {1121}
    assert checked.doubted == {1120, 1122, 1123}


def test_conflicts_name_the_other_row_by_its_id():
    rows = [*GOOD, (GOOD[5][0], "It never left.")]
    group = by_code(check_frame(frame_of(rows, ids=[10 * i for i in range(len(rows))]), "hf"))["conflict"]
    assert set(group.row_ids) == {50, 1200}
    assert {finding.partner for finding in group.findings} == {50, 1200}
    assert group.fixes == ()


def test_labels_in_two_spellings_are_set_to_the_common_one(project):
    answers = ["card_arrival"] * 40 + ["Card arrival"] * 3 + ["refund"] * 30
    rows = [(f"question {i} about it", answer) for i, answer in enumerate(answers)]
    frame = frame_of(rows, labels=answers)
    checked = check_frame(frame, "hf")
    group = by_code(checked)["label_spelling"]
    assert group.row_ids == [40, 41, 42]
    save_version(project, frame, CleaningStep(name="map", rows_in=73, rows_out=73), None, "s")
    before = version_bytes(project, require_version(project).id)
    version = apply_fix(project, "set_label", group.row_ids, group.code, "hf")
    after = load_version(project, version.id)
    assert set(after["label"]) == {"card_arrival", "refund"}
    assert [answer_of(text) for text in after["messages"]].count("card_arrival") == 43
    assert by_code(check_frame(after, "hf")).keys().isdisjoint({"label_spelling"})
    with pytest.raises(Conflict):
        apply_fix(project, "set_label", group.row_ids, group.code, "hf")
    undo(project)
    assert version_bytes(project, require_version(project).id) == before


TALKS = {
    "not_alternating": ([user("a"), user("b"), bot("The answer to it.")], "merge_turns"),
    "first_not_user": ([bot("Hello, how can I help?"), user("a"), bot("The answer to it.")], "start_with_question"),
    "last_not_answer": ([user("a"), bot("The answer to it."), user("thanks")], "cut_to_answer"),
    "empty_content": ([user("a"), bot("The first answer."), user(" "), bot("The second.")], "drop_empty_turns"),
}


@pytest.mark.parametrize("code", TALKS)
def test_the_offered_fix_removes_its_finding(code):
    talk, fix = TALKS[code]
    target = "vertex"
    frame = talks_frame([*(make(*row) for row in GOOD), talk])
    group = by_code(check_frame(frame, target))[code]
    assert fix in group.fixes
    edits = edits_for(frame, fix, group.row_ids, code, target)
    after, decisions = edit_frame(frame, edits, "fix")
    assert code not in by_code(check_frame(after, target))
    assert [decision.row_id for decision in decisions] == [120]
    assert after["messages"].tolist()[:120] == frame["messages"].tolist()[:120]


def test_reserved_words_are_rewritten_only_in_their_rows():
    frame = frame_of([*GOOD, ("User: where is <image> of it", "Here it is, my friend.")])
    group = by_code(check_frame(frame, "bedrock-nova"))["reserved_word"]
    after, _ = edit_frame(frame, edits_for(frame, "rewrite_reserved", group.row_ids, group.code, "bedrock-nova"), "fix")
    assert loads(after["messages"][120])[0]["content"] == "User - where is (image) of it"
    assert "reserved_word" not in by_code(check_frame(after, "bedrock-nova"))


def test_missing_instructions_are_given_from_the_others():
    talks = [make(*row, "Be brief.") for row in GOOD] + [make("no system", "An answer of mine.")]
    frame = talks_frame(talks)
    group = by_code(check_frame(frame, "hf"))["missing_instructions"]
    assert group.row_ids == [120]
    after, _ = edit_frame(frame, edits_for(frame, "set_instructions", [120], group.code, "hf"), "fix")
    assert loads(after["messages"][120])[0] == {"role": "system", "content": "Be brief."}


def test_odd_form_is_named_against_the_majority():
    rows = [(f"as json {i}", json.dumps({"a": i})) for i in range(60)] + [("as json x", "Here is some plain text.")]
    group = by_code(check_frame(frame_of(rows), "hf"))["odd_format"]
    assert group.row_ids == [60]
    assert "98% of the answers are JSON" in group.findings[0].message


@pytest.mark.parametrize(
    ("answer", "loops"),
    [
        ("Please restart the router. " * 4, True),
        ("yes no " * 20, True),
        ("The order left on Monday. It arrives on Friday. Then you can pick it up. Bring your card.", False),
        ("Thank you.", False),
        ("one two three four five six seven eight nine ten eleven twelve thirteen", False),
        ("- item one\n- item two\n- item three\n- item four\n- item five", False),
    ],
)
def test_loops(answer, loops):
    assert (loop_in(answer) is not None) is loops


def test_unknown_fix_is_a_sentence():
    with pytest.raises(InputError, match="no fix"):
        edits_for(frame_of(GOOD), "magic", [0], "untidy", "hf")


def test_every_kind_has_words_and_known_fixes():
    rules = check_rules()
    assert {fix for kind in rules.kinds.values() for fix in kind.fixes} <= rules.fixes.keys()
    assert all(kind.title and kind.why.endswith(".") for kind in rules.kinds.values())


turns = st.lists(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "assistant"]),
        st.text(" \n.ab?", max_size=6),
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(turns)
def test_fixes_are_idempotent_and_lose_no_words(talk):
    for fix in (trim, merge_turns, cut_to_answer, start_with_question, drop_empty_turns):
        once = fix(talk)
        assert fix(once) == once
    letters = "".join(turn["content"] for turn in talk).split()
    assert "".join("".join(turn["content"] for turn in merge_turns(talk)).split()) == "".join(letters)


def test_a_fix_repeats_on_the_next_file_as_a_step_of_the_recipe(project):
    answers = ["card_arrival"] * 40 + ["Card arrival"] * 3 + ["refund"] * 30
    frame = frame_of([(f"question {i} about it", answer) for i, answer in enumerate(answers)], labels=answers)
    mapping = {"roles": {"question": "user", "answer": "assistant"}}
    save_version(project, frame, CleaningStep(name="map", settings=mapping, rows_in=73, rows_out=73), None, "s")
    apply_fix(project, "set_label", [40, 41, 42], "label_spelling", "hf")
    source = Source(file="a.csv", sha256="0", bytes=1, format="csv", encoding="utf-8", columns=[], rows=73, rejects=0)
    recipe = recipe_of(source, chain(project), None)
    assert recipe.steps == ("fix_set_label",)
    assert recipe.by_hand == ()
    other = frame_of([(f"other {i} here", answer) for i, answer in enumerate(["a b"] * 30 + ["A-B"])], labels=[""] * 31)
    outcome = next(iter(run_steps(recipe.steps, other)))
    assert {answer_of(text) for text in outcome.frame["messages"]} == {"a b"}
    assert [(d.row_id, d.action) for d in outcome.decisions] == [(30, "change")]


def test_every_fix_but_leaving_out_is_a_step():
    assert {f"fix_{fix}" for fix in check_rules().fixes if fix != "drop"} == set(FIX_STEPS)
    clean = frame_of(GOOD)
    for outcome in run_steps(FIX_STEPS, clean):
        assert outcome.decisions == []
