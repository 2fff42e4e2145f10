"""`tuneworth abtest FILE.csv`: a production test that stays true however often it is looked at."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.outcome import Outcome
from engine.errors import InputError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WORDS = {
    "continue": "Go on: nothing is proven yet.",
    "stop_better": "Stop: {b} is better than {a}.",
    "stop_worse": "Stop and roll back: {b} is worse than {a}.",
}


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("abtest", help="always-valid test of two arms (columns arm, success; or counts)")
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument("--tau", type=float, default=None, help="smallest gap worth shipping, 0..1 (default 0.05)")
    parser.set_defaults(run=run_abtest)


def run_abtest(args: argparse.Namespace) -> Outcome:
    """Return the state of the test. Raises InputError for a bad file or option."""
    from engine.evaluation import sequential
    from engine.evaluation.ab_file import read_ab

    tau = sequential.TAU if args.tau is None else args.tau
    if not 0 < tau < 1:
        raise InputError(f"--tau {tau} is not between 0 and 1.", "0.05 means a gap of 5 points.")
    data = read_ab(args.file)
    now = sequential.look(data.a, data.b, tau=tau)
    p, decision, stopped_at = now.always_valid_p, now.decision, None
    if data.is_b is not None and data.success is not None:
        path = sequential.follow(data.is_b, data.success, tau=tau)
        p, decision, stopped_at = float(path.always_valid_p[-1]), path.decision, path.stopped_at
    document = {
        "n": data.a.n + data.b.n,
        "arms": [
            {"name": name, "n": arm.n, "successes": arm.successes, "rate": arm.rate}
            for name, arm in zip(data.names, (data.a, data.b), strict=True)
        ],
        "difference": now.difference,
        "ratio": now.ratio,
        "always_valid_p": p,
        "decision": decision,
        "decided_at_row": stopped_at,
        "band": {"low": now.low, "high": now.high},
        "looks": "after every event" if data.is_b is not None else "one look at the counts",
    }
    a, b = data.names
    text = (
        f"{WORDS[decision].format(a=a, b=b)} {b} {data.b.rate:.1%} against {a} {data.a.rate:.1%}, "
        f"a gap of {100 * now.difference:+.1f} points ({100 * now.low:+.1f} to {100 * now.high:+.1f})."
    )
    return Outcome(document, text)
