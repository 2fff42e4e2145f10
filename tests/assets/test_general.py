"""The general rows and the probe questions: readable, varied, right where a program can tell, and apart."""

from __future__ import annotations

import ast
import datetime
import json
import re
from collections import Counter

import pytest

from engine.data.exact_duplicates import text_key
from engine.data.grow.mix import general_candidates, general_file
from engine.data.messages import answer_of, prompt_of

GENERAL = [json.loads(line) for line in general_file().read_text(encoding="utf-8").splitlines()]
PROBE = [
    json.loads(line) for line in (general_file().parent / "probe_rows.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_at_least_two_hundred_rows_that_data_studio_reads():
    rows = general_candidates()
    assert len(rows) == len(GENERAL) >= 200
    assert f"| {len(GENERAL)} |" in (general_file().parent / "README.md").read_text(encoding="utf-8")
    assert all(item.synthetic and item.meta == {"train_only": True} for item in rows)
    assert all(prompt_of(item.messages).strip() and answer_of(item.messages).strip() for item in rows)


def test_no_question_twice_and_kinds_and_lengths_vary():
    questions = [text_key(prompt_of(row["messages"])) for row in GENERAL]
    assert len(set(questions)) == len(questions)
    kinds = Counter(row["kind"] for row in GENERAL)
    assert len(kinds) >= 12
    assert min(kinds.values()) >= 10
    lengths = [len(answer_of(row["messages"])) for row in GENERAL]
    assert min(lengths) < 5
    assert max(lengths) > 150
    assert all(len(prompt_of(row["messages"])) < 400 for row in GENERAL)


def test_probe_questions_are_others_and_can_be_checked():
    asked = {text_key(prompt_of(row["messages"])) for row in GENERAL}
    probed = [text_key(row["question"]) for row in PROBE]
    assert len(set(probed)) == len(PROBE) == 40
    assert not asked & set(probed)
    assert {row["check"] for row in PROBE} == {"exact", "contains", "number"}
    assert all(set(row) == {"question", "check", "expected"} for row in PROBE)
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", row["expected"]) for row in PROBE if row["check"] == "number")


def test_sums_written_out_are_right():
    checked = 0
    for row in GENERAL:
        if row["kind"] not in ("arithmetic", "dates and units"):
            continue
        text = answer_of(row["messages"]).replace(",", "").replace(" x ", " * ")
        for left, right in re.findall(r"([\d.]+(?: [-+*/] [\d.]+)+) = ([\d.]*\d)", text):
            assert abs(value_of(left) - float(right)) < 1e-9, (left, right)
            checked += 1
    assert checked >= 20


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "What date is one week after 25 December?",
            (datetime.date(2023, 12, 25) + datetime.timedelta(7)).strftime("%-d %B"),
        ),
        ("It is 14:45. What time will it be in 50 minutes?", "15:35"),
        ('What does len("hello") return in Python?', str(len("hello"))),
        ("Sort from small to large: 7, 19, 3, 11", ", ".join(map(str, sorted([7, 19, 3, 11])))),
        ("Round 3.678 to one decimal place.", str(round(3.678, 1))),
    ],
)
def test_single_answers_are_right(question, answer):
    assert [answer_of(row["messages"]) for row in GENERAL if prompt_of(row["messages"]) == question] == [answer]


def test_python_answers_are_python():
    for row in GENERAL:
        answer = answer_of(row["messages"])
        if row["kind"] == "code" and answer.startswith(("def ", "for ", "from ", "squares", "prices")):
            assert ast.parse(answer).body


def value_of(sum_: str) -> float:
    """The value of numbers joined by + - * /, without running code."""

    def of(node):
        if isinstance(node, ast.BinOp):
            left, right = of(node.left), of(node.right)
            kind = type(node.op)
            return {
                ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right, ast.Div: left / (right or 1),
            }[kind]  # fmt: skip
        return float(node.value)

    return of(ast.parse(sum_, mode="eval").body)
