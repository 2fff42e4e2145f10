"""Parquet as strings, a piece at a time: nested cells become JSON text, nothing becomes empty."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.data.ingest_rules import ingest_rules
from engine.data.read_csv import unique_names
from engine.data.rules import rules
from engine.data.table_file import LINE, TEXT
from engine.errors import InputError, Where

Piece = tuple[float, pa.Table, list[str]]


def read_parquet(path: Path, shown: str) -> Iterator[Piece]:
    """Yield `(fraction read, text columns and line, warnings)`. Raises InputError for a broken file."""
    try:
        with pq.ParquetFile(path) as file:
            rows = max(file.metadata.num_rows, 1)
            names, warnings = unique_names([name.strip() for name in file.schema_arrow.names])
            size = max(1, min(rules().reading.chunk_rows, ingest_rules().chunk.cells // max(len(names), 1)))
            start = 0
            for batch in file.iter_batches(batch_size=size):
                columns = [_text(column) for column in batch.columns]
                lines = pa.array(range(start + 1, start + 1 + batch.num_rows), pa.int64())
                start += batch.num_rows
                yield start / rows, pa.Table.from_arrays([*columns, lines], names=[*names, LINE]), warnings
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{shown} is damaged: it is not a complete Parquet file.", "Export it again.", where=Where(file=shown)
        ) from error


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    whole = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean)
    if any(check(kind) for check in whole) or pa.types.is_decimal(kind):
        return pc.fill_null(column.cast(TEXT), "")
    return pa.array([_cell(value) for value in column.to_pylist()], TEXT)


def _cell(value: Any) -> str:
    """A value as a person reads it; lists and structs as JSON."""
    if value is None:
        return ""
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The value in JSON's own types: dates in ISO form, bytes as text when they are UTF-8, else base64."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (datetime.timedelta, decimal.Decimal)):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
