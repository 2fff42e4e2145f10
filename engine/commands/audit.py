"""`tuneworth audit export|verify`: the log as a file, and whether it is still the one that was written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands.outcome import Outcome
from engine.errors import AuditBroken, InputError, NotFound
from engine.project.audit import GENESIS, Head, Verdict, parse_anchor, verify_lines
from engine.project.files import sha256_bytes, write_atomic
from engine.project.project import Project
from engine.project.workspace import Workspace

NO_ANCHOR = (
    "No anchor was given: a log that was rewritten as a whole, or cut at the end, would look the same. "
    "Write down the head and give it with --anchor next time."
)


def register(subparsers: Any) -> None:
    """Add the group."""
    group = subparsers.add_parser("audit", help="export and check the audit log")
    commands = group.add_subparsers(dest="audit_command", metavar="ACTION")
    export = commands.add_parser("export", help="write the log of a project as JSON lines")
    export.add_argument("--project", help="project id; may be left out when there is only one")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    export.set_defaults(run=run_export)
    verify = commands.add_parser("verify", help="check a log; exit 1 when it was changed")
    verify.add_argument("file", type=Path, nargs="?", metavar="FILE.jsonl", help="an exported log")
    verify.add_argument("--project", help="check the log inside a project instead of a file")
    verify.add_argument(
        "--anchor", action="append", default=[], metavar="HASH@SEQ", help="written down earlier; may be repeated"
    )
    verify.set_defaults(run=run_verify)


def run_export(args: argparse.Namespace) -> Outcome:
    """Write the lines of a log. Raises NotFound and StorageError."""
    project = _project(args)
    lines = project.audit.lines()
    data = "".join(f"{line}\n" for line in lines).encode("utf-8")
    write_atomic(args.out, data)
    head = verify_lines(lines).head
    document = {
        "project": project.id,
        "events": len(lines),
        "head": _head(head),
        "anchor": head.anchor,
        "file": str(args.out),
        "sha256": sha256_bytes(data),
    }
    text = f"Wrote {len(lines):,} events to {args.out.name}.\nWrite this anchor down: {head.hash[:16]}@{head.seq}"
    return Outcome(document, text)


def run_verify(args: argparse.Namespace) -> Outcome:
    """Check a file or a project against itself and the anchors. Raises InputError for an anchor that is none."""
    anchors = [parse_anchor(text) for text in args.anchor]
    if args.file is not None and args.project:
        raise InputError(
            "Give a file or --project, not both.", "A file that was exported is checked without a project."
        )
    verdict = _verdict(args, anchors)
    document = {
        "ok": verdict.ok,
        "events": verdict.events,
        "first_bad": verdict.first_bad,
        "reason": verdict.reason,
        "head": _head(verdict.head),
        "anchors": len(anchors),
    }
    return Outcome(document, _words(verdict, len(anchors)), 0 if verdict.ok else 1)


def _verdict(args: argparse.Namespace, anchors: list[Head]) -> Verdict:
    if args.file is not None:
        return verify_lines(_lines_of(args.file), anchors)
    project = _project(args)
    try:
        return project.audit.verify(anchors)
    except AuditBroken as error:  # not even its lines can be read: that is an answer, not a failure to answer
        return Verdict(False, 0, 1, error.message, Head(0, GENESIS))


def _words(verdict: Verdict, anchors: int) -> str:
    if not verdict.ok:
        return f"The log was changed. Event {verdict.first_bad}: {verdict.reason}"
    text = f"{verdict.events:,} events, the chain is whole. Head: {verdict.head.hash[:16]}@{verdict.head.seq}"
    return f"{text}\n{anchors} anchors fit." if anchors else f"{text}\n{NO_ANCHOR}"


def _head(head: Head) -> dict[str, Any]:
    return {"seq": head.seq, "hash": head.hash}


def _lines_of(path: Path) -> list[str]:
    """Split at line feeds only: other line ends inside a line would be a change."""
    if not path.is_file():
        raise InputError(f"{path.name} does not exist.", "Check the path, or use --project.")
    raw = path.read_bytes()
    text = raw.decode("utf-8", errors="backslashreplace")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _project(args: argparse.Namespace) -> Project:
    workspace = Workspace(args.workspace)
    if args.project:
        return workspace.open(args.project)
    found = workspace.list()
    if len(found) == 1:
        return workspace.open(found[0].id)
    if not found:
        raise NotFound("There is no project in this workspace.", "Make one first, or give an exported file.")
    raise InputError(
        f"There are {len(found)} projects.", "Choose one with --project ID; `tuneworth project list` shows them."
    )
