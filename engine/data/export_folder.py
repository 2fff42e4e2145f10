"""A folder that `datasets.load_dataset` and the Hugging Face hub read as they are: Parquet per part and a data card.

Layout and card fields follow the hub's documented `configs: data_files` form (data/train-*.parquet, README.md).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import yaml

from engine.data.export import parquet_bytes
from engine.errors import DatasetError
from engine.project.files import sha256_bytes, write_atomic

HUB_NAMES = {"train": "train", "validation": "validation", "test": "test"}


def folder_files(parts: Mapping[str, pd.DataFrame], title: str, words: str = "") -> dict[str, bytes]:
    """Files by relative path. `parts` maps train, validation, test to canonical rows; empty ones are left out.

    `words` goes into the card as it is (Markdown of ours). Raises DatasetError when every part is empty.
    """
    filled = {name: frame for name, frame in parts.items() if len(frame)}
    if not filled:
        raise DatasetError("There are no rows to export.", "Undo the last step, or choose another file.")
    files = {f"data/{HUB_NAMES[name]}-00000-of-00001.parquet": parquet_bytes(frame) for name, frame in filled.items()}
    return {**files, "README.md": _card(filled, files, title, words)}


def write_folder(files: Mapping[str, bytes], out: Path) -> dict[str, str]:
    """Write the files below `out`; return their SHA-256 by relative path. Raises StorageError."""
    for name, data in files.items():
        write_atomic(out / name, data)
    return {name: sha256_bytes(data) for name, data in files.items()}


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """The same folder as one ZIP; equal files give equal bytes (fixed times)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), files[name])
    return buffer.getvalue()


def _card(parts: Mapping[str, pd.DataFrame], files: Mapping[str, bytes], title: str, words: str) -> bytes:
    data_files = [
        {"split": HUB_NAMES[name], "path": f"data/{HUB_NAMES[name]}-*.parquet"} for name in HUB_NAMES if name in parts
    ]
    head = {
        "pretty_name": title,
        "configs": [{"config_name": "default", "data_files": data_files}],
        "tags": ["tuneworth", "chat"],
    }
    plain = " ".join(title.split()).replace("`", "'")
    lines = [
        "---",
        yaml.safe_dump(head, sort_keys=False, allow_unicode=True).strip(),
        "---",
        "",
        f"# `{plain}`",
        "",
        "| part | rows | made by a model or template | SHA-256 of the file |",
        "|---|---|---|---|",
    ]
    for name, frame in parts.items():
        digest = sha256_bytes(files[f"data/{HUB_NAMES[name]}-00000-of-00001.parquet"])
        lines.append(f"| {name} | {len(frame):,} | {int(frame['synthetic'].sum()):,} | `{digest}` |")
    lines += ["", "Column `messages`: list of turns with `role` and `content`. Licence: not provided.", "", words]
    return "\n".join(lines).encode("utf-8")
