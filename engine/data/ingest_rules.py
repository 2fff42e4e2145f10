"""Limits of bringing files in, read from assets/rules/ingest.yml."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

import assets


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date


class JobRules(_Group):
    """Bytes of a file, or rows, from which the work is done in a job instead of in the page."""

    text_bytes: int
    workbook_bytes: int
    parquet_bytes: int
    map_rows: int


class PageRules(_Group):
    """Rows above which a page looks at a part, and how many it then looks at."""

    large_rows: int
    sample_rows: int


class ChunkRules(_Group):
    """Size of one piece of a file held in memory while it is read."""

    bytes: int
    cells: int


class WorkbookRules(_Group):
    """Largest grid (rows times columns from A1) of a sheet that is read."""

    cells: int


class IngestRules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    checked: datetime.date
    job: JobRules
    page: PageRules
    chunk: ChunkRules
    workbook: WorkbookRules


@lru_cache(maxsize=1)
def ingest_rules() -> IngestRules:
    """Return the limits; raises pydantic's ValidationError when the file has unknown or missing fields."""
    path = Path(assets.__file__).parent / "rules" / "ingest.yml"
    return IngestRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
