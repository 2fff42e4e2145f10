"""A dataset version as texts to scan, and findings as a file. Reads the Parquet columns named in ARCHITECTURE.md.

A part is one turn (`user`, `assistant`, `user 2`, ...), the label, or the other columns of the source row (`meta`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from engine.errors import Conflict, NotFound
from engine.privacy.scan import Finding
from engine.project.files import sha256_file, write_atomic
from engine.project.project import Project

POINTER = "dataset"
FINDINGS = ("row_id", "part", "entity", "start", "end", "score", "detector")


def current_dataset(project: Project) -> str:
    """Id of the version in use. Raises Conflict when there is none."""
    found = project.records.pointer(POINTER)
    if found is None:
        raise Conflict("There is no dataset to scan yet.", "Choose a file in Data Studio and say which column is what.")
    return found


def dataset_file(project: Project, dataset_id: str) -> Path:
    """Parquet file of a version. Raises NotFound."""
    path = project.dir("data") / f"{dataset_id}.parquet"
    if not dataset_id.isalnum() or not path.exists():
        raise NotFound("The rows of this dataset version are not there any more.")
    return path


def fingerprint(project: Project, dataset_id: str) -> str:
    """SHA-256 of the version's file."""
    return sha256_file(dataset_file(project, dataset_id))


def read_rows(project: Project, dataset_id: str) -> pd.DataFrame:
    """Rows of a version: row_id, messages, label, meta."""
    return pd.read_parquet(dataset_file(project, dataset_id), columns=["row_id", "messages", "label", "meta"])


def parts_of(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return part -> one text per row (empty where a row lacks the part).

    A label that only repeats the answer is left out, so that nothing is counted twice.
    """
    parts: dict[str, list[str]] = {}
    for row, (messages, label, meta) in enumerate(zip(frame["messages"], frame["label"], frame["meta"], strict=True)):
        texts = parts_of_row(messages, label, meta)
        for name, text in texts.items():
            if name not in parts:
                parts[name] = [""] * len(frame)
            parts[name][row] = text
    return parts


def parts_of_row(messages: str, label: str, meta: str) -> dict[str, str]:
    """Parts of one canonical row."""
    texts: dict[str, str] = {}
    seen: dict[str, int] = {}
    for turn in json.loads(messages):
        role, content = str(turn["role"]), str(turn["content"])
        seen[role] = seen.get(role, 0) + 1
        texts[role if seen[role] == 1 else f"{role} {seen[role]}"] = content
    if label and label not in texts.values():
        texts["label"] = label
    if meta and meta != "{}":
        texts["meta"] = meta
    return texts


def write_findings(path: Path, findings: Sequence[Finding], row_ids: Sequence[int]) -> None:
    """Write the places of findings (no values) as Parquet."""
    rows = [(row_ids[f.row], f.column, f.entity, f.start, f.end, f.score, f.detector) for f in findings]
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=list(FINDINGS)).to_parquet(buffer, index=False, compression="zstd")
    write_atomic(path, buffer.getvalue())
