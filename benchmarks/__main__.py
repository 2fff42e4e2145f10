"""`python -m benchmarks NAME [--json]`, `--list`, `--all`: measure a claim against its peer in the same run."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.result import Result

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"__init__", "__main__", "result"}
LONG = {"dedupe_growth", "near_duplicates_minilm", "gpu_training"}  # not part of `make bench` (15 minutes)
VERSIONS = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "sentence-transformers",
    "semhash",
    "streamlit",
    "pandas",
    "numpy",
    "presidio-analyzer",
)


def names() -> list[str]:
    """Return the benchmarks that exist."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS and path.stem[0] != "_")


def measure(name: str) -> dict[str, Any]:
    """Run one benchmark and return the contract's JSON object; also written to benchmarks/results/."""
    result: Result = importlib.import_module(f"benchmarks.{name}").run()
    body = {
        "name": name,
        "ours": result.ours,
        "peer": result.peer,
        "ratio": result.ours / result.peer if result.peer else None,
        "goal": result.goal,
        "holds": result.holds,
        "unit": result.unit,
        "rows": result.rows,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {package: _version(package) for package in VERSIONS},
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **result.details,
    }
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    return body


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> int:
    """Run what was asked for; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--all", action="store_true", help="those that fit 15 minutes")
    args = parser.parse_args()
    if args.list or not (args.name or args.all):
        print("\n".join(names()))
        return 0
    wanted = [args.name] if args.name else [name for name in names() if name not in LONG]
    bodies = []
    for name in wanted:
        if not args.json:
            sys.stderr.write(f"measuring {name} ...\n")
        bodies.append(measure(name))
        print(json.dumps(bodies[-1]), flush=True)
    return 0 if all(body["holds"] for body in bodies) else 1


if __name__ == "__main__":
    sys.exit(main())
