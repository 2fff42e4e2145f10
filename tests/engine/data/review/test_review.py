"""Queue, verdicts, two readers, applying and undoing, on a real project."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.edits import RowEdit, apply_edits
from engine.data.messages import answer_of, make
from engine.data.near_votes import vote_on
from engine.data.recipe import SplitPlan
from engine.data.review.apply import apply_review, plan_review
from engine.data.review.desk import add_rater, open_desk, stop_reading
from engine.data.review.queue import (
    current_queue,
    draw,
    flag_each,
    flag_rows,
    queue_items,
    queues,
    start_queue,
    take_flagged,
    use_queue,
    waiting,
)
from engine.data.review.records import JOINT, Judgement
from engine.data.review.resolution import agreements, disagreements, finals
from engine.data.review.result import measure
from engine.data.review.said import review_said
from engine.data.review.undecided import flag_undecided, undecided
from engine.data.review.verdicts import Opinion, give, resolve, take_back, talk_parts, undo_last, with_fix
from engine.data.split import make_split, split_table
from engine.data.versions import chain, load_decisions, load_version, require_version, undo, version_bytes
from engine.errors import Conflict, InputError, NotFound
from engine.project.workspace import Workspace
from tests.engine.data.review.conftest import add_rows, fix, read_all

WRONG = Opinion("drop", "wrong")


# ---------------------------------------------------------------- queue
def test_the_same_seed_draws_the_same_rows(project, queue):
    again = start_queue(project, 10, seed=3)
    other = start_queue(project, 10, seed=4)
    assert [item.row_id for item in again.items] == [item.row_id for item in queue.items]
    assert [item.row_id for item in other.items] != [item.row_id for item in queue.items]
    assert draw([5, 1, 9], 2, 7) == draw([9, 5, 1], 2, 7)
    assert len({item.row_id for item in queue.items}) == 10
    assert queue.drawn_from == 40
    assert current_queue(project).id == other.id
    use_queue(project, queue.id)
    assert current_queue(project).id == queue.id
    assert [one.id for one in queues(project)] == [queue.id, again.id, other.id]


def test_every_row_is_drawn_about_equally_often():
    times = dict.fromkeys(range(20), 0)
    for seed in range(400):
        for row in draw(range(20), 5, seed):
            times[row] += 1
    assert min(times.values()) > 60
    assert max(times.values()) < 145


def test_rows_of_the_test_part_are_neither_drawn_nor_shown(project):
    add_rows(project)
    split = make_split(project, SplitPlan(ratios=(0.5, 0.25, 0.25)))
    table = split_table(project, split)
    sealed = set(table.loc[table["split"] == "test", "row_id"])
    flag_rows(project, [*list(sealed)[:2], 0], "odd")
    queue = start_queue(project, 1000)
    assert {item.row_id for item in queue.items} == set(range(40)) - sealed
    assert queue.sealed == len(sealed)
    with pytest.raises(Conflict, match="sealed"):
        give(open_desk(project), "A", next(iter(sealed)), Opinion("keep"))


def test_a_split_made_later_takes_its_rows_out_of_the_queue(project):
    add_rows(project)
    start_queue(project, 40)
    make_split(project, SplitPlan(ratios=(0.5, 0.25, 0.25)))
    desk = open_desk(project)
    assert desk.sealed_items == len(desk.sealed) > 0
    assert not desk.sealed & {item.row_id for item in desk.open_items}
    with pytest.raises(Conflict, match="sealed"):
        give(desk, "A", next(iter(desk.sealed)), Opinion("keep"))


def test_flagged_rows_come_with_their_reasons_and_wait_their_turn(project):
    add_rows(project)
    flag_rows(project, [1, 2], "Much longer than the others.")
    flag_rows(project, [2], "Another form.")
    assert list(waiting(project)) == [1, 2]
    queue = start_queue(project, 5, seed=1)
    items = {item.row_id: item for item in queue.items}
    assert items[2].why == ("Much longer than the others.", "Another form.")
    assert not waiting(project)
    flag_rows(project, [7, 8], "Later.")
    free = [row for row in (7, 8) if row not in items]
    part = take_flagged(project, queue)
    assert [item.row_id for item in part.items] == free
    assert not any(item.sampled for item in part.items)
    assert len(queue_items(project, queue)) == len(queue.items) + len(free)
    with pytest.raises(Conflict):
        take_flagged(project, queue)
    with pytest.raises(NotFound):
        flag_rows(project, [999], "x")
    with pytest.raises(InputError):
        flag_rows(project, [1], " ")


def test_undecided_rows_of_the_cleaning_are_flagged_once(project):
    from engine.data.decisions import Decision
    from engine.data.records import CleaningStep
    from engine.data.versions import save_version

    first = add_rows(project)
    step = CleaningStep(name="conflicts", rows_in=40, rows_out=40)
    frame = load_version(project, first.id)
    save_version(project, frame, step, first.id, "source", [Decision(4, "conflicts", "conflict", "d", "conflict", 5)])
    assert undecided(project) == {4: "Another row gives a different answer."}
    assert flag_undecided(project) == 1
    assert flag_undecided(project) == 0
    assert list(waiting(project)) == [4]
    vote_on(project, frame, (4, 5), "different")  # a person has decided since
    assert undecided(project) == {}


# ---------------------------------------------------------------- verdicts
def test_verdicts_undo_and_changing_ones_mind(project, queue):
    desk = read_all(project, "Ann", size=3)
    rows = [item.row_id for item in queue.items]
    assert [len(desk.left("Ann")), desk.book.of("Ann")[rows[0]].action] == [7, "keep"]
    give(desk, "Ann", rows[0], WRONG)
    assert open_desk(project).book.of("Ann")[rows[0]].action == "drop"
    assert undo_last(open_desk(project), "Ann").row_id == rows[0]
    desk = open_desk(project)
    assert desk.book.of("Ann")[rows[0]].action == "keep"  # the verdict before comes back
    assert undo_last(desk, "Ann").row_id == rows[2]
    assert len(open_desk(project).left("Ann")) == 8
    for _ in range(2):
        undo_last(open_desk(project), "Ann")
    with pytest.raises(Conflict, match="no verdict"):
        undo_last(open_desk(project), "Ann")


def test_two_tabs_of_one_reader_do_not_overwrite_each_other(project, queue):
    row = queue.items[0].row_id
    name = add_rater(project, queue, "Ann")
    first, second = open_desk(project), open_desk(project)
    give(first, name, row, WRONG)
    with pytest.raises(Conflict, match="another tab"):
        give(second, name, row, Opinion("keep"), turn=0)
    assert open_desk(project).book.of(name)[row].action == "drop"
    last = open_desk(project).book.last(name)
    give(open_desk(project), name, queue.items[1].row_id, Opinion("keep"))
    with pytest.raises(Conflict, match="Another tab"):
        undo_last(open_desk(project), name, last.id)


def test_a_killed_process_loses_no_verdict(project, queue):
    script = (
        "import sys; from pathlib import Path; from engine.project.workspace import Workspace\n"
        "from engine.data.review.desk import open_desk, add_rater\n"
        "from engine.data.review.verdicts import Opinion, give\n"
        "project = Workspace(Path(sys.argv[1])).open(sys.argv[2]); desk = open_desk(project)\n"
        "add_rater(project, desk.queue, 'Ann')\n"
        "for item in desk.open_items:\n"
        "    give(desk, 'Ann', item.row_id, Opinion('keep')); sys.stdout.write('x'); sys.stdout.flush()\n"
        "    if item == desk.open_items[5]: sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(project.workspace_root), project.id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        said = child.stdout.read(6)
        os.kill(child.pid, signal.SIGKILL)
    assert said == b"xxxxxx"
    desk = open_desk(Workspace(project.workspace_root).open(project.id))
    assert len(desk.book.of("Ann")) == 6
    assert len(desk.left("Ann")) == 4


@pytest.mark.parametrize(
    ("opinion", "message"),
    [
        (Opinion("drop"), "reason is missing"),
        (Opinion("drop", "ugly"), "no reason 'ugly'"),
        (Opinion("drop", "other"), "few words"),
        (Opinion("fix", "wrong"), "corrected text"),
        (Opinion("fix", "wrong", messages=make("q", " ")), "empty"),
        (Opinion("toss", "wrong"), "no verdict 'toss'"),
    ],
)
def test_incomplete_verdicts_are_one_sentence(project, queue, opinion, message):
    with pytest.raises(InputError, match=message):
        give(open_desk(project), "Ann", queue.items[0].row_id, opinion)
    assert not project.records.list(Judgement)


def test_a_fix_that_changes_nothing_is_refused(project, queue):
    desk, row = open_desk(project), queue.items[0].row_id
    with pytest.raises(InputError, match="Nothing was changed"):
        give(desk, "Ann", row, Opinion("fix", "wrong", messages=desk.messages(row)))


def test_names_of_readers(project, queue):
    assert add_rater(project, queue, "  Ann  Lee ") == "Ann Lee"
    assert add_rater(project, queue, "ann lee") == "Ann Lee"
    for name in ("", " ", "x" * 41):
        with pytest.raises(InputError):
            add_rater(project, queue, name)


def test_the_pace_is_the_median_without_breaks(project, queue):
    desk = open_desk(project)
    start = 1_000_000.0
    for place, moment in enumerate([0, 10, 20, 4000, 4008, 4018, 4030]):
        row = queue.items[place].row_id
        line = Judgement(
            id=f"{queue.id}:Ann:{row}:0", created=start + moment, queue_id=queue.id, rater="Ann", row_id=row, turn=0,
            action="keep", seen=desk.print_of(row),
        )  # fmt: skip
        project.records.save(line)
    assert open_desk(project).pace("Ann") == 10
    assert open_desk(project).pace("Ben") == 12  # nothing known yet: the first guess of the rules


def test_parts_of_a_conversation_and_its_fix():
    talk = [
        {"role": "system", "content": "s"}, *make("one", "two"), *make("three", "four"),
    ]  # fmt: skip
    assert talk_parts(talk) == ("system: s\nuser: one\nassistant: two", "three", "four")
    fixed = with_fix(talk, "3", None)
    assert [turn["content"] for turn in fixed] == ["s", "one", "two", "3", "four"]
    assert talk_parts(with_fix(make("q", "a")[:1], None, "new")) == ("", "q", "new")


# ---------------------------------------------------------------- two readers
def test_a_second_reader_is_blind_until_both_are_done(project, queue):
    rows = [item.row_id for item in queue.items]
    desk = read_all(project, "Ann", {rows[0]: WRONG, rows[1]: Opinion("drop", "unclear")})
    assert measure(desk).wrong == 2
    add_rater(project, queue, "Ben")
    desk = open_desk(project)
    assert desk.waiting_for == ["Ben"]
    for hidden in (measure, disagreements, agreements, finals, plan_review):
        with pytest.raises(Conflict, match="Ben is still reading"):
            hidden(desk)
    with pytest.raises(Conflict):
        resolve(desk, rows[1], Opinion("keep"))
    desk = read_all(project, "Ben", {rows[0]: WRONG})
    assert desk.waiting_for == []
    (only,) = disagreements(desk)
    assert (only.row_id, [line.action for line in only.lines]) == (rows[1], ["drop", "keep"])
    assert rows[1] not in finals(desk)
    ((first, second, said),) = agreements(desk)
    assert (first, second, said.n, said.alike) == ("Ann", "Ben", 10, 9)
    line = resolve(desk, rows[1], Opinion("drop", "format", "no full stop"))
    desk = open_desk(project)
    assert finals(desk)[rows[1]].joint
    assert finals(desk)[rows[1]].reason == "format"
    take_back(desk, line)
    assert JOINT not in set(open_desk(project).raters)
    assert rows[1] not in finals(open_desk(project))


def test_a_reader_may_stop_early(project, queue):
    read_all(project, "Ann")
    desk = read_all(project, "Ben", size=4)
    assert desk.waiting_for == ["Ben"]
    stop_reading(project, queue, "Ben")
    desk = open_desk(project)
    assert desk.waiting_for == []
    assert agreements(desk)[0][2].n == 4
    assert len(finals(desk)) == 10


def test_the_same_verdict_with_different_fixes_is_a_disagreement(project, queue):
    row = queue.items[0].row_id
    desk = open_desk(project)
    read_all(project, "Ann", {row: fix(desk, row, "A")})
    desk = read_all(project, "Ben", {row: fix(desk, row, "B")})
    assert [found.row_id for found in disagreements(desk)] == [row]


# ---------------------------------------------------------------- result and applying
def test_the_measured_share_counts_drawn_rows_only(project):
    add_rows(project)
    drawn = set(draw(range(40), 20, 0))
    odd = [row for row in range(40) if row not in drawn][:3]
    flag_rows(project, odd, "odd")
    start_queue(project, 20, seed=0)
    verdicts = dict.fromkeys(odd, Opinion("drop", "format")) | {sorted(drawn)[0]: WRONG}
    result = measure(read_all(project, "Ann", verdicts))
    assert (result.read, result.wrong, result.flagged_read, result.flagged_wrong) == (20, 1, 3, 3)
    assert [(share.reason, share.count) for share in result.shares] == [("wrong", 1)]
    assert result.rate.low < 0.05 < result.rate.high
    assert "1 of 20 rows read is wrong: 5%" in result.sentence
    assert "0.9% and 23.6%" in result.sentence
    assert result.advice[-1].startswith("Wrong: ")


def test_reading_every_row_gives_the_exact_share(project):
    add_rows(project, 12)
    start_queue(project, 100)
    result = measure(read_all(project, "Ann", {0: WRONG}))
    assert result.whole
    assert result.rate.low == result.rate.high == pytest.approx(1 / 12)
    assert "Every row was read" in result.sentence


def test_many_wrong_rows_stop_the_training(project):
    add_rows(project, 60)
    queue = start_queue(project, 30)
    rows = [item.row_id for item in queue.items]
    result = measure(read_all(project, "Ann", dict.fromkeys(rows[:12], WRONG)))
    assert result.advice[0].startswith("Do not train yet")


def test_applying_makes_one_version_and_undo_brings_equal_bytes_back(project, queue):
    rows = [item.row_id for item in queue.items]
    before = version_bytes(project, require_version(project).id)
    desk = open_desk(project)
    verdicts = {rows[0]: WRONG, rows[1]: fix(desk, rows[1], "Better.", "format", "told twice")}
    desk = read_all(project, "Ann", verdicts)
    version = apply_review(desk)
    assert (version.step.name, version.step.rows_out, version.step.changed) == ("review", 39, 1)
    assert version.step.counts == {"wrong": 1, "fixed: format": 1}
    frame = load_version(project, version.id).set_index("row_id")
    assert answer_of(frame.loc[rows[1], "messages"]) == "Better."
    assert rows[0] not in frame.index
    assert "told twice" in " ".join(load_decisions(project, version.id)["detail"])
    desk = open_desk(project)
    assert not plan_review(desk).edits
    assert not desk.left("Ann")
    with pytest.raises(Conflict):
        apply_review(desk)
    with pytest.raises(Conflict, match="already part of your rows"):
        give(desk, "Ann", rows[1], Opinion("keep"))
    undo(project)
    assert version_bytes(project, require_version(project).id) == before
    assert len(plan_review(open_desk(project)).edits) == 2  # the verdicts are still there


def test_rows_changed_since_are_said_and_not_overwritten(project, queue):
    rows = [item.row_id for item in queue.items]
    desk = open_desk(project)
    verdicts = {row: fix(desk, row, "Fixed.") for row in rows[:3]} | {rows[3]: WRONG}
    read_all(project, "Ann", verdicts)
    edits = [RowEdit(rows[0], "tidy", "d", messages=make("q", "changed elsewhere")), RowEdit(rows[1], "gone", "d")]
    apply_edits(project, edits, "fixes")
    desk = open_desk(project)
    plan = plan_review(desk)
    assert (plan.changed, plan.gone, plan.fixes, plan.drops) == ([rows[0]], [rows[1]], 1, 1)
    assert desk.left("Ann") == [rows[0]]
    assert desk.gone_items == 1
    version = apply_review(desk)
    assert "1 rows were changed by another step" in version.step.note
    frame = load_version(project, version.id).set_index("row_id")
    assert answer_of(frame.loc[rows[0], "messages"]) == "changed elsewhere"
    with pytest.raises(Conflict, match="changed by another step"):
        give(open_desk(project), "Ann", rows[0], Opinion("keep"), seen=queue.items[0].fingerprint)
    give(open_desk(project), "Ann", rows[0], WRONG)
    assert [edit.row_id for edit in plan_review(open_desk(project)).edits] == [rows[0]]


def test_a_fixed_answer_that_is_the_label_changes_the_label(project):
    add_rows(project, texts=[("Where?", "billing"), ("When?", "delivery")], labels=["billing", "delivery"])
    start_queue(project, 2)
    desk = open_desk(project)
    read_all(project, "Ann", {0: fix(desk, 0, "delivery")})
    version = apply_review(open_desk(project))
    assert load_version(project, version.id)["label"].tolist() == ["delivery", "delivery"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(st.sampled_from(["keep", "fix", "drop", "undo"]), min_size=1, max_size=12),
    text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip),
)
def test_any_review_applied_and_undone_leaves_equal_bytes(tmp_path_factory, actions, text):
    project = Workspace(tmp_path_factory.mktemp("property")).create("P")
    add_rows(project, 14)
    queue = start_queue(project, 12)
    add_rater(project, queue, "Ann")
    before = version_bytes(project, require_version(project).id)
    for item, action in zip(queue.items, actions, strict=False):
        desk = open_desk(project)
        if action == "undo":
            if desk.book.last("Ann"):
                undo_last(desk, "Ann")
        elif action == "fix":
            give(desk, "Ann", item.row_id, fix(desk, item.row_id, text))
        else:
            give(desk, "Ann", item.row_id, Opinion(action, "wrong"))
    desk = open_desk(project)
    plan = plan_review(desk)
    if plan.edits:
        version = apply_review(desk)
        assert version.rows == 14 - plan.drops
        assert len(load_decisions(project, version.id)) == plan.fixes + plan.drops
        undo(project)
    assert version_bytes(project, require_version(project).id) == before
    assert len(chain(project)) == 1


def test_other_pages_are_told_in_sentences_and_only_when_all_are_done(project, queue):
    assert review_said(project) is None
    rows = [item.row_id for item in queue.items]
    read_all(project, "Ann", {rows[0]: WRONG, rows[1]: Opinion("drop", "off_topic")})
    said = review_said(project)
    assert said.share.startswith("2 of 10 rows read are wrong: 20%.")
    assert (said.reasons, said.agreement) == ("By reason: wrong 1, off topic 1.", "")
    add_rater(project, queue, "Ben")
    assert review_said(project) is None
    read_all(project, "Ben")
    assert review_said(project).agreement.startswith("Ann and Ben: Both said the same about 8 of 10 rows")


def test_rows_flagged_with_their_own_sentences(project):
    add_rows(project)
    flags = flag_each(project, {1: "long", 2: "short", 3: "long "})
    assert [(flag.rows, flag.reason) for flag in flags] == [((1, 3), "long"), ((2,), "short")]
    with pytest.raises(InputError):
        flag_each(project, {1: "long", 2: ""})


def test_a_second_reader_can_finish_after_the_first_ones_verdicts_were_applied(project, queue):
    rows = [item.row_id for item in queue.items]
    desk = open_desk(project)
    read_all(project, "Ann", {rows[0]: fix(desk, rows[0], "Better."), rows[1]: WRONG})
    apply_review(open_desk(project))
    name = add_rater(project, queue, "Ben")
    desk = open_desk(project)
    assert desk.left(name) == rows[2:]
    for row in desk.left(name):
        give(desk, name, row, Opinion("keep"))
    desk = open_desk(project)
    assert desk.waiting_for == []
    assert agreements(desk)[0][2].n == 8
    assert measure(desk).wrong == 2
