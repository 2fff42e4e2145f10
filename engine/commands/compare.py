"""`tuneworth compare BASE.jsonl TUNED.jsonl`: is the second one really better? Works on answers made anywhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.outcome import Outcome

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("compare", help="compare two files of answers, row by row")
    parser.add_argument("base", type=Path, metavar="BASE.jsonl", help='lines {"id", "prompt", "expected", "answer"}')
    parser.add_argument("tuned", type=Path, metavar="TUNED.jsonl")
    parser.add_argument(
        "--metric", default="exact", help="exact, normalised, f1, rougeL, chrf, json, ... (default exact)"
    )
    parser.add_argument("--margin", type=float, default=0.0, help="gain from which it is worth it, 0..1 (default 0)")
    parser.set_defaults(run=run_compare)


def run_compare(args: argparse.Namespace) -> Outcome:
    """Return the comparison. Raises InputError for unreadable files, ids that do not match, or an unknown metric."""
    from engine.evaluation.answers import read_answers
    from engine.evaluation.compare import compare

    found = compare(read_answers(args.base), read_answers(args.tuned), args.metric, args.margin)
    sides = " ".join(
        f"{name} {side.interval.value:.1%} ({side.interval.low:.1%} to {side.interval.high:.1%}, "
        f"{side.unreadable} unreadable)"
        for name, side in (("Base", found.base), ("Tuned", found.tuned))
    )
    gap = found.difference
    text = (
        f"{found.sentence}\n{found.title}, {found.n} rows. {sides}\n"
        f"Difference {100 * gap.value:+.1f} points ({100 * gap.low:+.1f} to {100 * gap.high:+.1f}); "
        f"{found.better_rows} rows better, {found.worse_rows} worse."
    )
    return Outcome(found.to_json(), text)
