"""Measure plain, prompted and tuned demo model on fresh rows. Run: python -m assets.make.check_demo --seeds 1 2 3."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from assets.make import tune
from assets.make.sample_rows import SAMPLE, Pair, clean, fresh, prompt, split

SHOTS = (3, 8)
DRAWS = 3


def wilson(right: int, total: int) -> list[float]:
    """Return share and 95 % Wilson interval."""
    z, share = 1.959964, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return [round(share, 3), round(max(0.0, middle - half), 3), round(min(1.0, middle + half), 3)]


def paired(better: list[bool], worse: list[bool], seed: int = 0, draws: int = 2000) -> list[float]:
    """Return the mean difference and its 95 % bootstrap interval over rows."""
    gaps = [int(a) - int(b) for a, b in zip(better, worse, strict=True)]
    rng = random.Random(seed)
    means = sorted(sum(rng.choices(gaps, k=len(gaps))) / len(gaps) for _ in range(draws))
    return [
        round(sum(gaps) / len(gaps), 3),
        round(means[int(0.025 * draws)], 3),
        round(means[int(0.975 * draws) - 1], 3),
    ]


def hits(model: Any, tokenizer: Any, rows: list[Pair], shots: list[Pair] | None = None) -> list[bool]:
    """Return per row whether the answer is the expected line, word for word."""
    found = tune.answers(model, tokenizer, [prompt(message, shots) for message, _ in rows])
    return [said == expected for said, (_, expected) in zip(found, rows, strict=True)]


def varied(train: list[Pair], count: int, seed: int) -> list[Pair]:
    """Draw examples of which no two have the same answer: the fairest use of a short prompt."""
    rows = random.Random(seed).sample(train, len(train))
    return list({answer: (message, answer) for message, answer in rows}.values())[:count]


def best_shots(
    model: Any, tokenizer: Any, train: list[Pair], validation: list[Pair], seed: int
) -> tuple[list[Pair], dict[str, float]]:
    """Choose the examples of the few-shot prompt on validation rows: the best of several draws of 3 and of 8."""
    tried: dict[str, float] = {}
    best: tuple[float, list[Pair]] = (-1.0, [])
    for count in SHOTS:
        for draw in range(DRAWS):
            shots = varied(train, count, seed * 100 + draw)
            right = hits(model, tokenizer, validation[:60], shots)
            tried[f"{count} examples, draw {draw + 1}"] = share = round(sum(right) / len(right), 3)
            best = max(best, (share, shots), key=lambda one: one[0])
    return best[1], tried


def one_seed(folder: Path, seed: int, count: int, chosen: dict[str, Any]) -> dict[str, Any]:
    """Tune once and score the three contestants on rows drawn for this seed."""
    rows = clean()
    train, validation, test = split(rows)
    known = {message for message, _ in rows}
    sets = {
        "fresh rows": fresh(900_000 + seed, count, known),
        "sample test rows": test,
        "held-out phrasings": fresh(800_000 + seed, count // 2, known, bank="held_out"),
    }
    model, tokenizer, training = tune.tune(folder, train, validation, chosen, seed)
    found: dict[str, Any] = {"seed": seed, "train_rows": len(train), "training": training}
    with tune.plain(model):
        shots, found["few_shot_tried"] = best_shots(model, tokenizer, train, validation, seed)
    for name, chosen_rows in sets.items():
        started = time.monotonic()
        with tune.plain(model):
            base, prompted = hits(model, tokenizer, chosen_rows), hits(model, tokenizer, chosen_rows, shots)
        tuned = hits(model, tokenizer, chosen_rows)
        found[name] = {
            "n": len(chosen_rows),
            "base": wilson(sum(base), len(base)),
            "prompted_base": wilson(sum(prompted), len(prompted)),
            "tuned": wilson(sum(tuned), len(tuned)),
            "tuned_minus_base": paired(tuned, base),
            "tuned_minus_prompted": paired(tuned, prompted),
            "seconds": round(time.monotonic() - started, 1),
        }
    return found


def circumstances(folder: Path) -> dict[str, Any]:
    """Return what the figures belong to: files by hash, versions, day."""
    files = {"model": folder / "model.safetensors", "tokenizer": folder / "tokenizer.json", "sample": SAMPLE}
    return {
        "sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
        "versions": {name: version(name) for name in ("torch", "transformers", "trl", "peft")},
        "day": datetime.now(UTC).date().isoformat(),
        "threads": torch.get_num_threads(),
    }


def main() -> None:
    """Print one JSON document with all seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--model", type=Path, default=tune.MODEL)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=JSON", help="try other settings")
    given = parser.parse_args()
    torch.set_num_threads(1)
    chosen = tune.recommended(given.model) | {k: json.loads(v) for k, v in (one.split("=", 1) for one in given.set)}
    seeds = []
    for seed in given.seeds:
        seeds.append(one_seed(given.model, seed, given.rows, chosen))
        print(json.dumps(seeds[-1]), file=sys.stderr)
    print(json.dumps({**circumstances(given.model), "settings": chosen, "seeds": seeds}, indent=1))


if __name__ == "__main__":
    main()
