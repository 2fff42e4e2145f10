"""A whole table file at once: any kind of file -> strings, rejects and what was understood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from engine.data.open_table import OpenTable, csv_pieces, open_csv, open_table
from engine.data.read_csv import CsvStream
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.table_file import TableWriter, widened
from engine.errors import InputError, Where
from engine.project.files import sha256_file


def read_table(path: Path, settings: ReaderSettings | None = None, *, name: str | None = None) -> ReadResult:
    """Read a whole file. `name` is the name the user knows (uploads are stored under their hash).

    Raises InputError with one sentence when nothing usable is in it.
    """
    opened = open_table(path, settings, name=name)
    tables = [table for table in opened.pieces() if table.num_rows and table.num_columns > 1]
    if not tables:
        raise no_rows(opened)
    columns = list(dict.fromkeys(name for table in tables for name in table.column_names[:-1]))
    whole = pa.concat_tables([widened(table, columns) for table in tables])
    lines = whole.column(len(columns)).to_numpy()
    frame = whole.remove_column(len(columns)).to_pandas()
    frame.columns = pd.Index(columns)
    return ReadResult(
        file=opened.file,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        header_line=opened.header_line,
        columns=columns,
        frame=frame,
        lines=np.asarray(lines, dtype=np.int64),
        rejects=opened.rejects.rows,
        reject_count=opened.rejects.count,
        warnings=opened.warnings,
        sha256=sha256_file(path),
        sheet=opened.sheet,
        sheets=opened.sheets,
    )


def csv_to_parquet(path: Path, out: Path, settings: ReaderSettings | None = None) -> CsvStream:
    """Stream a delimited file of any size into zstd Parquet (text columns and lines); memory stays flat."""
    stream = open_csv(path, settings or ReaderSettings())
    writer = TableWriter(out)
    try:
        for table in csv_pieces(stream):
            writer.add(table)
        writer.close()
    finally:
        writer.abandon()
    return stream


def no_rows(opened: OpenTable) -> InputError:
    """The sentence for a file in which nothing usable is."""
    where = Where(file=opened.file)
    if opened.rejects.rows:
        first = opened.rejects.rows[0]
        return InputError(
            f"None of the {opened.rejects.count:,} lines of {opened.file} could be read as a row.",
            f"Line {first.line}: {first.reason} Check the delimiter and the encoding.",
            where=Where(file=opened.file, line=first.line),
        )
    if opened.columns:
        return InputError(f"{opened.file} has a header but no rows.", "Export it again with its rows.", where=where)
    return InputError(f"{opened.file} has no rows.", "Export it again and check it.", where=where)
