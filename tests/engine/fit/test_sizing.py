"""Sizes by task times categories."""

import pytest

from engine.fit.rulebook import load_rulebook
from engine.fit.sizing import size_of

BOOK = load_rulebook()


@pytest.mark.parametrize(
    ("task", "minimum", "recommended"),
    [
        ("classification", (50, 100), (200, 500)),
        ("style", (50, 100), (200, 500)),
        ("extraction", (100, 200), (500, 1000)),
        ("domain", (200, 500), (1000, 10_000)),
        ("reasoning", (200, 500), (1000, 5000)),
    ],
)
def test_table(task: str, minimum: tuple, recommended: tuple) -> None:
    size = size_of({"task": task, "categories": 3.0}, BOOK)
    assert size.minimum == (3 * minimum[0], 3 * minimum[1])
    assert size.recommended == (3 * recommended[0], 3 * recommended[1])
    assert size.missing is None


def test_missing_examples() -> None:
    size = size_of({"task": "classification", "categories": 77.0, "examples": 1000.0}, BOOK)
    assert size.missing == 77 * 50 - 1000
    assert size.enough == "no"
