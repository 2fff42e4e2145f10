"""`tuneworth privacy scan|apply`: find personal data and secrets in a file, and replace them by rule."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.errors import InputError, Where

if TYPE_CHECKING:
    from engine.data.read_result import ReadResult
    from engine.privacy.redact import RedactedRows, Redactor
    from engine.privacy.report import ScanReport
    from engine.privacy.scan import DeepScanner, Progress

SHOWN = 20
FORMATS = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
APPLY_HELP = """Rules file, one line per kind of data:

{example}
Actions: redact, mask, label, pseudonym, drop (the whole row), keep. The result is scanned again; exit code 1 when a
chosen kind is still found. Pseudonyms need the same key file to be the same in another file."""


def register(subparsers: Any) -> None:
    """Add the group."""
    group = subparsers.add_parser("privacy", help="find and replace personal data and secrets")
    commands = group.add_subparsers(dest="privacy_command", metavar="ACTION")
    scan = commands.add_parser("scan", help="what personal data a file holds, and what was not looked for")
    scan.add_argument("file", type=Path)
    scan.add_argument("--text", help="column, or columns separated by commas; default: every column")
    scan.add_argument("--deep", action="store_true", help="also run Presidio (slower; a second opinion)")
    scan.set_defaults(run=run_scan)
    apply = commands.add_parser(
        "apply",
        help="replace what was found, by rules",
        description=APPLY_HELP.format(example=_example()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    apply.add_argument("file", type=Path)
    apply.add_argument("--rules", type=Path, required=True, metavar="RULES.yml")
    apply.add_argument("--out", type=Path, required=True, help=f"result: {', '.join(FORMATS)}")
    apply.add_argument("--deep", action="store_true", help="also use what Presidio finds")
    apply.add_argument("--key", type=Path, metavar="FILE", help="key for pseudonyms; made when it does not exist")
    apply.set_defaults(run=run_apply)


def _example() -> str:
    return "  EMAIL_ADDRESS: label\n  PHONE_NUMBER: mask\n  CREDIT_CARD: redact\n  US_SSN: drop\n  default: keep\n"


def run_scan(args: argparse.Namespace) -> Outcome:
    """Scan a file. Raises InputError for an unreadable file or an unknown column."""
    from engine.data.read_table import read_table
    from engine.privacy.hints import suspects
    from engine.privacy.models import installed_model
    from engine.privacy.report import build_report
    from engine.privacy.scan import scan_columns

    read = read_table(args.file)
    wanted = _wanted(args.text, read)
    texts = {name: read.frame[name].tolist() for name in wanted}
    scan = scan_columns(texts, deep=_deep(args.deep), progress=_progress())
    left_out = {f"Column {name}": "not chosen with --text" for name in read.columns if name not in wanted}
    if read.reject_count:
        left_out[f"{read.reject_count:,} lines of the file"] = "they could not be read as rows"
    report = build_report(scan, suspects(texts), left_out=left_out, model_available=installed_model())
    elsewhere = _elsewhere(read)
    document = {
        "file": read.file,
        "rows": read.rows,
        "scanned": scan.rows,
        "not_scanned": [item.model_dump() for item in report.not_scanned],
        "findings": [finding.to_json() for finding in scan.findings],
        "columns": wanted,
        "counts": scan.counts(),
        "matrix": [row.model_dump() for row in report.matrix],
        "suspects": report.suspects,
        "elsewhere": elsewhere,
        "sentence": report.sentence,
        "seconds": report.seconds,
        "rules_checked": report.rules_checked,
    }
    return Outcome(document, _scan_words(report, elsewhere))


def run_apply(args: argparse.Namespace) -> Outcome:
    """Apply rules and write the result. Exit 1 when a chosen kind is still found afterwards."""
    from engine.data.read_table import read_table
    from engine.privacy.pseudonyms import Pseudonyms, key_from_file, new_key
    from engine.privacy.redact import Redactor
    from engine.privacy.redact_rules import load_redaction_rules
    from engine.project.files import sha256_file

    if args.out.suffix.lower() not in FORMATS:
        raise InputError(f"{args.out.name} has no known ending.", f"Use one of {', '.join(FORMATS)}.")
    rules = load_redaction_rules(args.rules)
    read = read_table(args.file)
    unknown = [name for name in rules.columns or () if name not in read.columns]
    if unknown:
        raise InputError(
            f"{args.rules.name} names the column {unknown[0]!r}, which {read.file} does not have.",
            f"Columns: {', '.join(read.columns)}.",
            where=Where(file=str(args.rules), column=unknown[0]),
        )
    key = key_from_file(args.key) if args.key else new_key()
    redactor = Redactor(rules, Pseudonyms(key), _deep(args.deep))
    result = _apply(args.file, read, redactor, args.out)
    left = sum(result.rescan.values())
    document = {
        "rows": read.rows,
        "changed": result.changed,
        "rescan_findings": left,
        "rows_out": read.rows - len(result.dropped),
        "rows_changed": len(result.touched),
        "dropped": result.dropped,
        "rescan": result.rescan,
        "rejects": read.reject_count,
        "file": str(args.out),
        "sha256": sha256_file(args.out),
    }
    return Outcome(document, _apply_words(read, result, args.out), 1 if left else 0)


def _apply(path: Path, read: ReadResult, redactor: Redactor, out: Path) -> RedactedRows:
    """Redact and write. JSON in and JSON out keeps the objects as they are; everything else goes cell by cell."""
    from engine.privacy.redact import redact_columns, redact_records
    from engine.project.files import write_atomic

    suffix = out.suffix.lower()
    if read.format in ("jsonl", "json") and suffix in (".jsonl", ".json"):
        records, result = redact_records(_records(path, read), redactor)
    else:
        result = redact_columns({name: read.frame[name].tolist() for name in read.columns}, redactor)
        names = list(result.columns)
        records = [dict(zip(names, row, strict=True)) for row in zip(*result.columns.values(), strict=True)]
    write_atomic(out, _bytes(records, read.columns, suffix))
    return result


def _records(path: Path, read: ReadResult) -> list[dict[str, Any]]:
    from engine.data.encoding import EncodingGuess
    from engine.data.read_json import read_json, read_jsonl
    from engine.data.read_result import Rejects

    guess = EncodingGuess(read.encoding)
    if read.format == "jsonl":
        items = read_jsonl(path, guess, Rejects(), lambda _: None)
    else:
        items = read_json(path, read.file, guess, Rejects(), lambda _: None, [])
    return [record for _, record in items]


def _bytes(records: list[dict[str, Any]], columns: list[str], suffix: str) -> bytes:
    import io

    import pandas as pd

    if suffix == ".jsonl":
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode("utf-8")
    if suffix == ".json":
        return json.dumps(records, ensure_ascii=False, indent=1).encode("utf-8")
    frame = pd.DataFrame(records, columns=columns)
    buffer = io.BytesIO()
    if suffix == ".parquet":
        frame.astype("str").to_parquet(buffer, index=False)
    else:
        frame.to_csv(buffer, index=False, sep="\t" if suffix == ".tsv" else ",", encoding="utf-8", lineterminator="\n")
    return buffer.getvalue()


def _wanted(text: str | None, read: ReadResult) -> list[str]:
    if text is None:
        return list(read.columns)
    wanted = [text] if text in read.columns else [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in read.columns:
            raise InputError(
                f"{read.file} has no column {name!r}.",
                f"Columns: {', '.join(read.columns)}.",
                where=Where(file=read.file, column=name),
            )
    return wanted


def _elsewhere(read: ReadResult) -> list[dict[str, Any]]:
    """Findings in the file name and the column names."""
    from engine.privacy.patterns import scan_text

    places = [("file name", read.file), *(("column name", name) for name in read.columns)]
    return [
        {"where": where, "name": name, **span._asdict()}
        for where, name in places
        for span in scan_text(name)
        if span.end - span.start < len(name) or span.entity != "URL"
    ]


def _deep(asked: bool) -> DeepScanner | None:
    if not asked:
        return None
    from engine.privacy.presidio import load_presidio

    return load_presidio()


def _progress() -> Progress | None:
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\rscanned {done:,} of {total:,} cells" + ("\n" if done >= total else ""))

    return show


def _scan_words(report: ScanReport, elsewhere: list[dict[str, Any]]) -> str:
    lines = [report.sentence, ""]
    lines += [f"  {row.name}: {row.status}" for row in report.matrix if row.found]
    lines += [f"  in the {item['where']}: {item['entity']}" for item in elsewhere]
    lines += ["", "Not scanned:", *(f"  {item.what}: {item.why}." for item in report.not_scanned)]
    if report.suspects:
        lines += ["", "Pattern hints, to look at yourself:"]
        lines += [
            f"  column {hint['column']}: {hint['why']} ({hint['rows']:,} rows)" for hint in report.suspects[:SHOWN]
        ]
    return "\n".join(lines)


def _apply_words(read: ReadResult, result: RedactedRows, out: Path) -> str:
    from engine.privacy.entities import words

    left = sum(result.rescan.values())
    changed = ", ".join(f"{count:,} {words(entity)}" for entity, count in result.changed.items()) or "nothing"
    lines = [f"Changed {changed} in {len(result.touched):,} of {read.rows:,} rows; wrote {out.name}."]
    if result.dropped:
        lines.append(f"Dropped {len(result.dropped):,} rows.")
    if read.reject_count:
        lines.append(f"{read.reject_count:,} lines of the file could not be read and are not in the result.")
    lines.append(f"Scanned again: {left:,} of the chosen kinds still found." if left else "Scanned again: none left.")
    return "\n".join(lines)
