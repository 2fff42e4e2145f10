"""`tuneworth demo`: the sample from CSV to verdict, without a browser."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from engine.commands.outcome import Outcome
from engine.project.workspace import Workspace


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("demo", help="run the sample journey from CSV to verdict, without a browser")
    parser.add_argument("--seed", type=int, default=1, help="seed of split and training (default 1)")
    parser.set_defaults(run=run_demo_command)


def run_demo_command(args: argparse.Namespace) -> Outcome:
    """Run it; progress goes to standard error. Exit 1 when the tuned model is not better."""
    from engine.demo.journey import run_demo  # pulls in pandas: not needed to print --help

    document = run_demo(Workspace(args.workspace), args.seed, _tell)
    return Outcome(document, _text(document), 0 if document["verdict"] == "better" else 1)


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _text(document: dict[str, Any]) -> str:
    lines = [f"{stage['name']:<14}{stage['seconds']:>7.1f} s" for stage in document["stages"]]
    for name, score in document["scores"].items():
        band = f"({score['low']:.1%} to {score['high']:.1%}, {score['n']} rows)"
        lines.append(f"{name:<14}{score['value']:>7.1%}   {band}")
    ending = f"Made with the demo model in {document['total_seconds']:.0f} s; project {document['project']}."
    return "\n".join([*lines, "", document["sentence"], ending])
