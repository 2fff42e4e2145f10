"""`tuneworth data dedupe|pairs`: duplicates in a file, and the same decision on given pairs. Nothing is written."""

from __future__ import annotations

import argparse
from typing import Any

from engine.commands.outcome import Outcome
from engine.commands.progress import progress
from engine.errors import InputError


def register(add: Any) -> None:
    """Add the commands; `add(name, run, help)` makes a parser with a file."""
    dedupe = add("dedupe", run_dedupe, "find exact and near duplicates")
    dedupe.add_argument("--text", required=True, help="column, or columns separated by commas")
    dedupe.add_argument("--encoder", choices=("minilm", "static"), default="minilm")
    dedupe.add_argument("--threshold", type=float, help="likeness (0 to 1) from which a row goes")
    dedupe.add_argument(
        "--wording",
        choices=("auto", "same", "any"),
        default="auto",
        help="same: only nearly the same letters go (auto: when answers are categories)",
    )
    add("pairs", run_pairs, "judge given pairs of texts")


def run_dedupe(args: argparse.Namespace) -> Outcome:
    """Find duplicates; nothing is written."""
    from engine.data.dedupe import dedupe_table
    from engine.data.read_table import read_table

    read = read_table(args.file)
    columns = [name.strip() for name in args.text.split(",")] if args.text not in read.columns else [args.text]
    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise InputError(f"--threshold is {args.threshold:g}; a likeness lies between 0 and 1.", "For example 0.9.")
    found = dedupe_table(
        read.frame,
        columns,
        encoder=args.encoder,
        report=progress(),
        threshold=args.threshold,
        same_wording=None if args.wording == "auto" else args.wording == "same",
    )
    document = found.to_json()
    text = (
        f"{document['rows']:,} rows: {document['removed']:,} say the same as another, "
        f"{document['ask']:,} need a look, {document['conflicts']:,} contradict another."
    )
    return Outcome(document, text)


def run_pairs(args: argparse.Namespace) -> Outcome:
    """Judge given pairs in order."""
    from engine.data.dedupe import judge_pairs, read_pairs
    from engine.data.file_kind import file_kind

    file_kind(args.file)
    judged = judge_pairs(read_pairs(args.file), report=progress())
    pairs = [
        {"lane": d.lane, "score": round(d.score, 4), "reason": d.reason, "same": d.same, "guard": d.guard}
        for d in judged
    ]
    return Outcome({"pairs": pairs}, "\n".join(f"{d.lane:6} {d.score:.3f} {d.reason}" for d in judged))
