"""`tuneworth data inspect|prepare|validate|dedupe|pairs|split|quality|tokens|export|review-...`. Imports stay late."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands import data_dedupe, data_grow, data_inspect, data_quality, data_review, data_split
from engine.commands.data_out import TARGETS, register_out
from engine.commands.outcome import Outcome


def register(subparsers: Any) -> None:
    """Add the group to the parser."""
    group = subparsers.add_parser("data", help="read, check, clean, split and export data")
    commands = group.add_subparsers(dest="data_command", metavar="ACTION")
    add = _adder(commands)
    data_inspect.register(commands)
    add("validate", run_validate, "check a file against a provider's rules").add_argument(
        "--target", choices=TARGETS, required=True
    )
    data_dedupe.register(add)
    data_split.register(add)
    data_quality.register(add)
    register_out(commands)
    data_review.register(commands)
    data_grow.register(commands)


def _adder(commands: Any) -> Any:
    def add(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text)
        parser.add_argument("file", type=Path)
        parser.set_defaults(run=run)
        return parser

    return add


def run_validate(args: argparse.Namespace) -> Outcome:
    """Check a file against a target; exit 1 when it is not ready."""
    from engine.data.validate import validate_file

    checked = validate_file(args.file, args.target)
    problems = [problem.to_json() for problem in checked.problems]
    document = {"ok": checked.ok, "rows": checked.rows, "problems": problems}
    lines = [f"{checked.rows:,} rows: {'ready' if checked.ok else 'not ready'} for {args.target}."]
    for problem in checked.problems[:50]:
        place = "file" if problem.row is None else f"row {problem.row}"
        lines.append(f"{problem.severity}, {place}: {problem.message} {problem.fix}")
    return Outcome(document, "\n".join(lines), 0 if checked.ok else 1)
