"""Sort the stored pairs again: another threshold, and what people said. No model, no waiting; undo brings it back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from engine.data.near_lanes import Forced, lane_rules, sort_lanes
from engine.data.near_run import NearChoices, note_of, sort_again
from engine.data.near_store import load_pairs, near_version
from engine.data.near_votes import PairVote, votes_of
from engine.data.records import CleaningStep, DatasetVersion
from engine.data.rules import rules
from engine.data.versions import POINTER, chain, get_version, load_version, save_version
from engine.errors import Conflict
from engine.project.project import Project

DECISIONS = "pair_decisions"  # the step that holds what people decided about pairs


@dataclass(frozen=True)
class LaneCounts:
    """Rows that would be left out and kept, and pairs that would be asked, contradict, or stay unasked."""

    removed: int
    kept: int
    ask: int
    conflicts: int
    not_asked: int


def choices_of(version: DatasetVersion, votes: Sequence[PairVote] = ()) -> NearChoices:
    """What a near-duplicate step was made with."""
    settings = version.step.settings
    return NearChoices(
        encoder=str(settings.get("encoder", "minilm")),
        threshold=settings.get("threshold") if settings.get("chosen") else None,
        same_wording=settings.get("same_wording"),
        most=settings.get("ask_most", rules().near.ask_most),
        votes=tuple(votes),
    )


def lane_counts(rows: int, pairs: pd.DataFrame, choices: NearChoices, forced: Forced, *, labels: bool) -> LaneCounts:
    """What a choice would do to so many rows, before it is applied. `forced` comes from `forced_pairs`."""
    limits = lane_rules(
        choices.encoder, labels=labels, threshold=choices.threshold, same_wording=choices.same_wording,
        most=choices.most,
    )  # fmt: skip
    lanes = sort_lanes(pairs, limits, forced)
    gone = len(lanes.removed)
    return LaneCounts(gone, rows - gone, len(lanes.ask), len(lanes.conflicts), lanes.not_asked)


def redecide(
    project: Project,
    threshold: float | None = None,
    *,
    same_wording: bool | None = None,
    most: int | None = None,
) -> DatasetVersion:
    """Replace the near-duplicate step by the same pairs sorted with another threshold (cosine, 0..1), votes included.

    Arguments left out stay as they were. A `pair_decisions` step on top is replaced too: its votes are sorted in, and
    changed answers are pending again. Raises Conflict without such a step or when other changes came after it,
    InputError when its pairs were not kept.
    """
    start = time.perf_counter()
    versions = chain(project)
    here = near_version(versions)
    if here is None or here.parent is None:
        raise Conflict("There are no compared rows to decide again.", "Run the step that compares meanings first.")
    later = [version.step.name for version in versions[versions.index(here) + 1 :]]
    if any(name != DECISIONS for name in later):
        raise Conflict(
            "The rows were changed in another way after they were compared.",
            "Undo those steps first, or run the comparison again on the rows as they are.",
        )
    chosen = choices_of(here, votes_of(project))
    chosen = replace(
        chosen,
        threshold=chosen.threshold if threshold is None else threshold,
        same_wording=chosen.same_wording if same_wording is None else same_wording,
        most=chosen.most if most is None else most,
    )
    return _saved(project, here, chosen, start)


def _saved(project: Project, here: DatasetVersion, chosen: NearChoices, start: float) -> DatasetVersion:
    parent = get_version(project, str(here.parent))
    frame, pairs = load_version(project, parent.id), load_pairs(project, here)
    before = here.step.settings
    labels = bool(before.get("labels"))
    done = sort_again(frame, pairs, chosen, labels=labels)
    names: tuple[str, ...] = ("pairs", "foreign", "pairs_left_out")
    kept = {name: before[name] for name in names if name in before}
    settings = {**chosen.to_settings(labels), **kept, "replaces": here.id}
    step = CleaningStep(
        name=here.step.name,
        settings=settings,
        rows_in=len(frame),
        rows_out=len(done.frame),
        counts=dict(Counter(decision.reason for decision in done.decisions)),
        note=note_of(settings, done, len(frame)),
        seconds=round(time.perf_counter() - start, 3),
    )
    return save_version(project, done.frame, step, parent.id, here.source_id, done.decisions)


def undo_redecide(project: Project) -> DatasetVersion:
    """Return to the step as it was before the last `redecide`. Raises Conflict when there was none."""
    versions = chain(project)
    here = near_version(versions)
    before = str(here.step.settings.get("replaces", "")) if here else ""
    if here is None or not before or versions[-1].id != here.id:
        raise Conflict("There is no change of the threshold to take back.")
    target = get_version(project, before)
    project.records.set_pointer(POINTER, target.id)
    project.audit.append("dataset.undo", {"from": here.id, "to": target.id}, {"step": here.step.name})
    return target
