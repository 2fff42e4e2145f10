"""`tuneworth doctor`: what this machine can do and what to install for the rest."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from engine.commands.outcome import Outcome
from engine.machine import Machine, look_at_machine
from engine.project.workspace import Workspace

WORDS = {
    "app": "open the app",
    "clean": "read and clean data",
    "embed": "find near duplicates by meaning",
    "train": "train a LoRA adapter",
    "qlora": "train in 4 bits (QLoRA)",
    "deep_scan": "run the deep privacy scan",
    "browser_tests": "run the browser tests",
    "ray": "use a Ray cluster",
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("doctor", help="what this machine can do, and what to install for the rest")
    parser.set_defaults(run=run_doctor)


def run_doctor(args: argparse.Namespace) -> Outcome:
    """Look at the machine. Always exit 0: it tells, it does not judge."""
    machine = look_at_machine(Workspace(args.workspace).root)
    document = {
        "python": machine.python,
        "torch": machine.packages["torch"],
        "cores": machine.cores,
        "gpu": [asdict(gpu) for gpu in machine.gpus],
        "ram_gb": machine.ram_gb,
        "disk_free_gb": machine.disk_free_gb,
        "packages": machine.packages,
        "can": machine.can,
        "sentence": machine.sentence,
        "advice": list(machine.advice),
    }
    return Outcome(document, _text(machine))


def _text(machine: Machine) -> str:
    lines = [
        f"Python {machine.python}, {machine.cores} cores, {machine.ram_gb} GB memory, "
        f"{machine.disk_free_gb} GB disk free.",
        machine.sentence,
        "",
        *(f"{'yes' if machine.can[name] else 'no ':<4} {words}" for name, words in WORDS.items()),
    ]
    if machine.advice:
        lines += ["", "What would help:", *(f"- {line}" for line in machine.advice)]
    return "\n".join(lines)
