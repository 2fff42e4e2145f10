"""Cells of one column of a source, by row id: what a split needs of columns that were not mapped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engine.data.read_result import ReadResult
from engine.data.records import Source
from engine.data.source_table import SourceTable
from engine.data.sources import read_source
from engine.errors import InputError
from engine.project.project import Project


def column_values(
    project: Project, source: Source, column: str, row_ids: Sequence[int] | np.ndarray, read: ReadResult | None = None
) -> list[str]:
    """Return the cell of `column` for each row id; rows that are in no file (added ones) have ''.

    `read` is the source as it was read, when the caller has it. Raises InputError for an unknown column.
    """
    return values_at(read or read_source(project, source), column, row_ids)


def values_at(read: ReadResult, column: str, row_ids: Sequence[int] | np.ndarray) -> list[str]:
    """The same from a file that is read already."""
    if column not in read.columns:
        listed = ", ".join(map(repr, read.columns[:30]))
        raise InputError(f"There is no column {column!r} in {read.file}.", f"The columns are {listed}.")
    frame = pd.concat(list(read.pieces([column]))) if isinstance(read, SourceTable) else read.frame
    cells = frame[column].to_numpy(dtype=object)
    wanted = np.asarray(row_ids, dtype=np.int64)
    inside = (wanted >= 0) & (wanted < len(cells))
    found = np.full(len(wanted), "", dtype=object)
    found[inside] = cells[wanted[inside]]
    return [str(cell) for cell in found]
