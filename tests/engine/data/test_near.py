"""Judged pairs, lanes, the threshold that moves, and what people decided."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.near_apply import apply_votes, pending
from engine.data.near_duplicates import find_near
from engine.data.near_lanes import lane_rules
from engine.data.near_redecide import choices_of, lane_counts, redecide, undo_redecide
from engine.data.near_store import load_pairs
from engine.data.near_threshold import accept, accepted, best_threshold, propose, still_needed
from engine.data.near_votes import PairVote, vote_on, votes_of
from engine.data.versions import chain, load_decisions, load_version, redo, require_version, to_parquet, undo
from engine.errors import Conflict, InputError
from tests.engine.data.conftest import WordEncoder
from tests.engine.data.near_project import ANSWER, ROWS, compare_again, compared

np = pytest.importorskip("numpy")
FREE = lane_rules("minilm", labels=False)


def lanes_of(project, version=None):
    decisions = load_decisions(project, (version or require_version(project)).id)
    rows = zip(decisions["row_id"], decisions["action"], decisions["partner"], strict=True)
    return {int(row): (action, int(partner)) for row, action, partner in rows}


def vote(project, one, other, choice, **about):
    """A person's word about two rows of the first version."""
    return vote_on(project, load_version(project, chain(project)[0].id), (one, other), choice, **about)


# ---------------------------------------------------------------- lanes
def test_pairs_are_stored_and_sorted_into_lanes(project):
    version = compared(project)
    assert lanes_of(project) == {
        1: ("drop", 0),
        3: ("ask", 2),
        4: ("conflict", 5),
        6: ("ask", 7),
    }
    pairs = load_pairs(project, version).set_index("row")
    assert list(pairs.columns[:2]) == ["partner", "place"]
    assert pairs.loc[3, "guard"] == "number"
    assert not pairs.loc[3, "same"]
    assert pairs.loc[3, "reason"] == "kept: number 31 vs 30"
    assert pairs.loc[4, "guard"] == "answer"
    assert set(pairs["encoder"]) == {"minilm"}


def test_changed_pairs_file_is_refused(project):
    version = compared(project)
    path = project.path / "data" / version.step.settings["pairs"]
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(InputError, match="changed outside"):
        redecide(project, 0.95)


def test_labels_keep_other_words_for_the_same_thing(words):
    rows = [(f"{a} where is my new card {b}", "card") for a in ("please", "well", "so") for b in ("now", "today")]
    rows += [("where is the my new card please now", "card"), ("how are you doing in spring", "talk")] * 2
    result = find_near(*zip(*rows, strict=True), load=words)
    assert result.labels
    strict, loose = result.lanes(), result.lanes(lane_rules("minilm", labels=False))
    assert len(strict.removed) < len(loose.removed)
    letters = result.pairs["letters"].tolist()
    wording = result.pairs["reason"].tolist()
    assert all(letters[n] >= 0.9 or wording[n] == "same wording" for n in strict.removed.values())


def test_answers_in_other_words_are_compared_too(words):
    question = ("how do i get my money back for this order please", "how do i get my money back for this order")
    same = "you get your money back when the parcel is with us again and was looked at"
    other = "nobody gets anything at all from this little old shop on mondays"
    rows = [(question[0], same), (question[1], f"{same} thanks"), ("one more row", ANSWER)]
    lanes = find_near(*zip(*rows, strict=True), load=words).lanes()
    assert list(lanes.removed) == [1]
    rows[1] = (question[1], other)
    lanes = find_near(*zip(*rows, strict=True), load=words).lanes()
    assert not lanes.removed
    assert len(lanes.conflicts) == 1


def test_a_row_in_a_contradiction_is_not_removed(words):
    rows = [("where is my new card now", ANSWER), ("where is my new card now thanks", ANSWER)]
    rows += [("where is my new card now", "Something that is not at all like it")]
    lanes = find_near(*zip(*rows, strict=True), load=words).lanes()
    assert not lanes.removed


