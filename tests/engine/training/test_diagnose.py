"""Diagnosis of curves with a known fault, of healthy ones, and of the logs in the shared folder when it is there."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from engine.training.diagnose import diagnose
from engine.training.diagnose_log import log_from
from engine.training.diagnose_read import read_log

NAN = float("nan")


def train(values, every=10, **more):
    return [
        {"step": (i + 1) * every, "loss": float(v), **{k: f(i) for k, f in more.items()}} for i, v in enumerate(values)
    ]


def falling(n=60, start=2.4, end=1.2, noise=0.05, seed=0):
    rng = np.random.default_rng(seed)
    return end + (start - end) * np.exp(-np.linspace(0, 4, n)) + rng.normal(0, noise, n)


def evals(values, every=50):
    return [{"step": (i + 1) * every, "eval_loss": float(v)} for i, v in enumerate(values)]


def judge(*entries, **known):
    return diagnose(log_from([entry for part in entries for entry in part], **known))


def rules(found):
    return {finding.rule: finding.severity for finding in found.findings}


def test_healthy():
    found = judge(train(falling()), evals([1.9, 1.6, 1.45, 1.38, 1.35, 1.34]))
    assert (found.status, found.findings, found.best_step) == ("ok", (), 300)


def test_no_labels():
    found = judge(train(np.zeros(12), grad_norm=lambda i: 0.0), evals([NAN]))
    assert found.status == "stop"
    assert list(rules(found)) == ["no_labels", "eval_broken"]
    assert found.best_step is None


@pytest.mark.parametrize("bad", [NAN, math.inf])
def test_nan_in_the_middle_points_before_the_break(bad):
    values = falling()
    values[40:] = bad
    found = judge(train(values), evals([1.9, 1.6, 1.5, 1.4, 1.3, 1.2]))
    assert found.status == "stop"
    assert found.findings[0].rule == "numbers_broke"
    assert found.findings[0].steps[0] == 410
    assert found.best_step == 300


def test_zero_loss_with_nan_gradient_is_nan_in_disguise():
    values = [463.0, 737.0, *[0.0] * 16]
    found = judge(train(values, grad_norm=lambda i: 70.0 if i == 0 else NAN, learning_rate=lambda i: 3.0))
    assert found.status == "stop"
    assert rules(found) == {"numbers_broke": "stop", "rate_out_of_range": "warn"}
    assert found.best_step == 10


def test_skipped_steps_are_only_a_note():
    found = judge(train(falling(200), grad_norm=lambda i: NAN if i == 70 else 0.8))
    assert found.status == "ok"
    assert rules(found) == {"skipped_steps": "info"}


def test_broken_validation():
    found = judge(train(falling()), evals([NAN, NAN]))
    assert found.status == "warn"
    assert rules(found) == {"eval_broken": "warn"}


def test_diverged_and_guessing():
    values = [*falling(30), *np.linspace(2, 11, 10), *[10.8] * 20]
    found = judge(train(values, learning_rate=lambda i: 0.002))
    assert found.status == "stop"
    assert rules(found) == {"diverged": "stop", "guessing": "warn", "rate_out_of_range": "warn"}
    assert judge(train([math.log(77)] * 30), labels=77).status == "warn"
    assert "guessing" in rules(judge(train([math.log(77)] * 30), labels=77))


def test_plateau_and_rate_too_low():
    rng = np.random.default_rng(1)
    found = judge(train(5.3 + rng.normal(0, 0.01, 18), learning_rate=lambda i: 1e-7))
    assert rules(found) == {"rate_out_of_range": "warn", "plateau": "warn"}


def test_overfit_keeps_the_best_step():
    found = judge(train(falling(60, 2.4, 0.3)), evals([1.9, 1.5, 1.4, 1.45, 1.52, 1.6]))
    assert found.status == "warn"
    assert found.best_step == 150
    assert "overfit" in rules(found)
    assert "Keep the checkpoint of step 150" in found.findings[0].advice


def test_gap_without_a_rise():
    found = judge(train(falling(60, 2.4, 0.3)), evals([1.9, 1.5, 1.4, 1.39, 1.39, 1.39]))
    assert rules(found) == {"gap": "warn"}


def test_memorising_staircase_without_validation():
    rng = np.random.default_rng(0)
    values = np.concatenate([np.full(40, level) for level in (1.2, 0.8, 0.5)]) + rng.normal(0, 0.03, 120)
    found = judge(train(values, epoch=lambda i: (i + 1) / 40))
    assert rules(found) == {"memorising": "warn"}
    assert len(found.findings[0].steps) == 2


def test_near_zero_is_a_note_when_validation_is_fine():
    values = falling(60, 2.0, 0.0, 0.002).clip(0.001)
    assert rules(judge(train(values))) == {"near_zero": "warn"}
    assert rules(judge(train(values), evals([0.5, 0.1, 0.02, 0.01])))["near_zero"] == "info"


def test_impossible_loss():
    values = falling(40, 1.0, -0.3)
    assert rules(judge(train(values)))["impossible_loss"] == "warn"
    assert "impossible_loss" not in rules(judge(train([*falling(40, 1, 0.2), -0.0003])))


def test_spikes_that_recover():
    values = falling(120)
    values[50] += 4
    assert rules(judge(train(values))) == {"spike": "info"}
    values[[70, 90]] += 4
    assert rules(judge(train(values))) == {"spike": "warn"}


def test_gradients():
    assert rules(judge(train(falling(), grad_norm=lambda i: 120.0 if i == 0 else 4.0))) == {}
    assert rules(judge(train(falling(), grad_norm=lambda i: 60.0 if i == 30 else 0.8))) == {"gradient": "info"}
    assert rules(judge(train(falling(), grad_norm=lambda i: 11140.0 if i > 28 else 0.8))) == {"gradient": "warn"}
    assert rules(judge(train(falling(), grad_norm=lambda i: 0.0))) == {"gradient": "warn"}


def test_summed_loss():
    curve = falling(60, 2.4, 1.2, 0.01)
    found = judge(train(8 * curve), evals(curve[4::5] + 0.02))
    assert rules(found) == {"scale_mismatch": "warn"}
    assert "8 times" in found.findings[0].message


def test_cannot_judge():
    assert judge([]).status == "cannot_judge"
    assert rules(judge(train([2.0, 1.9]))) == {"too_short": "info"}
    assert rules(judge([{"step": 1, "loss": 0.0, "rewards/chosen": 0.1}])) == {"not_supervised": "info"}
    short = judge(train([1.1, 1.0, 0.9, 0.87, 0.83]), evals([0.97, 0.84]))
    assert (short.status, rules(short)) == ("ok", {"too_short": "info"})


def test_a_resumed_log_counts_each_step_once():
    values = falling()
    entries = train(values) + train(values[:30] + 5)[20:30]
    kept = log_from(entries)
    assert len(kept.loss) == 60
    assert kept.loss.values[25] == pytest.approx(values[25] + 5)


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
def test_no_stop_on_healthy_noise(noise):
    """600 healthy curves of many lengths, ends and noises: never a stop, hardly ever a warning."""
    rng = np.random.default_rng(int(noise * 100))
    warned = 0
    for seed in range(200):
        n, end = int(rng.integers(20, 400)), float(rng.uniform(0.6, 1.8))
        start = end + float(rng.uniform(0.5, 2))
        curve = falling(n, start, end, noise * end, seed)
        checks = end + 0.1 + (start - end) * np.exp(-np.linspace(1, 6, 8)) + rng.normal(0, 0.002 * end, 8)
        found = judge(train(curve, grad_norm=lambda i: 40.0 if i == 0 else 1.0), evals(checks, every=n * 10 // 8))
        assert found.status != "stop", (seed, found)
        warned += found.status == "warn"
    assert warned <= 10


SHARED = Path(__file__).parents[4] / "shared" / "data" / "training_logs"
EXPECTED = {
    "healthy": {"ok"}, "healthy_short": {"too_short"}, "healthy_slow": {"ok"}, "healthy_warmup_grad": {"ok"},
    "one_skipped_step": {"skipped_steps"}, "overfit_mild": {"overfit"}, "memorising_staircase": {"memorising"},
    "near_zero_many_epochs": {"near_zero"}, "collapse_to_zero_with_nan_inf_grad": {"near_zero"},
    "plateau_noisy": {"plateau"}, "isolated_spikes": {"spike"}, "one_spike_recovers": {"spike"},
    "not_sft_grpo": {"not_supervised"}, "empty_history": {"too_short"}, "openai_result_noisy": {"ok"},
    "openai_result_memorised": {"near_zero"}, "openai_result_near_zero": {"near_zero"},
    "openai_result_overfit": {"overfit"}, "lr_too_low_plateau": {"plateau"},
    "lr_too_high_diverged": {"numbers_broke"}, "all_labels_masked": {"no_labels"},
}  # fmt: skip
HEALTHY = {label for label, rule in EXPECTED.items() if label.startswith("healthy") or rule == {"ok"}}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared logs are not on this machine")
def test_shared_logs():
    with (SHARED / "INDEX.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right = 0
    for row in rows:
        found = diagnose(read_log(SHARED / row["file"]))
        names = set(rules(found)) or {"ok"}
        right += EXPECTED[row["label"]] <= names
        if row["label"] in HEALTHY or row["label"].startswith("one_"):
            assert found.status == "ok", row["file"]
    assert right >= 0.9 * len(rows)


def test_result_is_json():
    text = json.dumps(judge(train(falling()), evals([1.9, NAN])).to_json(), allow_nan=False)
    assert "eval_broken" in [finding["rule"] for finding in json.loads(text)["findings"]]
