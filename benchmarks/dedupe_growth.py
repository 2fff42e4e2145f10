"""Cost of the whole near-duplicate search (static model) at 10k, 50k, 100k and 200k texts: CPU seconds and peak memory.

Each size runs in a process of its own, through the same function as the app: keys, vectors, exact screen of all pairs,
guards, lanes. The screen compares every pair, so the cost grows with the square of the rows at the upper end. Texts are
real sentences; above what there is, the head of one and the tail of another. Goal: 200,000 rows under 1.5 GB.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from typing import Any

from benchmarks._sentences import sentences
from benchmarks.result import Result

SIZES, GOAL_MB = (10_000, 50_000, 100_000, 200_000), 1500
REAL = 45_000  # different real sentences used as they are


def texts_of(count: int) -> list[str]:
    """`count` texts: real ones, then joined halves, 10 % copies with a small edit."""
    rng = random.Random(count)
    base = sentences(min(REAL, count))
    texts = base[: int(0.9 * count)]
    while len(texts) < int(0.9 * count):
        head, tail = rng.choice(base).split(), rng.choice(base).split()
        texts.append(" ".join([*head[: len(head) // 2], *tail[len(tail) // 2 :]]))
    texts += ["also " + rng.choice(texts) for _ in range(count - len(texts))]
    rng.shuffle(texts)
    return texts


def measure(count: int) -> dict[str, Any]:
    """Run one size in this process."""
    from engine.data.encoders import load_encoder
    from engine.data.near_duplicates import find_near

    load_encoder("static")
    texts = texts_of(count)
    start, clock = time.process_time(), time.perf_counter()
    found = find_near(texts, [""] * count, encoder="static")
    lanes = found.lanes()
    return {
        "rows": count,
        "cpu_seconds": round(time.process_time() - start, 1),
        "seconds": round(time.perf_counter() - clock, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
        "pairs": len(found.pairs),
        "removed": len(lanes.removed),
        "not_stored": found.cut,
    }


def run() -> Result:
    """Measure every size, one process each."""
    found = []
    for count in SIZES:
        command = [sys.executable, "-m", "benchmarks.dedupe_growth", str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        sys.stderr.write(f"{found[-1]}\n")
    last = found[-1]
    details = {"sizes": found, "load": round(os.getloadavg()[0], 1)}
    return Result(last["peak_mb"], None, GOAL_MB, last["peak_mb"] <= GOAL_MB, "MB at 200,000", last["rows"], details)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
