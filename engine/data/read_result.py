"""What reading a file gives: rows as text, and everything that was understood, repaired or refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.rules import rules


class ReaderSettings(BaseModel):
    """How to read a file; None means: find out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: str | None = Field(default=None, description="Character set of the file, for example utf-8 or cp1252")
    delimiter: str | None = Field(default=None, description="Character between two cells")
    sheet: str | None = Field(default=None, description="Sheet of the workbook")


@dataclass(frozen=True)
class Reject:
    """A row that could not be used. `line` is 1-based in the file, `raw` its text (cut when very long)."""

    line: int
    raw: str
    reason: str
    file: str = ""  # named only where rows come from several files

    def to_json(self) -> dict[str, Any]:
        """Return the contract's fields."""
        return {"line": self.line, "raw": self.raw, "reason": self.reason}


@dataclass
class Rejects:
    """Collects rejects; above a limit only the count goes on."""

    rows: list[Reject] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, raw: str, reason: str) -> None:
        """Keep one reject; long raw text is cut and says so."""
        self.count += 1
        limit = rules().reading
        if self.count > limit.kept_rejects:
            return
        text = raw.replace("\x00", "").rstrip("\r\n")
        if len(text) > limit.raw_characters:
            text = f"{text[: limit.raw_characters]} ... ({len(text):,} characters)"
        self.rows.append(Reject(line, text, reason))


@dataclass(frozen=True)
class ReadResult:
    """A file as text. `frame` holds one string column per header; `lines` the 1-based line of each row.

    For workbooks and Parquet `lines` are row numbers in the sheet or table, for JSON arrays element numbers.
    """

    file: str
    format: str
    encoding: str
    delimiter: str | None
    header_line: int
    columns: list[str]
    frame: pd.DataFrame
    lines: np.ndarray[Any, np.dtype[np.int64]]
    rejects: list[Reject]
    reject_count: int
    warnings: list[str]
    sha256: str
    sheet: str | None = None
    sheets: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of usable rows."""
        return len(self.frame)

    def head(self, rows: int) -> pd.DataFrame:
        """The first rows."""
        return self.frame.head(rows)

    @property
    def settings(self) -> ReaderSettings:
        """The settings that read the same file the same way again."""
        text = self.format in ("csv", "tsv")
        return ReaderSettings(
            encoding=self.encoding if text or self.format in ("json", "jsonl") else None,
            delimiter=self.delimiter if text else None,
            sheet=self.sheet,
        )

    def named(self, file: str) -> ReadResult:
        """Return the same result under the name the user knows."""
        return replace(self, file=file)
