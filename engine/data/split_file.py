"""Split a plain file into three files of the same rows, leak-safe: what `data split` does."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.column_values import values_at
from engine.data.columns import guess_columns
from engine.data.encoders import Report, silent
from engine.data.mapping import Mapping, Role, apply_mapping
from engine.data.near_pairs import Load
from engine.data.read_result import ReadResult
from engine.data.split_plan import PARTS, SplitPlan
from engine.data.split_rows import SplitResult, split_frame
from engine.errors import InputError
from engine.project.files import write_atomic


@dataclass(frozen=True)
class SplitFile:
    """The split and the files written, by part."""

    result: SplitResult
    files: dict[str, str]


def split_file(
    read: ReadResult,
    path: Path,
    plan: SplitPlan,
    out: Path,
    *,
    mapping: Mapping | None = None,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
) -> SplitFile:
    """Divide the rows of a file and write one file per part: JSONL lines as they were, anything else as UTF-8 CSV.

    `mapping` is guessed when left out. Raises InputError for an unknown column, DatasetError under 10 rows.
    """
    frame, _ = apply_mapping(read.frame, mapping or _mapping(read, plan), read.file)

    def cells(column: str, row_ids: np.ndarray) -> list[str]:
        return values_at(read, column, row_ids)

    result = split_frame(frame, plan, cells=cells, load=load, encoder=encoder, report=report)
    files: dict[str, str] = {}
    for part in PARTS:
        rows = result.table.loc[np.asarray(result.table["split"] == part), "row_id"].to_numpy()
        suffix = ".jsonl" if read.format == "jsonl" else ".csv"
        target = out / f"{Path(read.file).stem}.{part}{suffix}"
        write_atomic(target, _lines(path, read, rows) if suffix == ".jsonl" else _csv(read.frame.iloc[rows]))
        files[part] = str(target)
    return SplitFile(result, files)


def _mapping(read: ReadResult, plan: SplitPlan) -> Mapping:
    """The guess; without question or answer the other columns make up the question, the label the answer."""
    for name in plan.columns():
        if name not in read.columns:
            raise InputError(f"There is no column {name!r}.", f"The columns are {', '.join(map(repr, read.columns))}.")
    roles: dict[str, Role] = dict(guess_columns(read.frame).roles)
    given = set(roles.values())
    if "messages" in given or {"user", "assistant"} <= given:
        return Mapping(roles=roles)
    aside = (plan.group, plan.time)
    free = [name for name in read.columns if roles[name] in ("user", "assistant", "ignore") and name not in aside]
    answer = plan.label or (free.pop() if len(free) > 1 else read.columns[-1])
    question = [name for name in free if name != answer] or [answer]
    template = "\n".join(f"{{{name}}}" for name in question)
    return Mapping(roles={**roles, answer: "assistant"}, user_template=template)


def _lines(path: Path, read: ReadResult, rows: np.ndarray) -> bytes:
    wanted = set(read.lines[rows].tolist())
    buffer = io.StringIO()
    with path.open(encoding=read.encoding, errors="replace", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if number in wanted:
                buffer.write(line.lstrip("\ufeff").rstrip("\r\n") + "\n")
    return buffer.getvalue().encode("utf-8")


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
