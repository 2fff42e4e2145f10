"""The rows of a source as they lie in the project: read from Parquet when asked, never all at once for a page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.data.ingest_rules import ingest_rules
from engine.data.read_result import ReadResult, Reject
from engine.data.records import Source, SourcePart
from engine.data.table_file import table_head, table_lines, table_pieces, table_rows
from engine.errors import NotFound
from engine.project.files import inside
from engine.project.project import Project


class SourceTable(ReadResult):
    """A ReadResult whose rows stay on disk. `frame` and `lines` are read when first used; `frame` holds everything,
    so pages use `head`, `take` and `sample`.
    """

    source: Source
    path: Path

    def __init__(self, source: Source, path: Path) -> None:
        parts = source.files()
        many = len(parts) > 1
        warnings = [f"{part.file}: {text}" if many else text for part in parts for text in part.warnings]
        self.__dict__.update(
            source=source,
            path=path,
            file=source.file,
            format=source.format,
            encoding=source.encoding,
            delimiter=source.delimiter,
            header_line=source.header_line,
            columns=source.columns,
            reject_count=source.rejects,
            warnings=warnings,
            sha256=source.sha256,
            sheet=source.sheet,
            sheets=tuple(parts[0].sheets),
        )

    def __getattr__(self, name: str) -> Any:
        """The fields of ReadResult that are read late."""
        late = {"frame": self._frame, "lines": lambda: table_lines(self.path), "rejects": self._rejects}
        if name not in late:
            raise AttributeError(name)
        value = late[name]()
        if name != "frame":
            self.__dict__[name] = value
        return value

    @property
    def rows(self) -> int:
        """Number of usable rows."""
        return self.source.rows

    @property
    def parts(self) -> list[SourcePart]:
        """The files, in the order of their rows."""
        return self.source.files()

    @property
    def large(self) -> bool:
        """Whether a page may look only at a part of the rows."""
        return self.rows > ingest_rules().page.large_rows

    def head(self, rows: int) -> pd.DataFrame:
        """The first rows. Kept: a page asks for the same ones on every run, and nobody changes them."""
        kept: tuple[int, pd.DataFrame] | None = self.__dict__.get("_head")
        if kept is None or kept[0] != rows:
            kept = (rows, table_head(self.path, rows))
            self.__dict__["_head"] = kept
        return kept[1]

    def take(self, rows: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Some rows by row id."""
        return table_rows(self.path, rows, columns)

    def sample(self, columns: Sequence[str]) -> pd.DataFrame:
        """The rows a page looks at: all of a small source, the first ones of a large one. The last answer is kept."""
        kept: tuple[tuple[str, ...], pd.DataFrame] | None = self.__dict__.get("_sample")
        if kept is None or kept[0] != tuple(columns):
            rows = ingest_rules().page.sample_rows if self.large else self.rows
            kept = (tuple(columns), table_head(self.path, rows, columns))
            self.__dict__["_sample"] = kept
        return kept[1]

    def pieces(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """All rows in pieces, in order."""
        return table_pieces(self.path, columns)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(part.rows for part in self.parts))

    def part_of(self, row_id: int) -> SourcePart:
        """The file a row came from."""
        return self.parts[min(bisect_right(self._ends, row_id), len(self.parts) - 1)]

    def place(self, row_id: int) -> tuple[str, int]:
        """File and line of a row."""
        return self.part_of(row_id).file, int(self.lines[row_id])

    def file_names(self, start: int, count: int) -> list[str]:
        """The file of each of `count` rows from `start` on."""
        if len(self.parts) == 1:
            return [self.parts[0].file] * count
        places = np.searchsorted(self._ends, np.arange(start, start + count), side="right")
        return [self.parts[place].file for place in places]

    def _frame(self) -> pd.DataFrame:
        pieces = list(self.pieces())
        return pd.concat(pieces, ignore_index=True) if len(pieces) != 1 else pieces[0]

    def _rejects(self) -> list[Reject]:
        path = rejects_path(self.path)
        if not path.exists():
            return []
        table = pd.read_parquet(path)
        names = self.parts if len(self.parts) > 1 else []
        return [
            Reject(int(line), str(raw), str(reason), names[part].file if names else "")
            for part, line, raw, reason in table.itertuples(index=False)
        ]

    def named(self, file: str) -> SourceTable:
        """The same rows under another name."""
        return SourceTable(self.source.model_copy(update={"file": file}), self.path)


def rejects_path(table: Path) -> Path:
    """Where the refused lines of a table are kept."""
    return table.with_suffix(".rejects.parquet")


def write_rejects(table: Path, rejects: Sequence[tuple[int, Reject]]) -> None:
    """Keep the refused lines, each with the number of its part."""
    rows = [
        (part, reject.line, reject.raw.encode("utf-8", "replace").decode(), reject.reason) for part, reject in rejects
    ]
    frame = pd.DataFrame(rows, columns=["part", "line", "raw", "reason"])
    frame.astype({"part": "int64", "line": "int64", "raw": "str", "reason": "str"}).to_parquet(
        rejects_path(table), index=False, compression="zstd"
    )


def table_path(project: Project, source_id: str) -> Path:
    """Where the rows of a source lie."""
    return inside(project.dir("data"), f"source-{source_id}.parquet")


def saved_table(project: Project, source: Source) -> SourceTable:
    """The rows of a source. Raises NotFound when they were not written yet."""
    path = table_path(project, source.id)
    if not path.exists():
        raise NotFound("The rows of this file are not in the project yet.", "Read the file again.")
    return SourceTable(source, path)
