"""mSPRT: the worked number, and peeking at every user."""

import numpy as np
import pytest

from engine.evaluation import sequential
from engine.evaluation.sequential import Arm


def test_worked_number():
    a, b = Arm(1000, 700), Arm(1000, 750)
    assert sequential.variance(a, b) == pytest.approx(0.3975)
    seen = sequential.look(a, b)
    assert seen.ratio == pytest.approx(5.58477, abs=1e-5)
    assert seen.always_valid_p == pytest.approx(1 / 5.58477, rel=1e-5)
    assert seen.decision == "continue"
    assert seen.low < 0.05 < seen.high


def test_clear_gaps_stop_in_the_right_direction():
    assert sequential.look(Arm(1000, 600), Arm(1000, 750)).decision == "stop_better"
    assert sequential.look(Arm(1000, 750), Arm(1000, 600)).decision == "stop_worse"
    assert sequential.look(Arm(20, 0), Arm(20, 20)).decision == "continue"


def test_nothing_varied_and_empty_arms_say_nothing():
    assert sequential.look(Arm(0, 0), Arm(500, 100)).always_valid_p == 1.0
    assert sequential.look(Arm(500, 500), Arm(500, 500)).decision == "continue"


def _ever_stops(rng, rate_a, rate_b, n):
    """Look after every pair of users, in numpy, with the same formula; True when a boundary is crossed."""
    a, b = np.cumsum(rng.random(n) < rate_a), np.cumsum(rng.random(n) < rate_b)
    count = np.arange(1, n + 1)
    pa, pb = a / count, b / count
    spread = pa * (1 - pa) + pb * (1 - pb)
    tau2 = sequential.TAU**2
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = 0.5 * np.log(spread / (spread + count * tau2)) + count**2 * tau2 * (pb - pa) ** 2 / (
            2 * spread * (spread + count * tau2)
        )
    return bool(np.any(logs[sequential.BURN_IN - 1 :] >= np.log(1 / sequential.ALPHA)))


def test_peeking_at_every_user_stays_below_five_percent():
    rng = np.random.default_rng(7)
    alarms = sum(_ever_stops(rng, 0.7, 0.7, 5000) for _ in range(1000))
    assert alarms / 1000 <= 0.05
    assert sum(_ever_stops(rng, 0.7, 0.75, 5000) for _ in range(100)) >= 95


def test_follow_agrees_with_single_looks_and_keeps_the_first_decision():
    rng = np.random.default_rng(1)
    is_b = np.arange(4000) % 3 == 1
    success = rng.random(4000) < np.where(is_b, 0.7, 0.5)
    success[3000:] = ~is_b[3000:]
    path = sequential.follow(is_b, success)
    assert path.decision == "stop_better"
    assert path.stopped_at < 3000
    at = 900
    a = Arm(int((~is_b[: at + 1]).sum()), int(success[: at + 1][~is_b[: at + 1]].sum()))
    b = Arm(int(is_b[: at + 1].sum()), int(success[: at + 1][is_b[: at + 1]].sum()))
    single = sequential.look(a, b)
    assert path.difference[at] == pytest.approx(single.difference)
    assert path.low[at] == pytest.approx(single.low)
    assert path.always_valid_p[at] <= single.always_valid_p + 1e-12
    assert np.all(np.diff(path.always_valid_p) <= 0)
