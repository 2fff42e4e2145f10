"""Reading answers: friendly shapes, and refusals that name key, value and choices."""

from pathlib import Path

import pytest

from engine.commands.fit import run_fit
from engine.errors import InputError
from engine.facts.yaml_file import asset_path
from engine.fit.answers import load_answers, parse_answers
from engine.fit.rulebook import load_rulebook

BOOK = load_rulebook()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"examples": "1,200"}, {"examples": 1200.0}),
        ({"examples": "500+"}, {"examples": 500.0}),
        ({"examples": "50-99"}, {"examples": 50.0}),
        ({"examples": "<50"}, {"examples": 49.0}),
        ({"volume": "10k"}, {"requests_per_month": 10_000.0}),
        ({"Volume per month": ">100k"}, {"requests_per_month": 100_001.0}),
        ({"failure_mode": "format, style"}, {"failure_mode": ["format", "style"]}),
        ({"failure mode": ["Missing knowledge", "format"]}, {"failure_mode": ["format", "knowledge"]}),
        ({"experts_agree": True}, {"experts_agree": "yes"}),
        ({"prompting": False}, {"prompting": "no"}),
        ({"measured": "measured plateau"}, {"prompting": "plateau"}),
        ({"privacy": "must not leave the building"}, {"privacy": "must_stay"}),
        ({"task": None, "examples": ""}, {}),
    ],
)
def test_friendly_shapes(raw: dict, expected: dict) -> None:
    assert parse_answers(raw, BOOK) == expected


def test_wrapped_and_listed_answers(tmp_path: Path) -> None:
    wrapped, listed = tmp_path / "a.yml", tmp_path / "b.yml"
    wrapped.write_text("answers: {examples: 10}")
    listed.write_text("- {question: examples, answer: 10}")
    assert load_answers(wrapped, BOOK) == load_answers(listed, BOOK) == {"examples": 10.0}


@pytest.mark.parametrize(
    ("text", "column", "line", "words"),
    [
        ("task: style\nexampels: 3", "exampels", 2, "examples"),
        ("task: cooking", "task", 1, "classification, style, extraction"),
        ("examples: lots", "examples", 1, "number"),
        ("examples: -1", "examples", 1, "number"),
        ("examples: .nan", "examples", 1, "number"),
        ("examples: yes", "examples", 1, "number"),
        ("answers:\n  stability: hourly", "stability", 2, "stable, monthly, weekly"),
        ("stability: [stable]", "stability", 1, "stable, monthly, weekly"),
        ("examples: 3\nrows: 4", "rows", 2, "one answer"),
    ],
)
def test_refusals_name_the_place(tmp_path: Path, text: str, column: str, line: int, words: str) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_answers(path, BOOK)
    where = caught.value.where
    assert where is not None
    assert (where.file, where.column, where.line) == (str(path), column, line)
    assert words in caught.value.hint + caught.value.message


@pytest.mark.parametrize(
    "content", [b"", b"just words", b"- 1", b"\xff\xfe\x00", b"a: [", b"[" * 5000, b"a: &x 1\nb: *x"]
)
def test_unusable_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.yml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_answers(path, BOOK)
    assert caught.value.where is not None
    assert caught.value.where.file == str(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_answers(tmp_path / "none.yml", BOOK)


def test_command_prints_the_contract() -> None:
    class Args:
        answers = asset_path("sample/fit_answers.yml")

    document = run_fit(Args).document  # type: ignore[arg-type]
    assert {"verdict", "confidence", "reasons_for", "reasons_against", "would_change", "next_step"} <= set(document)
    assert document["verdict"] == "prompt_first"
    assert all(set(reason) == {"rule", "text"} for reason in document["reasons_for"] + document["reasons_against"])
