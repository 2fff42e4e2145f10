"""Rows of a version without holding all of them: an even sample, or some rows by id. Read from Parquet in pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.ingest_rules import ingest_rules
from engine.data.records import DatasetVersion
from engine.errors import NotFound
from engine.project.files import inside
from engine.project.project import Project

Places: TypeAlias = Callable[[int, pa.RecordBatch], np.ndarray]  # (first row of the batch, batch) -> rows wanted of it


def is_large(version: DatasetVersion) -> bool:
    """Whether pages look at a part of the rows and say so."""
    return version.rows > ingest_rules().page.large_rows


def even_rows(project: Project, version: DatasetVersion) -> pd.DataFrame:
    """`sample_rows` rows spread evenly over the version, in order; always the same ones."""
    spread = np.linspace(0, version.rows - 1, ingest_rules().page.sample_rows)
    wanted = np.unique(spread.astype(np.int64))

    def inside_batch(start: int, batch: pa.RecordBatch) -> np.ndarray:
        return wanted[(wanted >= start) & (wanted < start + len(batch))] - start

    return _taken(project, version, inside_batch)


def rows_by_id(project: Project, version: DatasetVersion, row_ids: Sequence[int]) -> pd.DataFrame:
    """The rows with these ids, in the order of the version; ids that are not there are passed over."""
    wanted = np.asarray(sorted(set(row_ids)), dtype=np.int64)

    def with_id(start: int, batch: pa.RecordBatch) -> np.ndarray:
        return np.flatnonzero(np.isin(batch.column("row_id").to_numpy(), wanted))

    return _taken(project, version, with_id)


def _taken(project: Project, version: DatasetVersion, places: Places) -> pd.DataFrame:
    path = inside(project.path, version.path)
    if not path.exists():
        raise NotFound(f"The file {path.name} is missing from the project.", "Import the project from an export.")
    parts, start = [], 0
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        for batch in file.iter_batches(batch_size=20_000):
            found = places(start, batch)
            start += len(batch)
            if len(found):
                parts.append(batch.take(pa.array(found)))
    frame: pd.DataFrame = pa.Table.from_batches(parts, schema=schema).to_pandas()
    return frame.reset_index(drop=True)


def only_ids(project: Project, version: DatasetVersion) -> pd.DataFrame:
    """A frame with the column `row_id` alone: which rows there are, without their texts."""
    return pd.read_parquet(inside(project.path, version.path), columns=["row_id"])
