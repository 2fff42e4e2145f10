"""Scenario files that cannot be used: one sentence, with key and line."""

from pathlib import Path

import pytest

from engine.commands.cost import run_cost
from engine.costs.scenario import load_scenario
from engine.errors import InputError

HEAD = "today: {input: 1}\ntuned: {input: 1}\n"


@pytest.mark.parametrize(
    ("text", "column", "line", "words"),
    [
        ("tuned: {}", "today", None, "does not say"),
        ("today: 3\ntuned: {}", "today", 1, "does not say"),
        (HEAD + "todai: 1", "todai", 3, "not a known key"),
        (HEAD + "one_off: {trainin: 1}", "one_off.trainin", 3, "not a known key"),
        (HEAD + "requests_per_month: -1", "requests_per_month", 3, "at least 0"),
        (HEAD + "requests_per_month: 100,000", "requests_per_month", 3, "without commas"),
        (HEAD + "requests_per_month: yes", "requests_per_month", 3, "write a number"),
        (HEAD + "requests_per_month: .nan", "requests_per_month", 3, "at least 0"),
        (HEAD + "errors: {rate_today: 2}", "errors.rate_today", 3, "at most 1"),
        (HEAD + "as_of: 2026-13-45", "as_of", 3, "a date such as"),
        (HEAD + "uncertainty: {requests_per_month: [3, 2, 1]}", "uncertainty.requests_per_month", 3, "rise"),
        (HEAD + "uncertainty: {volume: [1, 2, 3]}", None, None, "not an input"),
        (HEAD + "alternatives: [{name: tuned}]", None, None, "taken"),
        ("today: {prompt_tokens: 1, static_prompt_tokens: 2}\ntuned: {}", "today", 1, "larger than"),
        ("today: {price_row: nothing}\ntuned: {}", "today.price_row", None, "no price row"),
        ("today: {price_row: bedrock/nova-pro/training}\ntuned: {}", "today.input", None, "not known"),
    ],
)
def test_refusals(tmp_path: Path, text: str, column: str | None, line: int | None, words: str) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text(text)

    class Args:
        scenario = path

    with pytest.raises(InputError) as caught:
        run_cost(Args)  # type: ignore[arg-type]
    where = caught.value.where
    assert where is not None
    assert (where.file, where.column, where.line) == (str(path), column, line)
    assert words in caught.value.message


def test_the_contract_example_is_accepted_and_answers(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text(HEAD + "shutdown_date: null\nerrors:\nas_of: 2026-11-21\nalternatives: []\n")
    assert load_scenario(path).horizon_months == 24

    class Args:
        scenario = path

    outcome = run_cost(Args)  # type: ignore[arg-type]
    assert outcome.exit_code == 0
    assert outcome.text.startswith("Costs the same")
