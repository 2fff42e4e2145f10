"""Rows the cleaning could not decide about (maybe the same, contradictions) and about which nobody has said a word."""

from __future__ import annotations

import pandas as pd

from engine.data.near_votes import pair_key, row_keys, votes_of
from engine.data.page_view import all_decisions, sealed_rows
from engine.data.review.queue import flag_each, flags_of
from engine.data.version_sample import only_ids, rows_by_id
from engine.data.versions import chain, require_version
from engine.project.project import Project

LANES = {"ask": "It may say the same as another row.", "conflict": "Another row gives a different answer."}


def undecided(
    project: Project, ids: pd.DataFrame | None = None, decisions: pd.DataFrame | None = None
) -> dict[int, str]:
    """Row id -> why, for rows still there whose partner is still there too, outside the test part.

    `ids` = a frame with the row ids in use, `decisions` = those of every step, if at hand.
    Raises Conflict without a dataset.
    """
    version = require_version(project)
    if decisions is None:
        decisions = all_decisions(project, [item.id for item in chain(project)])
    asked = decisions[decisions["action"].isin(list(LANES)) & decisions["partner"].notna()]
    ids = only_ids(project, version) if ids is None else ids
    there = set(ids["row_id"].tolist()) - sealed_rows(project, version.source_id)
    pairs = [
        (int(row), int(partner), str(lane))
        for row, partner, lane in zip(asked["row_id"], asked["partner"], asked["action"], strict=True)
        if row in there and partner in there
    ]
    said = {vote.id for vote in votes_of(project)}
    rows = sorted({row for pair in pairs for row in pair[:2]})
    keys = row_keys(rows_by_id(project, version, rows)) if said and rows else {}
    return {
        row: LANES[lane] for row, partner, lane in pairs if not said or pair_key(keys[row], keys[partner]) not in said
    }


def flag_undecided(project: Project) -> int:
    """Hand them to the next review; return how many are new."""
    known = {row for flag in flags_of(project) if flag.reason in LANES.values() for row in flag.rows}
    fresh = {row: reason for row, reason in undecided(project).items() if row not in known}
    if fresh:
        flag_each(project, fresh)
    return len(fresh)
