"""Write rows in a target's format: converted, validated, then written whole or not at all."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.check_row import Problem
from engine.data.messages import loads
from engine.data.targets import convert, target_named
from engine.data.validate import Validation, validate_frame
from engine.errors import DatasetError
from engine.project.files import sha256_bytes, write_atomic


@dataclass(frozen=True)
class Exported:
    """What was made; `problems` are warnings when it was written, errors when it was not.

    `left_out` are the errors of rows that a tolerant export did without; `Problem.row` counts rows of the given frame.
    """

    rows: int
    data: bytes
    sha256: str
    problems: list[Problem]
    written: bool
    left_out: list[Problem] = field(default_factory=list)

    @property
    def rows_left_out(self) -> int:
        """Rows that are not in the file."""
        return len({problem.row for problem in self.left_out})


def export_bytes(frame: pd.DataFrame, target: str) -> bytes:
    """JSONL (UTF-8, one row per line) in the target's shape. Raises InputError when a row cannot be converted."""
    shape = target_named(target).shape
    lines = (
        json.dumps(convert(shape, loads(text), meta), ensure_ascii=False)
        for text, meta in zip(frame["messages"], frame["meta"], strict=True)
    )
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def export_frame(frame: pd.DataFrame, target: str, out: Path | None = None, *, tolerant: bool = False) -> Exported:
    """Validate, convert and (with `out`) write rows. With errors nothing is written; the problems tell why.

    `tolerant` leaves rows with errors out instead and lists them. `hf` writes Parquet when `out` ends in .parquet.
    Raises DatasetError for no rows or a file over the limit.
    """
    if frame.empty:
        raise DatasetError("There are no rows to export.", "Undo the last step, or choose another file.")
    checked: Validation = validate_frame(frame, target)
    left_out: list[Problem] = []
    if tolerant and not checked.ok:
        left_out = [p for p in checked.problems if p.severity == "error" and p.row is not None]
        bad = {problem.row for problem in left_out}
        frame = frame.iloc[[row for row in range(len(frame)) if row not in bad]].reset_index(drop=True)
        if frame.empty:
            raise DatasetError(f"No row can go to {target_named(target).title}: {left_out[0].message}", left_out[0].fix)
        checked = validate_frame(frame, target)
    if not checked.ok:
        return Exported(len(frame), b"", "", checked.problems, written=False, left_out=left_out)
    data = parquet_bytes(frame) if target == "hf" and out and out.suffix == ".parquet" else export_bytes(frame, target)
    limit = target_named(target).most_bytes
    if limit and len(data) > limit:
        raise DatasetError(
            f"The file would have {len(data):,} bytes; {target_named(target).title} takes {limit:,}.",
            "Take fewer rows.",
        )
    if out is not None:
        write_atomic(out, data)
    return Exported(len(frame), data, sha256_bytes(data), checked.problems, written=out is not None, left_out=left_out)


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Parquet with one column `messages` (list of role and content), as `datasets` and TRL read it."""
    turn = pa.struct([("role", pa.string()), ("content", pa.string())])
    talks = [[{"role": t["role"], "content": t["content"]} for t in loads(text)] for text in frame["messages"]]
    buffer = io.BytesIO()
    pq.write_table(pa.table({"messages": pa.array(talks, pa.list_(turn))}), buffer, compression="zstd")
    return buffer.getvalue()
