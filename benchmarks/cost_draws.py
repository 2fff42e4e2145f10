"""20,000 draws of a cost scenario in numpy, against the same formulas in a plain Python loop, one draw at a time.

The loop runs fewer draws (`LOOP_DRAWS`) and its time is scaled to 20,000. Both are checked to agree on the chance.
"""

from __future__ import annotations

import random
import statistics
import time

from benchmarks.result import Result
from engine.costs.break_even import pays_back
from engine.costs.compare import compare
from engine.costs.scenario import Scenario
from engine.costs.uncertainty import DRAWS, simulate

GOAL_SECONDS = 0.030
LOOP_DRAWS = 1_000
MONTHS = 24
REPEATS = 9


def scenario() -> Scenario:
    """A scenario with five uncertain inputs and an alternative."""
    today = {"prompt_tokens": 2200, "static_prompt_tokens": 2000, "answer_tokens": 100}
    return Scenario.model_validate(
        {
            "requests_per_month": 400_000,
            "today": today | {"input": 0.40, "cached": 0.10, "output": 1.60},
            "tuned": {"prompt_tokens": 120, "answer_tokens": 60, "input": 0.40, "output": 1.60},
            "alternatives": [today | {"name": "other", "input": 0.50, "cached": 0.05, "output": 2.00}],
            "cache_hit_rate": 0.8,
            "minimum_cached_prefix": 1024,
            "one_off": {"training": 800, "labelling": 600},
            "cycles": 2,
            "uncertainty": {
                "requests_per_month": [200_000, 400_000, 700_000],
                "today.prompt_tokens": [2000, 2200, 2600],
                "tuned.answer_tokens": [40, 60, 100],
                "cache_hit_rate": [0.4, 0.8, 0.95],
                "cycles": [1, 2, 4],
            },
        }
    )


def loop(case: Scenario, draws: int) -> float:
    """Return the chance of payback, drawn and priced one by one with plain numbers."""
    source = random.Random(0)
    paid = 0
    for _ in range(draws):
        values = {path: source.triangular(low, high, mode) for path, (low, mode, high) in case.uncertainty.items()}
        result = compare(case, values)
        paid += bool(pays_back(result.saving, result.one_off, MONTHS))
    return paid / draws


def run() -> Result:
    """Time both; the goal is the engine part of a slider move (issue 5: under 30 ms)."""
    case = scenario()
    simulate(case, MONTHS)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        ours = simulate(case, MONTHS)
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    chance = loop(case, LOOP_DRAWS)
    peer = (time.perf_counter() - start) * DRAWS / LOOP_DRAWS
    median = statistics.median(times)
    agrees = abs(chance - ours.probability) < 0.05
    return Result(
        ours=median,
        peer=peer,
        goal=GOAL_SECONDS,
        holds=median <= GOAL_SECONDS and agrees,
        unit="seconds for 20,000 draws and the tornado",
        rows=DRAWS,
        details={
            "peer": f"plain Python loop over the same formulas, {LOOP_DRAWS} draws scaled to {DRAWS}",
            "probability": ours.probability,
            "probability_loop": chance,
            "slowest": max(times),
        },
    )
