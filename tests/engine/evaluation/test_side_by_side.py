"""Rows beside each other: order, filters, search, word differences, speed at 10,000 rows; prompts with examples."""

import time

import pytest

from engine.data.messages import dumps, make
from engine.errors import InputError
from engine.evaluation.answer_log import AnswerLog, Reply
from engine.evaluation.prompting import examples_in, pick_examples, turns_before_answer, with_examples
from engine.evaluation.rounds import Generated, Question, Round, ask
from engine.evaluation.side_by_side import build_rows, counts, select, word_diff


def reply(row, contestant, answer, expected="yes"):
    return Reply(row, contestant, f"question {row}", expected, answer, 0.1)


def replies():
    sides = {"base": ["yes", "no", "no", "yes", ""], "tuned": ["no", "yes", "no", "yes", "yes"]}
    return [reply(i, name, text) for name, texts in sides.items() for i, text in enumerate(texts)]


def test_regressions_first():
    rows = build_rows(replies(), "exact")
    assert [(row.row_id, row.change) for row in rows] == [
        (0, "worse"), (1, "better"), (4, "better"), (2, "same"), (3, "same")]  # fmt: skip
    assert counts(rows) == {"all": 5, "worse": 1, "better": 2, "changed": 3, "unreadable": 1, "wrong": 2}
    assert [row.row_id for row in select(rows, "unreadable")] == [4]
    assert [row.row_id for row in select(rows, "all", "QUESTION 3")] == [3]


def test_word_diff_gives_both_texts_back():
    left, right = "Queue: Cards | Priority: High", "Queue: Billing | Priority: High!"
    pieces = word_diff(left, right)
    assert ("delete", "Cards") in pieces
    assert ("insert", "Billing") in pieces
    assert "".join(text for op, text in pieces if op != "insert") == left
    assert "".join(text for op, text in pieces if op != "delete") == right
    assert word_diff("", "") == []
    assert word_diff("a" * 9000, "b") == [("equal", "b")]


def test_ten_thousand_rows_are_quick():
    made = [
        reply(
            i, name, f"Queue: {i % (7 if name == 'base' else 5)} | Priority: High", f"Queue: {i % 5} | Priority: High"
        )
        for name in ("base", "prompted", "tuned")
        for i in range(10_000)
    ]
    start = time.process_time()
    rows = build_rows(made, "exact", "prompted")
    assert len(select(rows, "all", "queue: 3")) > 0
    counts(rows)
    assert time.process_time() - start < 3


def talks(n=30):
    answers = ["Cards", "Billing", "Login"]
    return [(i, dumps(make(f"q{i}", answers[i % 3] if i else "Rare", system="Sort."))) for i in range(n)]


def test_examples_are_varied_nested_and_seeded():
    examples = examples_in([*talks(), (99, dumps([*make("a", "b"), *make("c", "d")]))])
    assert 99 not in {example.row_id for example in examples}
    six = pick_examples(examples, 6, seed=1)
    assert len({example.answer for example in six[:4]}) == 4
    assert pick_examples(examples, 3, seed=1) == six[:3]
    assert pick_examples(examples, 6, seed=2) != six
    assert pick_examples([], 5, seed=1) == []
    assert len(pick_examples(examples, 500, seed=1)) == len(examples)


def test_examples_stand_after_the_instruction():
    turns = turns_before_answer(dumps(make("now", "x", system="Sort.")))
    shown = with_examples(turns, pick_examples(examples_in(talks()), 2, seed=1))
    assert [turn["role"] for turn in shown] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert shown[-1]["content"] == "now"


class _Echo:
    positions = 10

    def __init__(self):
        self.batches = []

    def encode(self, turns):
        return list(range(len(turns[0]["content"])))

    def answer(self, prompts, *, tuned, max_new_tokens):
        self.batches.append([len(prompt) for prompt in prompts])
        return [Generated(str(len(prompt)), hit_limit=False) for prompt in prompts]


def test_a_round_asks_longest_first_once_and_names_what_is_too_long(tmp_path):
    asked = [Question(i, ({"role": "user", "content": "x" * n},), "p", "e") for i, n in enumerate((3, 9, 5, 1, 6))]
    log, model, seen = AnswerLog(tmp_path / "a.jsonl"), _Echo(), []
    for _ in range(2):
        ask(model, Round("base", asked), log, batch_size=2, max_new_tokens=4, before=seen.append)
    assert model.batches == [[6, 5], [3, 1]]
    assert seen == [1, 3]
    found = {reply.row_id: reply for reply in AnswerLog(tmp_path / "a.jsonl").replies()}
    assert found[1].too_long
    assert found[1].answer == ""
    assert {row: item.answer for row, item in found.items() if row != 1} == {0: "3", 2: "5", 3: "1", 4: "6"}


@pytest.mark.parametrize("torn", [b"", b'{"row_id": 7, "contest', b"\n"])
def test_a_torn_log_is_read_up_to_the_tear(tmp_path, torn):
    path = tmp_path / "a.jsonl"
    AnswerLog(path).add([reply(1, "base", "yes")])
    with path.open("ab") as file:
        file.write(torn)
    log = AnswerLog(path)
    log.add([reply(2, "base", "no"), reply(1, "base", "other")])
    assert [(r.row_id, r.answer) for r in AnswerLog(path).replies()] == [(1, "yes"), (2, "no")]


def test_a_changed_log_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"row_id": 7}\n')
    with pytest.raises(InputError, match="Line 1"):
        AnswerLog(path)
