"""A project whose rows were compared: the same step as the job's, with the word encoder of the tests."""

from __future__ import annotations

from engine.data.encoders import silent
from engine.data.near_run import NearChoices, near_step
from engine.data.near_store import keep_pairs
from engine.data.near_votes import votes_of
from engine.data.records import CleaningStep, DatasetVersion
from engine.data.versions import save_version
from engine.project.project import Project
from tests.engine.data.conftest import WordEncoder, frame_of

ENCODER = WordEncoder()
ANSWER = "We look into it and write to you within the day"
ROWS = [
    ("tell me where my new card is now thanks", ANSWER),
    ("tell me where my new card is now", ANSWER),
    ("i want my money back for the order of last monday within 30 days of it", ANSWER),
    ("i want my money back for the order of last monday within 31 days of it", ANSWER),
    ("what is the best rate for euros in the shop around the corner", "The rate is shown there"),
    ("the shop around the corner what is the best rate for euros", "Nobody knows this before noon"),
    ("why was my transfer to the bank of my sister not done", ANSWER),
    ("why was my transfer to the bank of her sister never done", ANSWER),
    ("something else entirely that stands alone in this set", ANSWER),
]


def compared(project: Project, rows=ROWS, **choices) -> DatasetVersion:
    """Save rows and the near-duplicate step on them, as the cleaning job does."""
    frame = frame_of(rows)
    first = CleaningStep(name="map", rows_in=len(frame), rows_out=len(frame))
    version = save_version(project, frame, first, None, "source")
    return compare_again(project, version, frame, **choices)


def compare_again(project: Project, version: DatasetVersion, frame, **choices) -> DatasetVersion:
    """The step on rows that are there."""
    chosen = NearChoices(votes=tuple(votes_of(project)), **{"most": 100, **choices})
    done = near_step(frame, chosen, lambda name: ENCODER, silent)
    step = CleaningStep(
        name="near_duplicates", settings=done.settings, rows_in=len(frame), rows_out=len(done.frame), note=done.note
    )
    return save_version(
        project, done.frame, keep_pairs(project, step, done.pairs), version.id, "source", done.decisions
    )
