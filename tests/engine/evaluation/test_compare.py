"""Verdicts: sentences, guards, paired tests, bad files, and how often pure luck is called better."""

import json
import random

import numpy as np
import pandas as pd
import pytest

from engine.errors import InputError, NotFound, TuneworthError
from engine.evaluation.answers import Answer, read_answers
from engine.evaluation.compare import compare, verdict_of
from engine.evaluation.rows_used import _leaked
from engine.evaluation.statistics import PairedCounts, mcnemar_exact, newcombe_paired


def rows(right, n=None):
    """Answers: `right` is a string of 1 (right) and 0 (wrong)."""
    return [Answer(str(i), "q", "yes", "yes" if mark == "1" else "no") for i, mark in enumerate(right)]


def table(both, tuned_only, base_only, neither):
    base = "1" * both + "0" * tuned_only + "1" * base_only + "0" * neither
    tuned = "1" * both + "1" * tuned_only + "0" * base_only + "0" * neither
    return rows(base), rows(tuned)


def test_better():
    result = compare(*table(100, 60, 10, 30))
    assert result.verdict == "better"
    assert result.sentence.startswith("The tuned model is better than the base model. In 100 rows like these expect 1")
    assert "more right answers" in result.sentence
    assert " p " not in result.sentence
    assert result.difference.value == pytest.approx(0.25)
    assert (result.discordant, result.better_rows, result.worse_rows, result.n) == (70, 60, 10, 200)
    assert result.rows_needed is None
    assert result.p == pytest.approx(mcnemar_exact(60, 10))


def test_better_but_maybe_too_little():
    result = compare(*table(100, 30, 10, 60), margin=0.10)
    assert result.verdict == "better_small"
    assert "maybe too little to matter" in result.sentence
    assert "You asked for at least 10 points." in result.sentence


def test_worse():
    result = compare(*table(100, 10, 60, 30))
    assert result.verdict == "worse"
    assert "fewer right answers" in result.sentence


def test_cannot_tell_says_what_would_settle_it():
    result = compare(*table(40, 10, 6, 24))
    assert result.verdict == "cannot_tell"
    assert result.sentence == (
        "Cannot tell yet. The gap (5 points, for the tuned model) could be luck. With 80 rows we can only see gaps of "
        "about 14 points or more. To see a gap of 5 points you need about 630 rows."
    )
    assert result.rows_needed == 626


def test_teaching_example_ten_rows():
    result = compare(*table(6, 4, 0, 0))
    assert result.p == 0.125
    assert result.verdict == "cannot_tell"
    assert result.anecdote
    assert result.sentence.startswith("Only 10 rows: an anecdote, not a measurement. Cannot tell yet.")


@pytest.mark.parametrize(("wins", "verdict"), [(5, "cannot_tell"), (6, "better")])
def test_fewer_than_six_disagreeing_rows_never_decide(wins, verdict):
    assert compare(*table(50, wins, 0, 44)).verdict == verdict


def test_the_same_answers():
    result = compare(*table(30, 0, 0, 30))
    assert result.verdict == "cannot_tell"
    assert "Both scored the same on all 60 rows." in result.sentence
    assert result.difference.value == 0


def test_enough_rows_and_no_gap_says_so():
    result = compare(*table(3000, 300, 300, 1400), margin=0.05)
    assert result.verdict == "cannot_tell"
    assert result.rows_needed is None
    assert "A gap of 5 points or more is unlikely" in result.sentence
    assert "It is not worse by more than 5 points." in result.sentence


def test_scores_and_corpus_metrics_are_paired():
    rng = random.Random(0)
    vocabulary = [f"w{i}" for i in range(60)]
    base, tuned = [], []
    for i in range(120):
        target = rng.choices(vocabulary, k=12)
        worse = [w if rng.random() < 0.4 else "x" for w in target]
        better = [w if rng.random() < 0.6 else "x" for w in target]
        base.append(Answer(str(i), "", " ".join(target), " ".join(worse)))
        tuned.append(Answer(str(i), "", " ".join(target), " ".join(better)))
    for metric in ("rougeL", "chrf", "bleu", "f1", "edit"):
        result = compare(base, tuned, metric)
        assert result.verdict == "better", metric
        assert result.difference.low > 0
        assert "points higher" in result.sentence
        assert result.difference.value == pytest.approx(result.tuned.interval.value - result.base.interval.value)
    assert compare(base, base, "bleu").verdict == "cannot_tell"


