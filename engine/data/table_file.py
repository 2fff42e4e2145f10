"""Rows of files as one Parquet table: text columns and the line each row stands on. Written in pieces, read lazily."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.project.files import storage_guard

LINE = "__line"  # last column of every piece: 1-based line (or row, or element) in the file
TEXT = pa.large_string()


def piece(columns: Sequence[str], cells: Sequence[Sequence[str]], lines: Sequence[int]) -> pa.Table:
    """Build one piece from lists of cells, one list per column."""
    arrays = [pa.array(column, TEXT) for column in cells]
    return pa.Table.from_arrays([*arrays, pa.array(lines, pa.int64())], names=[*columns, LINE])


class TableWriter:
    """Writes pieces whose columns may differ; the file gets the union of them, missing cells empty.

    The file appears under its name only at `close`; `abandon` leaves nothing behind.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.columns: list[str] = []
        self.rows = 0
        self._segments: list[Path] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Append one piece (text columns, then LINE). Raises StorageError when the disk is full."""
        fresh = [name for name in table.column_names[:-1] if name not in set(self.columns)]
        self.columns += fresh
        table = widened(table, self.columns)
        with storage_guard(self.out):
            if self._writer is None or fresh:
                self._next_segment(table.schema)
            assert self._writer is not None
            self._writer.write_table(table)
        self.rows += table.num_rows

    def mark(self) -> tuple[int, int, list[str]]:
        """A place to go back to: what is added after it is in segments of its own."""
        self._end_segment()
        return len(self._segments), self.rows, list(self.columns)

    def back_to(self, mark: tuple[int, int, list[str]]) -> None:
        """Forget what was added since the mark."""
        self._end_segment()
        count, self.rows, self.columns = mark
        for path in self._segments[count:]:
            path.unlink(missing_ok=True)
        del self._segments[count:]

    def close(self) -> None:
        """Finish: join the segments and put the file in place."""
        with storage_guard(self.out):
            self._end_segment()
            if not self._segments:
                return
            whole = self._segments[-1]
            if len(self._segments) > 1:
                whole = self._joined()
            with whole.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(whole, self.out)
        self.abandon()

    def abandon(self) -> None:
        """Remove every unfinished piece."""
        self._end_segment()
        for path in self._segments:
            path.unlink(missing_ok=True)
        self._segments = []

    def _next_segment(self, schema: pa.Schema) -> None:
        self._end_segment()
        path = self.out.with_name(f".tmp-{self.out.name}-{len(self._segments)}")
        self._segments.append(path)
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def _end_segment(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _joined(self) -> Path:
        """Write all segments again with every column."""
        path = self.out.with_name(f".tmp-{self.out.name}-whole")
        parts = list(self._segments)
        self._segments.append(path)
        schema = pa.schema([*((name, TEXT) for name in self.columns), (LINE, pa.int64())])
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for part in parts:
                with pq.ParquetFile(part) as file:
                    for group in range(file.num_row_groups):
                        writer.write_table(widened(file.read_row_group(group), self.columns))
        return path


def widened(table: pa.Table, columns: list[str]) -> pa.Table:
    """The table with exactly these columns (and LINE); missing cells are empty."""
    if table.column_names[:-1] == columns:
        return table
    have = set(table.column_names)
    blank = pa.repeat(pa.scalar("", TEXT), table.num_rows)
    arrays = [table.column(name) if name in have else blank for name in columns]
    return pa.Table.from_arrays([*arrays, table.column(LINE)], names=[*columns, LINE])


def table_head(path: Path, rows: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The first rows as text, without reading the rest."""
    with pq.ParquetFile(path) as file:
        names = list(columns) if columns is not None else _columns(file)
        taken: list[pa.RecordBatch] = []
        left = rows
        for batch in file.iter_batches(batch_size=max(min(rows, 65_536), 1), columns=names):
            taken.append(batch.slice(0, left))
            left -= taken[-1].num_rows
            if left <= 0:
                break
    if not taken:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in names})
    return _frame(pa.Table.from_batches(taken), names)


def table_rows(path: Path, wanted: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Some rows by position, in the given order; only the groups they lie in are read."""
    places = np.asarray(wanted, dtype=np.int64)
    with pq.ParquetFile(path) as file:
        names = list(columns) if columns is not None else _columns(file)
        ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)])
        groups = np.searchsorted(ends, places, side="right")
        parts, order = [], []
        for group in np.unique(groups):
            inside = np.flatnonzero(groups == group)
            start = ends[group - 1] if group else 0
            parts.append(file.read_row_group(int(group), columns=names).take(pa.array(places[inside] - start)))
            order.append(inside)
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in names})
    frame = _frame(pa.concat_tables(parts), names)
    return frame.iloc[np.argsort(np.concatenate(order))].reset_index(drop=True)


def table_pieces(path: Path, columns: Sequence[str] | None = None, rows: int = 50_000) -> Iterator[pd.DataFrame]:
    """All rows in pieces of at most `rows`."""
    with pq.ParquetFile(path) as file:
        names = list(columns) if columns is not None else _columns(file)
        for batch in file.iter_batches(batch_size=rows, columns=names):
            yield _frame(pa.Table.from_batches([batch]), names)


def table_lines(path: Path) -> np.ndarray:
    """The line of every row."""
    with pq.ParquetFile(path) as file:
        return np.asarray(file.read(columns=[LINE]).column(0).to_numpy())


def _columns(file: pq.ParquetFile) -> list[str]:
    return [name for name in file.schema_arrow.names if name != LINE]


def _frame(table: pa.Table, names: Sequence[str]) -> pd.DataFrame:
    frame: pd.DataFrame = table.select(list(names)).to_pandas()
    return frame
