"""Open any table file and hand out its rows in pieces: the same road for a small file and for one of many gigabytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.data.delimiter import guess_delimiter
from engine.data.encoding import EncodingGuess, chosen_encoding, detect_encoding
from engine.data.file_kind import Kind, file_kind, is_workbook_name
from engine.data.ingest_rules import ingest_rules
from engine.data.json_rows import Flattener
from engine.data.read_csv import CsvStream, unique_names
from engine.data.read_json import Item, as_text, read_json, read_jsonl
from engine.data.read_parquet import read_parquet
from engine.data.read_result import ReaderSettings, Rejects
from engine.data.read_workbook import read_sheet, sheet_names
from engine.data.rules import rules
from engine.data.table_file import piece
from engine.errors import InputError

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass
class OpenTable:
    """A file being read. `pieces()` may be used once; the other fields are complete after it.

    A piece is an Arrow table of text columns and, last, the 1-based line of each row. `fraction` (0..1) tells how far
    reading is.
    """

    file: str
    format: Kind
    encoding: str = "utf-8"
    delimiter: str | None = None
    header_line: int = 1
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    columns: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    fraction: float = 0.0
    pieces: Callable[[], Iterator[pa.Table]] = field(default=lambda: iter(()))

    def settings(self) -> ReaderSettings:
        """The settings that read the same file the same way again."""
        text = self.format in ("csv", "tsv")
        return ReaderSettings(
            encoding=self.encoding if text or self.format in ("json", "jsonl") else None,
            delimiter=self.delimiter if text else None,
            sheet=self.sheet,
        )


def open_table(path: Path, settings: ReaderSettings | None = None, *, name: str | None = None) -> OpenTable:
    """Look at a file and prepare to read it. Raises InputError for what is no table or a wrong setting."""
    settings = settings or ReaderSettings()
    shown = name or path.name
    opened = OpenTable(shown, file_kind(path, shown))
    if opened.format == "parquet":
        opened.pieces = lambda: _parquet(opened, path)
    elif opened.format == "xlsx":
        opened.pieces = lambda: _workbook(opened, path, settings)
    elif opened.format in ("json", "jsonl"):
        guess = chosen_encoding(path, settings.encoding) if settings.encoding else detect_encoding(path)
        opened.encoding = "utf-8" if guess.name == "utf-8-sig" else guess.name
        opened.warnings = [guess.warning] if guess.warning else []
        opened.pieces = lambda: _json(opened, path, guess)
    else:
        stream = open_csv(path, settings)
        encoding = stream.encoding.name
        opened.encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        opened.rejects = stream.rejects
        opened.pieces = lambda: _csv(opened, path, stream)
    return opened


def open_csv(path: Path, settings: ReaderSettings) -> CsvStream:
    """Find encoding, delimiter and header of a delimited file; rows come from `.chunks()`."""
    guess = chosen_encoding(path, settings.encoding) if settings.encoding else detect_encoding(path)
    only = DELIMITERS.get(settings.delimiter, settings.delimiter) if settings.delimiter else None
    if only is not None and len(only) != 1:
        raise InputError(f"The delimiter must be one character, not {only!r}.", "Use , ; | or tab.")
    size = rules().reading.sample_bytes
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, guess.name, errors="replace", newline="")
        sample = text.read(size).lstrip("\ufeff")
        cut = bool(text.read(1))
    stream = CsvStream(path, guess, guess_delimiter(sample, cut=cut, only=only))
    if guess.warning:
        stream.warnings.append(guess.warning)
    return stream


def csv_pieces(stream: CsvStream) -> Iterator[pa.Table]:
    """The chunks of a delimited file as Arrow tables."""
    for cells, lines in stream.chunks():
        yield piece(stream.columns, cells, lines)


def _csv(opened: OpenTable, path: Path, stream: CsvStream) -> Iterator[pa.Table]:
    size, rows = max(path.stat().st_size, 1), 0
    for table in csv_pieces(stream):
        rows += table.num_rows
        opened.fraction = stream.position / size
        yield table
    opened.columns = stream.columns
    opened.header_line = stream.header_line
    opened.delimiter = None if len(stream.columns) == 1 else stream.guess.delimiter
    warnings = stream.warnings
    if stream.guess.skip:
        warnings = [f"The first {stream.header_line - 1} lines are a title, not data.", *warnings]
    if stream.rejects.count > rows:
        warnings = [*warnings, "More lines were refused than read: the delimiter or encoding may be wrong."]
    opened.warnings = warnings


def _json(opened: OpenTable, path: Path, guess: EncodingGuess) -> Iterator[pa.Table]:
    size = max(path.stat().st_size, 1)

    def done(count: int) -> None:
        opened.fraction = count / size

    notes: list[str] = []
    if opened.format == "jsonl":
        items = read_jsonl(path, guess, opened.rejects, done)
    else:
        items = read_json(path, opened.file, guess, opened.rejects, done, notes)
    flattener = Flattener()
    try:
        for records in _batches(items):
            yield _records_piece(opened, flattener.flat([record for _, record in records]), [n for n, _ in records])
    except UnicodeDecodeError as error:
        raise InputError(f"{opened.file} is not {guess.name} text.", "Choose another encoding.") from error
    opened.warnings += [*notes, *flattener.tasks.notes()]


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Records in pieces of at most `chunk_rows`, cut earlier when they hold many cells."""
    limit, most = rules().reading.chunk_rows, ingest_rules().chunk.cells
    batch: list[Item] = []
    cells = 0
    for item in items:
        batch.append(item)
        cells += len(item[1]) + sum(len(value) for value in item[1].values() if isinstance(value, str)) // 100
        if len(batch) >= limit or cells >= most:
            yield batch
            batch, cells = [], 0
    if batch:
        yield batch


def _records_piece(opened: OpenTable, records: list[dict[str, Any]], lines: list[int]) -> pa.Table:
    known = set(opened.columns)
    for record in records:
        if not known.issuperset(record):
            fresh = [name for name in record if name not in known]
            opened.columns += fresh
            known.update(fresh)
    if not opened.columns:
        return piece([], [], [])
    cells = [[as_text(record.get(name)) for record in records] for name in opened.columns]
    names, _ = unique_names(opened.columns)
    return piece(names, cells, lines)


def _workbook(opened: OpenTable, path: Path, settings: ReaderSettings) -> Iterator[pa.Table]:
    shown = opened.file
    name, (columns, rows, numbers, header, warnings) = read_sheet(path, shown, settings.sheet)
    opened.sheet, opened.sheets, opened.columns = name, sheet_names(path, shown), columns
    opened.header_line = header
    if not is_workbook_name(shown):
        warnings = [f"{shown} is a workbook in spite of its name.", *warnings]
    if len(opened.sheets) > 1 and settings.sheet is None:
        warnings = [*warnings, f"The workbook has {len(opened.sheets)} sheets; {name!r} was read."]
    opened.warnings += warnings
    if rows:
        yield piece(columns, [list(cells) for cells in zip(*rows, strict=True)], numbers)


def _parquet(opened: OpenTable, path: Path) -> Iterator[pa.Table]:
    for fraction, table, warnings in read_parquet(path, opened.file):
        opened.columns = table.column_names[:-1]
        opened.warnings += [warning for warning in warnings if warning not in opened.warnings]
        opened.fraction = fraction
        yield table
