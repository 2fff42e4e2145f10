"""Parquet as strings: nested cells become JSON text, nothing becomes empty."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.data.read_csv import unique_names
from engine.data.read_json import as_text
from engine.errors import InputError, Where


def read_parquet(path: Path, shown: str) -> tuple[pa.Table, list[str]]:
    """Return a table of large_string columns without nulls, and warnings. Raises InputError for a broken file."""
    try:
        table = pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{shown} is damaged: it is not a complete Parquet file.", "Export it again.", where=Where(file=shown)
        ) from error
    names, warnings = unique_names([name.strip() for name in table.column_names])
    columns = [_text(column) for column in table.columns]
    return pa.table(dict(zip(names, columns, strict=True))), warnings


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.fill_null(column.cast(pa.large_string()), "")
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        return pc.fill_null(column.cast(pa.large_string()), "")
    values = [as_text(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.large_string())])