def test_questions_are_limited_best_first_and_the_rest_is_counted(project):
    rows = [(f"word{n} tell me all about your offer of word{n} for {d} days", ANSWER) for n in range(6) for d in (3, 4)]
    version = compared(project, rows, most=2)
    asked = [action for action, _ in lanes_of(project).values()]
    assert asked == ["ask", "ask"]
    assert "4 more pairs are alike; they are kept" in version.step.note
    redecide(project, most=100)
    assert len(lanes_of(project)) == 6


def test_other_languages_are_told_and_never_removed_by_meaning(project):
    german = [f"Können Sie mir bitte sagen wo die Bestellung geblieben ist für Straße {n}" for n in "abc"]
    version = compared(project, [(text, ANSWER) for text in german] + ROWS)
    assert "3 of 12 rows are not English" in version.step.note
    assert {row: lane for row, lane in lanes_of(project).items() if row < 3 and lane[0] == "drop"} == {}


WORDS = ["card", "money", "where", "my", "is", "bank", "rate", "lost", "new", "order"]
texts = st.lists(st.sampled_from(WORDS), min_size=3, max_size=7).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, st.sampled_from(["one long answer of us", "another one"])), min_size=2, max_size=25))
def test_stars_never_chain(rows):
    encoder = WordEncoder()
    result = find_near(*zip(*rows, strict=True), load=lambda name: encoder)
    for labels in (True, False):
        lanes = result.lanes(lane_rules("minilm", labels=labels))
        stored = set(zip(result.pairs["row"], result.pairs["partner"], strict=True))
        for row, kept in lanes.kept_by.items():
            assert kept not in lanes.removed
            assert (row, kept) in stored
        gone = set(lanes.removed)
        for number in [*lanes.ask, *lanes.conflicts]:
            assert not gone & {int(result.pairs["row"][number]), int(result.pairs["partner"][number])}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 3000), min_size=2, max_size=12), st.sampled_from(["{} days", "order A{}B", "-{}%"]))
def test_rows_that_differ_only_in_a_number_all_stay(numbers, template):
    rows = [f"please tell me everything about {template.format(n)} as soon as you can" for n in sorted(numbers)]
    encoder = WordEncoder()
    result = find_near(rows, [ANSWER] * len(rows), load=lambda name: encoder)
    assert not result.lanes(lane_rules("minilm", labels=False, threshold=0.8)).removed


# ---------------------------------------------------------------- another threshold
def test_the_same_threshold_gives_the_same_rows(project):
    version = compared(project)
    again = redecide(project, version.step.settings["threshold"])
    assert again.sha256 == version.sha256
    assert again.parent == version.parent
    assert to_parquet(load_decisions(project, again.id)) == to_parquet(load_decisions(project, version.id))


def test_moving_the_threshold_replaces_the_step_and_undo_takes_it_back(project):
    version = compared(project)
    counts = lane_counts(9, load_pairs(project, version), choices_of(version), {}, labels=False)
    assert (counts.removed, counts.kept, counts.ask, counts.conflicts) == (1, 8, 2, 1)
    higher = redecide(project, 0.99)
    assert [v.step.name for v in chain(project)] == ["map", "near_duplicates"]
    assert lanes_of(project)[1] == ("ask", 0)
    assert higher.rows == 9
    lower = redecide(project, 0.8)
    assert lower.rows < 9
    assert 3 in set(load_version(project, lower.id)["row_id"])  # a number keeps two rows apart at any threshold
    assert undo_redecide(project).id == higher.id
    assert undo_redecide(project).id == version.id
    assert project.audit.verify().ok
    with pytest.raises(Conflict):
        undo_redecide(project)


def test_other_changes_on_top_are_not_lost_silently(project):
    from engine.data.edits import RowEdit, apply_edits

    compared(project)
    apply_edits(project, [RowEdit(8, "wrong", "By hand")], "fixes")
    with pytest.raises(Conflict, match="changed in another way"):
        redecide(project, 0.95)


# ---------------------------------------------------------------- votes
def test_decisions_become_rows_and_undo_takes_them_back(project):
    compared(project)
    vote(project, 6, 7, "same", keep=6)  # the other way round than proposed
    vote(project, 0, 1, "different")  # put back
    vote(project, 4, 5, "same", keep=4)
    assert len(pending(project)) == 3
    done = apply_votes(project)
    assert load_version(project, done.id)["row_id"].tolist() == [0, 1, 2, 3, 4, 6, 8]
    assert done.step.counts == {"you left it out": 2, "you put it back": 1}
    with pytest.raises(Conflict):
        apply_votes(project)
    undo(project)
    assert len(pending(project)) == 3
    assert redo(project).id == done.id
    vote(project, 4, 5, "open")  # taken back after it was applied
    assert 5 in set(load_version(project, apply_votes(project).id)["row_id"])


