"""Which rows new ones may be made from: real ones, and none that is held out for validation or test."""

from __future__ import annotations

import pandas as pd

from engine.data.split import current_split, split_table
from engine.data.versions import get_version, load_version, require_version
from engine.errors import Conflict
from engine.project.project import Project


def seed_rows(project: Project, most: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Real rows, only training rows when there is a split; a seeded sample of `most`, by row id.

    Raises Conflict when there is none.
    """
    version = require_version(project)
    frame = load_version(project, version.id)
    frame = frame[~frame["synthetic"]]
    split = current_split(project)
    if split is not None and get_version(project, split.dataset_id).source_id == version.source_id:
        table = split_table(project, split)
        held_out = table.loc[table["split"] != "train", "row_id"]
        frame = frame[~frame["row_id"].isin(held_out)]
    if frame.empty:
        raise Conflict("There is no row to start from.", "Bring real rows first.")
    if most is not None and len(frame) > most:
        frame = frame.sample(most, random_state=seed)
    return frame.sort_values("row_id").reset_index(drop=True)
