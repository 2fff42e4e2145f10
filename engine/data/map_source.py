"""A source and a mapping -> the first version: at once for a usual file, in pieces for one of a million rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.answers import answers_are_labels
from engine.data.decisions import Decision
from engine.data.encoders import Report, silent
from engine.data.mapping import apply_mapping
from engine.data.mapping_model import Mapping, check_mapping
from engine.data.messages import answer_of
from engine.data.records import CleaningStep, DatasetVersion, Source
from engine.data.rules import rules
from engine.data.source_table import SourceTable
from engine.data.versions import adopt_version, save_version
from engine.errors import DatasetError
from engine.project.project import Project

Piece = tuple[pd.DataFrame, list[Decision], int]


def map_source(
    project: Project,
    source: Source,
    table: SourceTable,
    mapping: Mapping,
    report: Report = silent,
    *,
    use: bool = True,
) -> DatasetVersion:
    """Make conversations and save them. Raises MappingError, DatasetError when no row could be used."""
    check_mapping(mapping, source.columns)
    if table.rows <= rules().reading.chunk_rows or mapping.turns is not None:
        frame, decisions, units = _at_once(table, mapping)
        if frame.empty:
            raise _nothing(decisions)
        step = _step(mapping, units, len(frame), decisions)
        return save_version(project, frame, step, None, source.id, decisions, use=use)
    return _in_pieces(project, source, table, mapping, report, use)


def _at_once(table: SourceTable, mapping: Mapping) -> Piece:
    """All rows; conversations of several rows are counted as one unit."""
    columns = mapping.used() or table.columns[:1]
    whole = pd.concat(list(table.pieces(columns)), ignore_index=True)
    checked = _all_columns(mapping, whole)
    frame, decisions = apply_mapping(whole, checked, table.file_names(0, table.rows))
    left = sum(decision.action == "drop" for decision in decisions)
    return frame, decisions, len(frame) + left if mapping.turns else table.rows


def _all_columns(mapping: Mapping, frame: pd.DataFrame) -> Mapping:
    """The mapping without roles of columns that were not read (those to ignore)."""
    have = set(map(str, frame.columns))
    return mapping.model_copy(update={"roles": {name: role for name, role in mapping.roles.items() if name in have}})


def _in_pieces(
    project: Project, source: Source, table: SourceTable, mapping: Mapping, report: Report, use: bool
) -> DatasetVersion:
    path = project.dir("data") / f".tmp-map-{source.id}.parquet"
    decisions: list[Decision] = []
    rows, writer = 0, None
    try:
        for frame, found, done in _pieces(table, mapping):
            report(done, table.rows, f"{done:,} of {table.rows:,} rows made")
            decisions += found
            if frame.empty:
                continue
            piece = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, piece.schema, compression="zstd")
            writer.write_table(piece)
            rows += len(frame)
        if writer is None:
            raise _nothing(decisions)
        writer.close()
        step = _step(mapping, table.rows, rows, decisions)
        return adopt_version(project, path, rows, step, None, source.id, decisions, use=use)
    finally:
        if writer is not None:
            writer.close()
        path.unlink(missing_ok=True)


def _pieces(table: SourceTable, mapping: Mapping) -> Iterator[Piece]:
    """Whether answers are labels is decided by the first piece for all."""
    start, labels = 0, None
    for part in table.pieces(mapping.used() or table.columns[:1]):
        checked = _all_columns(mapping, part)
        names: Sequence[str] = table.file_names(start, len(part))
        frame, decisions = apply_mapping(part, checked, names, first_row=start, labels=labels)
        if labels is None:
            labels = answers_are_labels([answer_of(text) for text in frame["messages"]])
        start += len(part)
        yield frame, decisions, start


def _step(mapping: Mapping, rows_in: int, rows_out: int, decisions: list[Decision]) -> CleaningStep:
    changed = {decision.row_id for decision in decisions if decision.action == "change"}
    return CleaningStep(
        name="map",
        settings=mapping.model_dump(mode="json"),
        rows_in=rows_in,
        rows_out=rows_out,
        changed=len(changed),
        counts=dict(Counter(decision.reason for decision in decisions)),
    )


def _nothing(decisions: list[Decision]) -> DatasetError:
    return DatasetError("No row could be read as a conversation.", decisions[0].detail if decisions else "")
