"""`tuneworth data export|report`: rows and words that leave the workbench."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands.outcome import Outcome

TARGETS = ("openai", "bedrock-nova", "bedrock-llama", "bedrock-claude", "vertex", "hf", "dpo")


def register_out(commands: Any) -> None:
    """Add both to the `data` group."""
    export = commands.add_parser("export", help="write a file in a provider's format")
    export.add_argument("file", type=Path)
    export.add_argument("--target", choices=TARGETS, required=True)
    export.add_argument(
        "--out", type=Path, required=True, help="file; for hf also x.parquet, or a folder (no ending) with a card"
    )
    export.add_argument("--skip-bad", action="store_true", help="leave out rows that the target refuses, and list them")
    export.set_defaults(run=run_export)
    report = commands.add_parser("report", help="write the data report of a project, as .html or .md")
    report.add_argument("--project", required=True)
    report.add_argument("--out", type=Path, required=True)
    report.add_argument("--target", choices=TARGETS, default="hf")
    report.set_defaults(run=run_report)


def run_export(args: argparse.Namespace) -> Outcome:
    """Convert a file; exit 1 and nothing written when a row breaks the target's rules (unless `--skip-bad`)."""
    from engine.data.check_row import Problem
    from engine.data.columns import guess_columns
    from engine.data.export import export_frame
    from engine.data.mapping import apply_mapping
    from engine.data.read_table import read_table

    read = read_table(args.file)
    frame, left_out = apply_mapping(read.frame, guess_columns(read.frame).mapping(), read.file)
    folder = args.target == "hf" and not args.out.suffix
    done = export_frame(frame, args.target, None if folder else args.out, tolerant=args.skip_bad)
    unreadable = [
        Problem(row.row_id, "", row.reason, row.detail, "Correct the row.", severity="warning") for row in left_out
    ]
    problems = [problem.to_json() for problem in [*done.left_out, *done.problems, *unreadable]]
    document: dict[str, Any] = {
        "rows": done.rows,
        "bytes": len(done.data),
        "sha256": done.sha256,
        "problems": problems,
        "left_out": done.rows_left_out,
    }
    if not done.sha256:
        errors = [problem for problem in done.problems if problem.severity == "error"]
        where = "" if errors[0].row is None else f"Row {errors[0].row}: "
        text = f"Nothing was written: {len(errors):,} problems. {where}{errors[0].message} {errors[0].fix}"
        return Outcome(document, text, 1)
    if folder:
        document["files"] = _folder(args.out, frame, args.file.stem, {problem.row for problem in done.left_out})
    text = f"{done.rows:,} rows, {len(done.data):,} bytes in {args.out.name}. SHA-256 {done.sha256}"
    return Outcome(document, text + (f"\n{done.rows_left_out:,} rows left out." if done.left_out else ""))


def _folder(out: Path, frame: Any, title: str, bad: set[int | None]) -> dict[str, str]:
    """Write all good rows as the train part of a folder; return SHA-256 by path."""
    from engine.data.export_folder import folder_files, write_folder

    good = frame.iloc[[row for row in range(len(frame)) if row not in bad]]
    return write_folder(folder_files({"train": good}, title), out)


def run_report(args: argparse.Namespace) -> Outcome:
    """Write the report of the rows in use."""
    from engine.data.report import data_report, report_html, report_markdown
    from engine.errors import InputError
    from engine.project.files import sha256_bytes, write_atomic
    from engine.project.workspace import Workspace

    if args.out.suffix.lower() not in (".html", ".md"):
        raise InputError(f"{args.out.name} must end in .html or .md.", "For example --out report.html")
    report = data_report(Workspace(args.workspace).open(args.project), args.target)
    text = report_html(report) if args.out.suffix.lower() == ".html" else report_markdown(report)
    data = text.encode("utf-8")
    write_atomic(args.out, data)
    document = {"file": str(args.out), "bytes": len(data), "sha256": sha256_bytes(data), "anchor": report.anchor}
    return Outcome(document, f"{report.summary} Written to {args.out.name}. Audit anchor {report.anchor}")
