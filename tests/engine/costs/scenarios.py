"""The contract's example scenario, and small changes of it."""

from typing import Any

from engine.costs.decide import Decision, decide
from engine.costs.scenario import Scenario
from engine.facts.prices import load_prices

EXAMPLE: dict[str, Any] = {
    "requests_per_month": 100_000,
    "today": {
        "prompt_tokens": 2200,
        "static_prompt_tokens": 2000,
        "answer_tokens": 100,
        "input": 0.40,
        "cached": 0.10,
        "output": 1.60,
    },
    "tuned": {"prompt_tokens": 300, "answer_tokens": 100, "input": 0.80, "cached": 0.20, "output": 3.20},
    "one_off": {"training": 5000},
    "as_of": "2026-11-21",
}
LUNA = {
    "name": "gpt-6-luna",
    "prompt_tokens": 2200,
    "static_prompt_tokens": 2000,
    "answer_tokens": 100,
    "input": 0.10,
    "cached": 0.01,
    "output": 0.50,
}
CACHE = {"cache_hit_rate": 1.0, "minimum_cached_prefix": 1024}


def decided(**changes: Any) -> Decision:
    """Decide on the example with changes on its first level."""
    return decide(Scenario.model_validate(EXAMPLE | changes), load_prices())


def simple(**changes: Any) -> Decision:
    """Decide on a scenario in which tuning saves 600 USD a month."""
    base = {
        "requests_per_month": 100_000,
        "today": {"prompt_tokens": 1000, "input": 10.0},
        "tuned": {"prompt_tokens": 400, "input": 10.0},
        "one_off": {"training": 5000},
        "horizon_months": 12,
        "as_of": "2026-11-21",
    }
    return decide(Scenario.model_validate(base | changes), load_prices())
