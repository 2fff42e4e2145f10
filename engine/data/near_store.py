"""Judged pairs kept beside the version they were found for: moving the threshold needs no model again.

The step's settings name the file; versions that only sort the same pairs differently share it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd

from engine.data.near_judge import COLUMNS
from engine.data.records import CleaningStep, DatasetVersion
from engine.data.versions import to_parquet
from engine.errors import InputError
from engine.project.files import inside, sha256_bytes, write_atomic
from engine.project.project import Project

STEP = "near_duplicates"


def keep_pairs(project: Project, step: CleaningStep, pairs: pd.DataFrame) -> CleaningStep:
    """Write the pairs and return the step with the file's name and fingerprint. Raises StorageError."""
    data = to_parquet(pairs[list(COLUMNS)])
    sha256 = sha256_bytes(data)
    name = f"near-{sha256[:32]}.parquet"
    write_atomic(project.dir("data") / name, data)
    return step.model_copy(update={"settings": {**step.settings, "pairs": name}})


def load_pairs(project: Project, version: DatasetVersion) -> pd.DataFrame:
    """Stored pairs of a near-duplicate step: row, partner, score, letters, same, guard, reason, encoder.

    Raises InputError when there are none or the file was changed.
    """
    name = str(version.step.settings.get("pairs", ""))
    path = inside(project.path, f"data/{name}") if name else None
    if path is None or not path.is_file():
        raise InputError("The pairs of this step were not kept.", "Run the step again.")
    data = path.read_bytes()
    if f"near-{sha256_bytes(data)[:32]}.parquet" != name:
        raise InputError("The pairs of this step were changed outside Tuneworth.", "Run the step again.")
    return pd.read_parquet(io.BytesIO(data))


def near_version(versions: Sequence[DatasetVersion]) -> DatasetVersion | None:
    """The last near-duplicate step of a history that has stored pairs, or None."""
    found = (version for version in reversed(versions) if version.step.name == STEP and version.parent)
    return next((version for version in found if version.step.settings.get("pairs")), None)
