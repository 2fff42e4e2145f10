"""`tuneworth project list|export|import|delete`: projects from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.commands.outcome import Outcome
from engine.project.archive import export_archive
from engine.project.files import sha256_file
from engine.project.workspace import Workspace


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    group = subparsers.add_parser("project", help="list, export, import or delete projects")
    commands = group.add_subparsers(dest="action", metavar="ACTION")
    commands.add_parser("list", help="all projects").set_defaults(run=run_list)
    create = commands.add_parser("create", help="make an empty project")
    create.add_argument("title")
    create.set_defaults(run=run_create)
    export = commands.add_parser("export", help="write a project to one file")
    export.add_argument("--project", required=True)
    export.add_argument("--out", type=Path, required=True)
    export.set_defaults(run=run_export)
    bring = commands.add_parser("import", help="bring in an exported project")
    bring.add_argument("file", type=Path)
    bring.set_defaults(run=run_import)
    delete = commands.add_parser("delete", help="delete a project and everything in it")
    delete.add_argument("--project", required=True)
    delete.set_defaults(run=run_delete)


def run_list(args: argparse.Namespace) -> Outcome:
    """All projects, newest first."""
    found = Workspace(args.workspace).list()
    rows = [info.model_dump() for info in found]
    return Outcome({"projects": rows}, "\n".join(f"{row['id']}  {row['title']}" for row in rows) or "No projects yet.")


def run_create(args: argparse.Namespace) -> Outcome:
    """Make a project."""
    project = Workspace(args.workspace).create(args.title)
    return Outcome({"project": project.id, "title": project.title}, project.id)


def run_export(args: argparse.Namespace) -> Outcome:
    """Write one ZIP."""
    out = export_archive(Workspace(args.workspace).open(args.project), args.out)
    document = {"project": args.project, "file": str(out), "bytes": out.stat().st_size, "sha256": sha256_file(out)}
    return Outcome(document, f"Wrote {out.name}.")


def run_import(args: argparse.Namespace) -> Outcome:
    """Read one ZIP."""
    found = Workspace(args.workspace).bring_in(args.file)
    document = {"project": found.project.id, "title": found.project.title, "left_out": found.left_out}
    return Outcome(document, f"{found.project.id}\n{found.sentence}".strip())


def run_delete(args: argparse.Namespace) -> Outcome:
    """Delete for good."""
    Workspace(args.workspace).delete(args.project)
    return Outcome({"deleted": args.project}, "Deleted.")
