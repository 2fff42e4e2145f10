"""`tuneworth data inspect FILE [FILE ...]`: what is in a file, or in several that would become one dataset."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.data.read_result import ReaderSettings, ReadResult

Failure = dict[str, str]


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("inspect", help="what is in a file, or in several")
    parser.add_argument("file", type=Path, nargs="+")
    for option in ("--encoding", "--delimiter", "--sheet"):
        parser.add_argument(option)
    parser.set_defaults(run=run_inspect)


def run_inspect(args: argparse.Namespace) -> Outcome:
    """Read files and tell what was understood. Of several, those that fail are listed; exit 1 when any does."""
    from engine.data.read_result import ReaderSettings
    from engine.data.read_table import read_table

    settings = ReaderSettings(encoding=args.encoding, delimiter=args.delimiter, sheet=args.sheet)
    if len(args.file) == 1:
        return _one(read_table(args.file[0], settings))
    return _several(args.file, settings)


def _several(paths: list[Path], settings: ReaderSettings) -> Outcome:
    from engine.data.read_table import read_table

    found: list[Outcome] = []
    failed: list[Failure] = []
    for path in paths:
        try:
            found.append(_one(read_table(path, settings)))
        except InputError as error:
            failed.append({"file": path.name, "message": error.message, "hint": error.hint})
    documents = [outcome.document for outcome in found]
    columns = list(dict.fromkeys(name for document in documents for name in document["columns"]))
    rows = sum(document["rows"] for document in documents)
    document = {"files": documents, "failed": failed, "rows": rows, "columns": columns}
    lines = [
        *(outcome.text for outcome in found),
        *(f"{item['file']} could not be read: {item['message']} {item['hint']}".rstrip() for item in failed),
        f"Together: {rows:,} rows, {len(columns)} columns.",
    ]
    return Outcome(document, "\n".join(lines), 1 if failed else 0)


def _one(read: ReadResult) -> Outcome:
    from engine.data.columns import guess_columns

    guess = guess_columns(read.frame)
    document = {
        "file": read.file,
        "format": read.format,
        "encoding": read.encoding,
        "delimiter": read.delimiter,
        "header_line": read.header_line,
        "columns": read.columns,
        "rows": read.rows,
        "rejects": [reject.to_json() for reject in read.rejects],
        "guess": guess.roles,
        "preview": read.frame.head(5).to_dict(orient="records"),
        "warnings": read.warnings,
        "sha256": read.sha256,
        "shape": guess.shape,
        "sheet": read.sheet,
        "sheets": list(read.sheets),
        "reject_count": read.reject_count,
    }
    roles = ", ".join(f"{column} -> {role}" for column, role in guess.roles.items())
    lines = [
        f"{read.file}: {read.rows:,} rows, {len(read.columns)} columns, {read.format}, {read.encoding}.",
        f"Columns: {roles}.",
        *(f"Line {reject.line} left out: {reject.reason}" for reject in read.rejects[:10]),
        *read.warnings,
    ]
    return Outcome(document, "\n".join(lines))