def test_a_chosen_answer_can_replace_the_other(project):
    compared(project)
    vote(project, 4, 5, "same", keep=5, change=True)
    done = apply_votes(project)
    texts = load_version(project, done.id).set_index("row_id")["messages"]
    assert "Nobody knows this before noon" in texts[4]
    assert "best rate for euros in the shop" in texts[4]
    assert len(pending(project)) == 0


def test_votes_hold_for_a_new_run_and_for_another_file(project):
    version = compared(project)
    vote(project, 0, 1, "different")
    vote(project, 6, 7, "same", keep=7)
    undo(project)
    compare_again(project, chain(project)[0], load_version(project, version.parent))
    assert lanes_of(project) == {3: ("ask", 2), 4: ("conflict", 5), 6: ("drop", 7)}
    moved = [("an extra row comes first this month", ANSWER), *((q.upper(), a) for q, a in ROWS)]
    compared(project, moved)
    assert lanes_of(project) == {4: ("ask", 3), 5: ("conflict", 6), 7: ("drop", 8)}
    assert redecide(project, 0.8).rows == 9  # put back stays put back


def test_circles_of_votes_keep_one_row(project):
    rows = [(f"tell me the way to the station {w} from the market square", ANSWER) for w in ("now", "soon", "fast")]
    compared(project, rows)
    pairs = load_pairs(project, require_version(project))
    assert len(pairs) == 3
    for one, other in ((0, 1), (1, 2), (2, 0)):
        vote(project, one, other, "same", keep=other)
    assert redecide(project).rows == 1


# ---------------------------------------------------------------- learnt threshold
def votes_at(scores, same):
    return [
        PairVote(first=f"a{n}", second="b", choice="same" if yes else "different", keep="b", encoder="minilm",
                 score=score, passed=True)
        for n, (score, yes) in enumerate(zip(scores, same, strict=True))
    ]  # fmt: skip


def test_a_threshold_is_proposed_with_its_evidence():
    scores = [0.80 + n / 100 for n in range(20)]
    assert propose(votes_at(scores[:19], [n > 4 for n in range(19)]), "minilm") is None
    assert still_needed(votes_at(scores, [True] * 20), "minilm") == (0, 0, 5)
    found = propose(votes_at(scores, [n > 7 for n in range(20)]), "minilm")
    assert found.threshold == pytest.approx(0.875)
    assert (found.above, found.above_same, found.below, found.below_different) == (12, 12, 8, 8)
    assert found.low <= found.threshold <= found.high
    assert found.accuracy == 1
    assert propose(votes_at(scores, [n > 7 for n in range(20)]), "static") is None


@given(st.lists(st.tuples(st.integers(800, 1000), st.booleans()), min_size=2, max_size=40))
def test_best_threshold_is_the_best_of_all(votes):
    scores, same = np.array([s / 1000 for s, _ in votes]), np.array([y for _, y in votes])
    if same.all() or not same.any():
        return

    def right(t):
        above = scores >= t
        return (above & same).sum() / same.sum() + (~above & ~same).sum() / (~same).sum()

    best = right(best_threshold(scores, same))
    assert all(right(t / 2000) <= best + 1e-9 for t in range(1598, 2004))


def test_an_accepted_threshold_is_used(project):
    found = propose(votes_at([0.8 + n / 100 for n in range(20)], [n > 7 for n in range(20)]), "minilm")
    assert accepted(project, "minilm") is None
    compared(project)
    said = vote(project, 6, 7, "same", keep=7, pairs=load_pairs(project, require_version(project)))
    assert (said.passed, said.encoder) == (True, "minilm")
    assert 0.8 < said.score < 0.9
    assert accept(project, "minilm", found).threshold == accepted(project, "minilm").threshold == 0.875
    assert votes_of(project) == [said]
