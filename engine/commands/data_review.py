"""`tuneworth data review-start|review-export|review-import|review-result|review-apply|pairs-for-dpo`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands.outcome import Outcome


def register(commands: Any) -> None:
    """Add the subcommands to the group `data`."""
    start = _add(commands, "review-start", run_start, "draw rows for people to read")
    start.add_argument("--size", type=int, help="rows drawn at random (default: 100)")
    start.add_argument("--seed", type=int, default=0)
    start.add_argument("--undecided", action="store_true", help="also rows that cleaning could not decide")
    export = _add(commands, "review-export", run_export, "write the rows of the review for Excel or Label Studio")
    export.add_argument("--out", type=Path, required=True, help=".csv, .xlsx, or .json for Label Studio")
    export.add_argument("--rater", action="append", default=[], help="write this reader's verdicts along")
    incoming = _add(commands, "review-import", run_import, "take verdicts over from a sheet or Label Studio")
    incoming.add_argument("file", type=Path)
    incoming.add_argument("--rater", default="", help="who filled in the sheet (Label Studio files name them)")
    _add(commands, "review-result", run_result, "share of wrong rows, reasons, agreement")
    _add(commands, "review-apply", run_apply, "make one new version from the verdicts")
    pairs = _add(commands, "pairs-for-dpo", run_pairs, "keep preference pairs and write them as JSON lines")
    pairs.add_argument("--out", type=Path, help="file to write; without it they are only kept")
    pairs.add_argument("--rating", help="column of the file that rates the answers")
    pairs.add_argument("--gap", type=float, help="smallest difference between best and worst rating")


def _add(commands: Any, name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text)
    parser.add_argument("--project", required=True, metavar="ID")
    parser.set_defaults(run=run)
    return parser


def _project(args: argparse.Namespace) -> Any:
    from engine.project.workspace import Workspace

    return Workspace(args.workspace).open(args.project)


def run_start(args: argparse.Namespace) -> Outcome:
    """Draw a queue."""
    from engine.data.review.queue import sample_promise, start_queue
    from engine.data.review.undecided import flag_undecided

    project = _project(args)
    if args.undecided:
        flag_undecided(project)
    queue = start_queue(project, args.size, args.seed)
    drawn = sum(item.sampled for item in queue.items)
    document = {
        "review": queue.id,
        "rows": len(queue.items),
        "sampled": drawn,
        "flagged": len(queue.items) - drawn,
        "sealed": queue.sealed,
        "drawn_from": queue.drawn_from,
        "seed": queue.seed,
        "row_ids": [item.row_id for item in queue.items],
    }
    sealed = f" {queue.sealed:,} rows of the sealed test part cannot be drawn." if queue.sealed else ""
    return Outcome(document, f"{len(queue.items):,} rows to read. {sample_promise(drawn, queue.drawn_from)}{sealed}")


def run_export(args: argparse.Namespace) -> Outcome:
    """Write the rows; the ending of the file decides the format."""
    from engine.data.review.desk import open_desk
    from engine.data.review.label_studio import label_config, tasks_json
    from engine.data.review.spreadsheet import sheet
    from engine.errors import InputError
    from engine.project.files import sha256_bytes, write_atomic

    form = args.out.suffix.lower().lstrip(".")
    if form not in ("csv", "xlsx", "json"):
        raise InputError(f"{args.out.name} has no known ending.", "Use .csv, .xlsx, or .json for Label Studio.")
    desk = open_desk(_project(args))
    unknown = [name for name in args.rater if name not in desk.raters]
    if unknown:
        raise InputError(f"Nobody called {unknown[0]!r} reads in this review.", f"Readers: {', '.join(desk.raters)}.")
    if form != "json" and len(args.rater) > 1:
        raise InputError("A sheet holds the verdicts of one reader.", "Name one, or write .json.")
    if form == "json":
        data = tasks_json(desk, tuple(args.rater))
        config = args.out.with_suffix(".xml")
        write_atomic(config, label_config().encode())
    else:
        data = sheet(desk, "csv" if form == "csv" else "xlsx", args.rater[0] if args.rater else "")
    write_atomic(args.out, data)
    files = {"rows": str(args.out), **({"config": str(args.out.with_suffix(".xml"))} if form == "json" else {})}
    document = {"rows": len(desk.open_items), "sha256": sha256_bytes(data), "files": files, "sealed": desk.sealed_items}
    return Outcome(document, f"{len(desk.open_items):,} rows in {args.out.name}.")


def run_import(args: argparse.Namespace) -> Outcome:
    """Take verdicts over; exit 1 when some could not be used."""
    from engine.data.review.desk import open_desk
    from engine.data.review.label_studio import read_label_studio
    from engine.data.review.spreadsheet import read_sheet
    from engine.errors import InputError

    desk = open_desk(_project(args))
    if args.file.suffix.lower() == ".json":
        report = read_label_studio(desk, args.file.read_bytes(), args.file.name)
    elif not args.rater.strip():
        raise InputError("Whose verdicts are these?", "Add --rater NAME.")
    else:
        report = read_sheet(desk, args.file, args.rater)
    lines = [report.sentence, *report.problems, *(f"{row}: not in this review." for row in report.unknown)]
    return Outcome(report.to_json(), "\n".join(lines), 1 if report.problems or report.unknown else 0)


def run_result(args: argparse.Namespace) -> Outcome:
    """Measure; exit 2 while a reader is not done (verdicts of others stay hidden)."""
    from engine.data.review.desk import open_desk
    from engine.data.review.resolution import agreements, disagreements
    from engine.data.review.result import measure

    desk = open_desk(_project(args))
    found = measure(desk)
    said = [{"raters": [first, second], **one.to_json()} for first, second, one in agreements(desk)]
    document = {
        "read": found.read,
        "wrong": found.wrong,
        "rate": found.rate and found.rate.__dict__,
        "kept": found.kept,
        "fixed": found.fixed,
        "dropped": found.dropped,
        "reasons": [{"reason": one.reason, "rows": one.count, **one.rate.__dict__} for one in found.shares],
        "flagged": {"read": found.flagged_read, "wrong": found.flagged_wrong},
        "agreement": said,
        "disagreements": [{"row": one.row_id, "settled": one.joint is not None} for one in disagreements(desk)],
        "sentence": found.sentence,
        "advice": found.advice,
    }
    words = [found.sentence, *found.advice, *(str(one["words"]) for one in said)]
    return Outcome(document, "\n".join(words))


def run_apply(args: argparse.Namespace) -> Outcome:
    """Make the version."""
    from engine.data.review.apply import apply_review, plan_review
    from engine.data.review.desk import open_desk

    desk = open_desk(_project(args))
    plan = plan_review(desk)
    version = apply_review(desk)
    document = {
        "dataset": version.id,
        "rows_in": version.step.rows_in,
        "rows_out": version.step.rows_out,
        "fixed": plan.fixes,
        "dropped": plan.drops,
        "changed_since": plan.changed,
        "gone": plan.gone,
        "open_disagreements": plan.open_disagreements,
    }
    note = f" {version.step.note}" if version.step.note else ""
    return Outcome(document, f"{plan.fixes:,} rows corrected, {plan.drops:,} left out.{note}")


def run_pairs(args: argparse.Namespace) -> Outcome:
    """Keep the pairs and, with --out, write them."""
    from engine.data.preferences import PairPlan, load_pairs, make_pairs
    from engine.data.preferences.kept import pairs_jsonl
    from engine.data.preferences.pair import length_bias
    from engine.errors import InputError
    from engine.project.files import write_atomic

    if args.gap is not None and args.gap < 0:
        raise InputError(f"A gap of {args.gap} is not possible.", "Use 0 or more.")
    project = _project(args)
    gap = {} if args.gap is None else {"minimum_gap": args.gap}
    kept = make_pairs(project, PairPlan(rating_column=args.rating, **gap))
    pairs = load_pairs(project)
    if args.out is not None:
        write_atomic(args.out, pairs_jsonl(pairs))
    bias = length_bias(pairs["chosen"].tolist(), pairs["rejected"].tolist())
    document = {
        "pairs": kept.pairs,
        "counts": kept.counts,
        "left_out": kept.left_out,
        "set": kept.id,
        "sha256": kept.sha256,
        "chosen_longer": bias.rate and bias.rate.__dict__,
        "file": args.out and str(args.out),
    }
    left = ", ".join(f"{count:,} {reason}" for reason, count in kept.left_out.items())
    text = f"{kept.pairs:,} pairs kept." + (f" Left out: {left}." if left else "") + f" {bias.words}"
    return Outcome(document, text)
