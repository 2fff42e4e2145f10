"""Plain bad input never ends as "Something went wrong inside Tuneworth": each case is a sentence of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.cli import main
from engine.data.encoders import Encoder
from engine.data.prepare import prepare
from engine.data.recipe import Recipe
from engine.data.split_plan import SplitPlan, check_ratios
from engine.errors import InputError
from engine.evaluation.settings import EvaluationSettings
from engine.project.workspace import Workspace

ROWS = "question,answer\n" + "".join(f"q{n} what,a{n}\n" for n in range(20))


@pytest.fixture
def folder(workspace: Workspace, tmp_path: Path) -> Path:
    (tmp_path / "ok.csv").write_text(ROWS)
    (tmp_path / "ok.jsonl").write_text('{"question": "q", "answer": "a"}\n' * 20)
    (tmp_path / "deep.jsonl").write_text("[" * 100_000 + "\n")
    (tmp_path / "deep.json").write_text('[{"a": ' + "[" * 100_000)
    (tmp_path / "fit.yml").write_text(f"examples: {'9' * 400}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("data inspect deep.jsonl", "nested too deeply"),
        ("data inspect deep.json", "nested too deeply"),
        ("data validate deep.jsonl --target openai", "nested too deeply"),
        ("data pairs deep.jsonl", "nested too deeply"),
        *((f"data inspect ok.{kind} --encoding utf-16", "cannot be read as utf-16") for kind in ("csv", "jsonl")),
        ("data inspect ok.csv --encoding utf-32", "cannot be read as utf-32"),
        *((f"data inspect ok.csv --encoding {name}", "not a text enc") for name in ("idna", "punycode", "undefined")),
        ("data split ok.csv --seed -1 --out parts", "seed"),
        ("data split ok.csv --ratios nan .5 .5 --out parts", "shares"),
        ("data split ok.csv --ratios inf .5 .5 --out parts", "shares"),
        ("fit fit.yml", "examples is 999"),
    ],
)
def test_it_is_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    named = [str(folder / word) if "." in word and word[0].isalpha() else word for word in words.split()]
    code = main(named)
    said = "".join(capsys.readouterr())
    assert code in (1, 2)
    assert sentence in said
    assert "Something went wrong" not in said


@pytest.mark.parametrize("count", [-1, 65, 100_000])
def test_impossible_numbers_of_examples(count: int) -> None:
    with pytest.raises(ValidationError, match=r"few_shot\.1"):
        EvaluationSettings(split_id="s", base="b", few_shot=(0, count))


def test_too_few_rows_are_told_before_anything_is_compared(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("question,answer\n" + "".join(f"q{n} what,a{n}\n" for n in range(5)))

    def load(name: str) -> Encoder:
        raise AssertionError("a model was loaded")

    with pytest.raises(InputError, match="5 rows are too few to divide"):
        prepare(tmp_path / "few.csv", Recipe(steps=("near_duplicates",), split=SplitPlan()), load=load)


def test_impossible_plans() -> None:
    with pytest.raises(ValidationError):
        SplitPlan(seed=-1)
    for ratios in ((float("nan"), 0.5, 0.5), (0.8, float("nan"), 0.1), (float("inf"), 0, 0)):
        with pytest.raises(InputError):
            check_ratios(ratios)
