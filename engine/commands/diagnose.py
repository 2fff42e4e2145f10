"""`tuneworth diagnose LOG`: what a training curve means, and what to do next. Exit 1 when the run should stop."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.outcome import Outcome

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WORDS = {
    "ok": "Looks healthy.",
    "warn": "Worth a look.",
    "stop": "Stop this run.",
    "cannot_judge": "Cannot be judged.",
}


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("diagnose", help="say in words what a training log means")
    parser.add_argument(
        "log", type=Path, metavar="LOG", help="trainer_state.json, JSON list, JSON lines, or a CSV with a loss"
    )
    parser.set_defaults(run=run_diagnose)


def run_diagnose(args: argparse.Namespace) -> Outcome:
    """Return the diagnosis. Raises NotFound or InputError for a file that is no log."""
    from engine.training.diagnose import diagnose
    from engine.training.diagnose_read import read_log

    found = diagnose(read_log(args.log))
    lines = [f"{WORDS[found.status]}" + (f" Best step: {found.best_step}." if found.best_step is not None else "")]
    lines += [f"- {finding.message} {finding.advice}" for finding in found.findings]
    return Outcome(found.to_json(), "\n".join(lines), 1 if found.status == "stop" else 0)
