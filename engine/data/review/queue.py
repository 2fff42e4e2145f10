"""The queue: a seeded random sample of the rows, and rows that were flagged; never a row of the sealed test part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from engine.data.page_view import sealed_rows
from engine.data.rates import wilson
from engine.data.review.records import QueueItem, QueuePart, ReviewQueue, RowFlag
from engine.data.review.rules import review_rules
from engine.data.version_sample import only_ids, rows_by_id
from engine.data.versions import load_version, require_version
from engine.errors import Conflict, InputError, NotFound
from engine.project.project import Project
from engine.project.records import new_id

POINTER = "review"


def fingerprint(messages: str) -> str:
    """16 hexadecimal digits of the row's text: equal text, equal digits."""
    return hashlib.sha256(messages.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def sample_promise(size: int, rows: int) -> str:
    """What a sample of this size can show, in words."""
    size = min(size, rows)
    if size == rows:
        return f"All {rows:,} rows are read: the share of wrong rows is then known exactly."
    wrong = max(1, round(size * 0.03))
    band = wilson(wrong, size)
    return (
        f"If {wrong} of {size:,} are wrong, then most likely between {band.low:.0%} and {band.high:.0%} of all "
        f"{rows:,} rows are."
    )


def flag_rows(project: Project, rows: Iterable[int], reason: str) -> RowFlag:
    """Hand rows over to the next review, with one sentence for the reader. Any part of the page may call this.

    Raises Conflict without a dataset, InputError without rows or reason, NotFound for a row that is not there.
    """
    return flag_each(project, dict.fromkeys(rows, reason))[0]


def flag_each(project: Project, reasons: Mapping[int, str]) -> list[RowFlag]:
    """Hand rows over, each with its own sentence; rows with the same one become one flag. Raises as `flag_rows`."""
    version = require_version(project)
    if not reasons or not all(reason.strip() for reason in reasons.values()):
        raise InputError("There is no row to flag." if not reasons else "Say why the rows are flagged.")
    there = set(only_ids(project, version)["row_id"].tolist())
    missing = [row for row in reasons if row not in there]
    if missing:
        raise NotFound(f"Row {missing[0]} is not there any more.", "Look at the rows again.")
    grouped: dict[str, list[int]] = {}
    for row, reason in reasons.items():
        grouped.setdefault(reason.strip()[:300], []).append(int(row))
    flags = [RowFlag(source_id=version.source_id, rows=tuple(rows), reason=reason) for reason, rows in grouped.items()]
    project.records.save_all(flags)
    return flags


def waiting(project: Project, frame: pd.DataFrame | None = None) -> dict[int, list[RowFlag]]:
    """Flagged rows that no queue has taken in and that may be shown, in the order they were flagged.

    `frame` holds the row ids in use, if at hand.
    """
    version = require_version(project)
    flags = flags_of(project)
    if not flags:
        return {}
    taken = {(item.row_id, flag) for queue in project.records.list(ReviewQueue) for item in queue.items
             for flag in item.flags}  # fmt: skip
    taken |= {(item.row_id, flag) for part in project.records.list(QueuePart) for item in part.items
              for flag in item.flags}  # fmt: skip
    sealed = sealed_rows(project, version.source_id)
    there = set((only_ids(project, version) if frame is None else frame)["row_id"].tolist())
    found: dict[int, list[RowFlag]] = {}
    for flag in flags:
        for row in flag.rows:
            if (row, flag.id) not in taken and row in there and row not in sealed:
                found.setdefault(row, []).append(flag)
    return found


def flags_of(project: Project) -> list[RowFlag]:
    """Every flag on rows of the file in use, oldest first."""
    source = require_version(project).source_id
    return [flag for flag in project.records.list(RowFlag) if flag.source_id == source]


def start_queue(project: Project, size: int | None = None, seed: int = 0, *, flagged: bool = True) -> ReviewQueue:
    """Draw a queue from the rows in use and make it the current one. The same seed draws the same rows.

    Raises Conflict without a dataset or when every row is in the test part, InputError for an impossible size.
    """
    limits = review_rules().queue
    size = limits.sample if size is None else size
    if not 1 <= size <= limits.largest:
        raise InputError(f"A review of {size:,} rows is not possible.", f"Choose 1 to {limits.largest:,} rows.")
    version = require_version(project)
    frame = load_version(project, version.id)
    sealed = sealed_rows(project, version.source_id)
    open_rows = frame[~frame["row_id"].isin(sealed)]
    if open_rows.empty:
        raise Conflict("Every row is in the sealed test part.", "Split again with rows for training.")
    chosen = draw(open_rows["row_id"].tolist(), size, seed)
    items = _items(open_rows, chosen, waiting(project) if flagged else {}, limits.most_flagged)
    queue = ReviewQueue(
        dataset_id=version.id,
        source_id=version.source_id,
        seed=seed,
        drawn_from=len(open_rows),
        sealed=len(frame) - len(open_rows),
        items=tuple(items),
    )
    project.records.save(queue)
    project.records.set_pointer(POINTER, queue.id)
    details = {"rows": len(queue.items), "sampled": len(chosen), "seed": seed, "sealed": queue.sealed}
    project.audit.append("review.start", {"review": queue.id, "dataset": version.id}, details)
    return queue


def draw(row_ids: Sequence[int], size: int, seed: int) -> list[int]:
    """`size` different row ids in random order; the same rows and seed give the same ones, whatever their order."""
    known = np.sort(np.asarray(row_ids, dtype="int64"))
    order = np.random.default_rng(seed).permutation(len(known))[:size]
    return [int(row) for row in known[order]]


def _items(frame: pd.DataFrame, sample: Sequence[int], flagged: dict[int, list[RowFlag]], most: int) -> list[QueueItem]:
    sampled = set(sample)
    extra = [row for row in flagged if row not in sampled][:most]
    wanted = [*sample, *extra]
    part = frame[frame["row_id"].isin(wanted)]
    texts = dict(zip(part["row_id"].tolist(), part["messages"].tolist(), strict=True))
    return [
        QueueItem(
            row_id=row,
            sampled=row in sampled,
            why=tuple(dict.fromkeys(flag.reason for flag in flagged.get(row, []))),
            flags=tuple(flag.id for flag in flagged.get(row, [])),
            fingerprint=fingerprint(texts[row]),
        )
        for row in wanted
    ]


def take_flagged(project: Project, queue: ReviewQueue) -> QueuePart:
    """Put waiting flagged rows behind the queue. Raises Conflict when none waits."""
    inside = {item.row_id for item in queue_items(project, queue)}
    flagged = {row: flags for row, flags in waiting(project).items() if row not in inside}
    if not flagged:
        raise Conflict("No flagged row is waiting that is not in the queue already.")
    frame = rows_by_id(project, require_version(project), list(flagged))
    items = _items(frame, [], flagged, review_rules().queue.most_flagged)
    part = QueuePart(id=f"{queue.id}:{new_id()}", queue_id=queue.id, items=tuple(items))
    project.records.save(part)
    return part


def queue_items(project: Project, queue: ReviewQueue) -> list[QueueItem]:
    """All rows of a queue in reading order, with those taken in later."""
    items = list(queue.items)
    for part in project.records.list(QueuePart, prefix=f"{queue.id}:"):
        items += part.items
    found: dict[int, QueueItem] = {}
    for item in items:  # two tabs may have taken in the same row
        found.setdefault(item.row_id, item)
    return list(found.values())


def current_queue(project: Project) -> ReviewQueue | None:
    """The queue in use; after a change of the file the newest one drawn from it. None when there is none."""
    pointer = project.records.pointer(POINTER)
    found = queues(project)
    return next((queue for queue in found if queue.id == pointer), found[-1] if found else None)


def queues(project: Project) -> list[ReviewQueue]:
    """Every queue drawn from the file in use, oldest first."""
    source = require_version(project).source_id
    return [queue for queue in project.records.list(ReviewQueue) if queue.source_id == source]


def use_queue(project: Project, queue_id: str) -> None:
    """Go on with an earlier queue. Raises NotFound."""
    project.records.set_pointer(POINTER, project.records.get(ReviewQueue, queue_id).id)


def require_queue(project: Project) -> ReviewQueue:
    """The queue in use. Raises Conflict with the next step when there is none."""
    queue = current_queue(project)
    if queue is None:
        raise Conflict("There is no review yet.", "Start one: it draws the rows to read.")
    return queue
