"""Labelled pairs: the decision of `data pairs` against plain cosine .90 on the same MiniLM vectors.

The set (benchmarks/data) was written without sight of the guards. The claim is measured on its `test` part; the guards
were only ever corrected by mistakes in its `dev` part. Predicted duplicate: lane remove, or every guard passed
(`same`). Goal: F1 at least plain + .15, and no pair that differs only in a number in the remove lane.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.result import Result
from engine.data.encoders import load_encoder
from engine.data.near_pairs import scores_of
from engine.data.pair_decision import PairDecision, decide

PAIRS = Path(__file__).parent / "data" / "pairs.jsonl"
PLAIN, MARGIN, DRAWS = 0.90, 0.15, 1000


def read(part: str) -> list[dict[str, Any]]:
    """Pairs of one part."""
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return [pair for pair in map(json.loads, lines) if pair["part"] == part]


def judge(pairs: list[dict[str, Any]]) -> tuple[np.ndarray[Any, Any], list[PairDecision]]:
    """Cosine and decision per pair."""
    texts = [(pair["a"], pair["b"]) for pair in pairs]
    scores = scores_of(texts, load_encoder("minilm"))
    return scores, [decide(a, b, float(score)) for (a, b), score in zip(texts, scores, strict=True)]


def f1(said: np.ndarray[Any, Any], true: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of `said` against `true`."""
    hit = float((said & true).sum())
    precision, recall = hit / max(float(said.sum()), 1), hit / max(float(true.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def interval(ours: np.ndarray[Any, Any], plain: np.ndarray[Any, Any], true: np.ndarray[Any, Any]) -> list[float]:
    """95 % bootstrap interval of the difference in F1 (pairs drawn with replacement, fixed seed)."""
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(DRAWS):
        take = rng.integers(0, len(true), len(true))
        draws.append(f1(ours[take], true[take])[2] - f1(plain[take], true[take])[2])
    return [round(float(value), 3) for value in np.percentile(draws, (2.5, 97.5))]


def by_kind(pairs: list[dict[str, Any]], ours: np.ndarray[Any, Any], plain: np.ndarray[Any, Any]) -> dict[str, str]:
    """Per kind: share judged right by us and by plain cosine, and the number of pairs."""
    rows: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for pair, said, other in zip(pairs, ours.tolist(), plain.tolist(), strict=True):
        truth = bool(pair["duplicate"])
        rows[f"{pair['kind']} ({'same' if truth else 'not'})"].append((said == truth, other == truth))
    return {
        kind: f"{np.mean([a for a, _ in some]):.2f} against {np.mean([b for _, b in some]):.2f} of {len(some)}"
        for kind, some in sorted(rows.items())
    }


def measure(part: str) -> dict[str, Any]:
    """Everything about one part."""
    pairs = read(part)
    scores, decisions = judge(pairs)
    true = np.array([pair["duplicate"] for pair in pairs])
    ours = np.array([decision.lane == "remove" or decision.same for decision in decisions])
    removed = np.array([decision.lane == "remove" for decision in decisions])
    plain = scores >= PLAIN
    numbers = [pair["kind"].startswith("number") and not pair["duplicate"] for pair in pairs]
    best = max(f1(scores >= t, true)[2] for t in np.arange(0.5, 1, 0.01))
    return {
        "f1": f1(ours, true),
        "plain": f1(plain, true),
        "gain_interval": interval(ours, plain, true),
        "best_plain_threshold_f1": round(best, 3),
        "pairs": len(pairs),
        "duplicates": int(true.sum()),
        "removed": int(removed.sum()),
        "removed_wrong": int((removed & ~true).sum()),
        "number_pairs_removed": int((removed & np.array(numbers)).sum()),
        "lanes": dict(Counter(decision.lane for decision in decisions)),
        "kinds": by_kind(pairs, ours, plain),
    }


def run() -> Result:
    """Measure the test part."""
    found = measure("test")
    ours, plain = found.pop("f1"), found.pop("plain")
    holds = ours[2] >= plain[2] + MARGIN and found["number_pairs_removed"] == 0
    names = ("precision", "recall", "f1")
    details = {
        "gain": round(ours[2] - plain[2], 3),
        "ours_at": dict(zip(names, (round(value, 3) for value in ours), strict=True)),
        "plain_at": dict(zip(names, (round(value, 3) for value in plain), strict=True)),
        **found,
    }
    return Result(round(ours[2], 4), round(plain[2], 4), MARGIN, holds, "F1", found["pairs"], details)