def test_row_order_does_not_matter_and_results_repeat():
    base, tuned = table(40, 10, 6, 24)
    first = compare(base, tuned).to_json()
    assert compare(base, tuned[::-1]).to_json() == first
    assert compare(base, tuned).to_json() == first


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_pure_luck_is_rarely_called_better(n):
    """2,000 experiments without any difference: at most 5 % "better" (in truth at most 2.5 %, two-sided)."""
    rng = np.random.default_rng(n)
    false = 0
    for _ in range(2000):
        share = rng.uniform(0.1, 0.5)
        moved = int(rng.binomial(n, share))
        wins = int(rng.binomial(moved, 0.5))
        both = (n - moved) // 2
        counts = PairedCounts(both, wins, moved - wins, n - moved - both)
        gap = newcombe_paired(counts)
        false += verdict_of(gap, mcnemar_exact(wins, moved - wins), moved, 0.0) == "better"
    assert false / 2000 <= 0.05


def write(path, lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


GOOD = {"id": 1, "prompt": "p", "expected": "a", "answer": "a"}


@pytest.mark.parametrize(
    ("lines", "words", "line"),
    [
        ([], "no answers", None),
        ([GOOD, "{oops"], "Line 2", 2),
        ([GOOD, "[1]"], "not an object", 2),
        ([GOOD, {"id": 2, "answer": "x"}], "has no 'expected'", 2),
        ([GOOD, "", GOOD], "stands twice", 3),
        ([{**GOOD, "expected": None}], "empty 'expected'", 1),
    ],
)
def test_bad_files_give_one_sentence_with_file_and_line(tmp_path, lines, words, line):
    path = write(tmp_path / "answers.jsonl", lines)
    with pytest.raises(TuneworthError, match=words) as caught:
        read_answers(path)
    assert caught.value.where.file == str(path)
    assert caught.value.where.line == line
    assert caught.value.hint


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(NotFound):
        read_answers(tmp_path / "no.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match="not UTF-8"):
        read_answers(tmp_path / "b.jsonl")


def test_unmatched_ids_and_other_expected_answers_are_refused(tmp_path):
    base = read_answers(write(tmp_path / "base.jsonl", [GOOD, {**GOOD, "id": 2}]))
    tuned = read_answers(write(tmp_path / "tuned.jsonl", [GOOD]))
    with pytest.raises(InputError, match="'2' has no answer on the tuned side") as caught:
        compare(base, tuned)
    assert caught.value.where.line == 2
    other = read_answers(write(tmp_path / "other.jsonl", [GOOD, {**GOOD, "id": 2, "expected": "b"}]))
    with pytest.raises(InputError, match="not the same on both sides"):
        compare(base, other)
    with pytest.raises(InputError, match="margin"):
        compare(base, base, margin=5)


def test_values_that_are_not_text_are_read(tmp_path):
    lines = [{"id": 1, "expected": {"a": 1}, "answer": None}, {"id": 2, "expected": {"a": 1}, "answer": {"a": 1}}]
    found = read_answers(write(tmp_path / "a.jsonl", lines))
    assert found[0].answer == ""
    assert compare(found, found, "json").base.unreadable == 1


def test_nobody_right_is_said_plainly(tmp_path):
    wrong = [{"id": i, "prompt": "q", "expected": "a", "answer": f"wrong {i}"} for i in range(40)]
    base = read_answers(write(tmp_path / "base.jsonl", wrong))
    found = compare(base, base, "exact")
    assert found.verdict == "cannot_tell"
    assert found.sentence.startswith("Neither model got any of the 40 rows right")
    one = read_answers(write(tmp_path / "one.jsonl", [{**wrong[0], "answer": "a"}, *wrong[1:]]))
    assert "only 1 row differs" in compare(base, one, "exact").sentence
    right = [{**row, "answer": "a"} for row in wrong]
    assert "Neither" not in compare(read_answers(write(tmp_path / "r.jsonl", right)), base, "exact").sentence


def test_a_shared_opening_is_no_leak():
    leaks = [{"row_id": 1, "kind": "prefix"}, {"row_id": 2, "kind": "near"}, {"row_id": 9, "kind": "exact"}]
    assert _leaked(leaks, pd.DataFrame({"row_id": [1, 2, 3]})) == 1
