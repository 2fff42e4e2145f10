"""The one way into Tuneworth's data: any table file -> strings, rejects and what was understood."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.delimiter import guess_delimiter
from engine.data.encoding import EncodingGuess, check_encoding, detect_encoding
from engine.data.file_kind import Kind, file_kind, is_workbook_name
from engine.data.read_csv import CsvStream
from engine.data.read_json import as_text, columns_of, read_json, read_jsonl
from engine.data.read_parquet import read_parquet
from engine.data.read_result import ReaderSettings, ReadResult, Rejects
from engine.data.read_workbook import read_sheet, sheet_names
from engine.data.rules import rules
from engine.errors import InputError, Where
from engine.project.files import sha256_file

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def read_table(path: Path, settings: ReaderSettings | None = None, *, name: str | None = None) -> ReadResult:
    """Read a whole file. `name` is the name the user knows (uploads are stored under their hash).

    Raises InputError with one sentence when nothing usable is in it.
    """
    settings = settings or ReaderSettings()
    shown = name or path.name
    kind = file_kind(path, shown)
    if kind == "parquet":
        result = _parquet(path, shown)
    elif kind == "xlsx":
        result = _workbook(path, shown, settings)
    elif kind in ("json", "jsonl"):
        result = _json(path, shown, kind, settings)
    else:
        result = _csv(path, shown, kind, settings)
    if not result.rows:
        raise _no_rows(result)
    return result


def open_csv(path: Path, settings: ReaderSettings, kind: Kind = "csv") -> CsvStream:
    """Find encoding, delimiter and header of a delimited file; rows come from `.chunks()`."""
    guess = EncodingGuess(check_encoding(settings.encoding)) if settings.encoding else detect_encoding(path)
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


def csv_to_parquet(path: Path, out: Path, settings: ReaderSettings | None = None) -> CsvStream:
    """Stream a delimited file of any size into zstd Parquet (text columns and `line`); memory stays flat."""
    stream = open_csv(path, settings or ReaderSettings())
    writer: pq.ParquetWriter | None = None
    try:
        for table in _tables(stream):
            writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
    return stream


def _tables(stream: CsvStream) -> Iterator[pa.Table]:
    for cells, lines in stream.chunks():
        arrays = [pa.array(column, pa.large_string()) for column in cells]
        names = [*stream.columns, "line"]
        yield pa.Table.from_arrays([*arrays, pa.array(lines, pa.int64())], names=names)


def _csv(path: Path, shown: str, kind: Kind, settings: ReaderSettings) -> ReadResult:
    stream = open_csv(path, settings, kind)
    tables = list(_tables(stream))
    if tables:
        whole = pa.concat_tables(tables)
        width = len(stream.columns)
        lines = whole.column(width).to_numpy()
        frame = whole.remove_column(width).to_pandas()
        frame.columns = pd.Index(stream.columns)
    else:
        frame, lines = _empty(stream.columns)
    warnings = stream.warnings
    if stream.guess.skip:
        warnings = [f"The first {stream.header_line - 1} lines are a title, not data.", *warnings]
    if stream.rejects.count > len(frame):
        warnings = [*warnings, "More lines were refused than read: the delimiter or encoding may be wrong."]
    single = len(stream.columns) == 1
    return _result(
        path, shown, kind, stream.encoding.name, frame, lines, stream.rejects, warnings,
        delimiter=None if single else stream.guess.delimiter, header_line=stream.header_line,
    )  # fmt: skip


def _json(path: Path, shown: str, kind: Kind, settings: ReaderSettings) -> ReadResult:
    guess = EncodingGuess(check_encoding(settings.encoding)) if settings.encoding else detect_encoding(path)
    rejects = Rejects()
    try:
        read = read_jsonl(path, guess, rejects) if kind == "jsonl" else read_json(path, shown, guess, rejects)
    except UnicodeDecodeError as error:
        raise InputError(f"{shown} is not {guess.name} text.", "Choose another encoding.") from error
    records, numbers = read
    columns = columns_of(records)
    data = {name: [as_text(record.get(name)) for record in records] for name in columns}
    frame = pd.DataFrame(data, columns=columns, dtype="str") if columns else pd.DataFrame(index=range(len(records)))
    warnings = [guess.warning] if guess.warning else []
    lines = np.array(numbers, dtype=np.int64)
    if not columns:
        frame, lines = _empty([])
    return _result(path, shown, kind, guess.name, frame, lines, rejects, warnings)


def _workbook(path: Path, shown: str, settings: ReaderSettings) -> ReadResult:
    name, (columns, rows, numbers, header, warnings) = read_sheet(path, shown, settings.sheet)
    if not is_workbook_name(shown):
        warnings = [f"{shown} is a workbook in spite of its name.", *warnings]
    frame = pd.DataFrame(rows, columns=columns, dtype="str") if rows else _empty(columns)[0]
    lines = np.array(numbers, dtype=np.int64)
    names = sheet_names(path, shown)
    if len(names) > 1 and settings.sheet is None:
        warnings.append(f"The workbook has {len(names)} sheets; {name!r} was read.")
    return _result(
        path, shown, "xlsx", "utf-8", frame, lines, Rejects(), warnings, header_line=header, sheet=name, sheets=names
    )


def _parquet(path: Path, shown: str) -> ReadResult:
    table, warnings = read_parquet(path, shown)
    frame = table.to_pandas()
    lines = np.arange(1, len(frame) + 1, dtype=np.int64)
    return _result(path, shown, "parquet", "utf-8", frame, lines, Rejects(), warnings)


def _result(
    path: Path,
    shown: str,
    kind: Kind,
    encoding: str,
    frame: pd.DataFrame,
    lines: np.ndarray,
    rejects: Rejects,
    warnings: list[str],
    *,
    delimiter: str | None = None,
    header_line: int = 1,
    sheet: str | None = None,
    sheets: tuple[str, ...] = (),
) -> ReadResult:
    return ReadResult(
        file=shown,
        format=kind,
        encoding="utf-8" if encoding == "utf-8-sig" else encoding,
        delimiter=delimiter,
        header_line=header_line,
        columns=[str(column) for column in frame.columns],
        frame=frame,
        lines=lines,
        rejects=rejects.rows,
        reject_count=rejects.count,
        warnings=warnings,
        sha256=sha256_file(path),
        sheet=sheet,
        sheets=sheets,
    )


def _empty(columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in columns}), np.array([], dtype=np.int64)


def _no_rows(result: ReadResult) -> InputError:
    where = Where(file=result.file)
    if result.rejects:
        first = result.rejects[0]
        return InputError(
            f"None of the {result.reject_count:,} lines of {result.file} could be read as a row.",
            f"Line {first.line}: {first.reason} Check the delimiter and the encoding.",
            where=Where(file=result.file, line=first.line),
        )
    if result.columns:
        return InputError(f"{result.file} has a header but no rows.", "Export it again with its rows.", where=where)
    return InputError(f"{result.file} has no rows.", "Export it again and check it.", where=where)
