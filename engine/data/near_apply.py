"""What people decided about pairs becomes rows: one version on top, however many decisions, taken back by undo.

Decisions are saved as votes when they are made; this compares them with the rows in use and does what is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from engine.data.decisions import Decision
from engine.data.edits import MANUAL, RowEdit, edit_frame
from engine.data.messages import answer_of, loads, prompt_of
from engine.data.near_redecide import DECISIONS
from engine.data.near_store import near_version
from engine.data.near_votes import PairVote, row_keys, votes_of
from engine.data.records import CleaningStep, DatasetVersion
from engine.data.versions import chain, load_decisions, load_version, save_version
from engine.errors import Conflict, DatasetError
from engine.project.project import Project


@dataclass(frozen=True)
class Pending:
    """What decisions would still do to the rows in use."""

    edits: list[RowEdit] = field(default_factory=list)
    restored: dict[int, str] = field(default_factory=dict)  # row id -> version whose rows hold it

    def __len__(self) -> int:
        return len(self.edits) + len(self.restored)


def pending(project: Project) -> Pending:
    """Compare votes with the rows in use. Empty without a dataset or without votes."""
    versions, votes = chain(project), project.records.list(PairVote)
    if not versions or not votes:
        return Pending()
    frame = load_version(project, versions[-1].id)
    keys = row_keys(frame)
    by_key: dict[str, list[int]] = {}
    for row, key in keys.items():
        by_key.setdefault(key, []).append(row)
    edits: dict[int, RowEdit] = {}
    for vote in votes:
        if vote.choice == "same" and vote.keep in by_key:
            loser = vote.second if vote.keep == vote.first else vote.first
            for row in by_key.get(loser, []):
                edits.setdefault(row, _edit(frame, row, by_key[vote.keep][0], vote))
    return Pending(list(edits.values()), _put_back(project, versions, votes, set(keys)))


def _edit(frame: pd.DataFrame, row: int, kept: int, vote: PairVote) -> RowEdit:
    if not vote.change:
        return RowEdit(row, "you left it out", "You called the two rows the same.", partner=kept, score=vote.score)
    texts = frame.set_index("row_id")["messages"]
    talk, answer = loads(texts[row]), answer_of(texts[kept])
    last = max(place for place, turn in enumerate(talk) if turn["role"] == "assistant")
    talk[last] = {**talk[last], "content": answer}
    labels = frame.set_index("row_id")["label"]
    label = str(labels[kept]) if labels[row] else None
    detail = "You chose the answer of the other row."
    return RowEdit(row, "you changed the answer", detail, messages=talk, label=label, partner=kept)


def _put_back(
    project: Project, versions: Sequence[DatasetVersion], votes: Sequence[PairVote], present: set[int]
) -> dict[int, str]:
    """Rows that were left out for a pair which is called different now, or whose decision was taken back."""
    near = near_version(versions)
    said = {(vote.first, vote.second): vote.choice for vote in votes}
    found: dict[int, str] = {}
    for version in versions:
        if version.parent is None or (version is not near and version.step.name != DECISIONS):
            continue
        decided = load_decisions(project, version.id)
        gone = decided[(decided["action"] == "drop") & decided["partner"].notna() & ~decided["row_id"].isin(present)]
        if gone.empty:
            continue
        pairs = list(zip(gone["row_id"].tolist(), gone["partner"].astype("int64").tolist(), strict=True))
        keys = row_keys(load_version(project, version.parent), {row for pair in pairs for row in pair})
        for row, partner in pairs:
            first, second = sorted((keys.get(row, ""), keys.get(partner, "")))
            choice = said.get((first, second))
            if choice == "different" or (choice == "open" and version is not near):
                found[row] = version.parent
    return found


def apply_votes(project: Project) -> DatasetVersion:
    """Make the rows what was decided: a new version that undo takes back.

    Raises Conflict when there is nothing to do, DatasetError when no row would be left.
    """
    todo = pending(project)
    if not len(todo):
        raise Conflict("Every decision is in your rows already.")
    version = chain(project)[-1]
    frame = load_version(project, version.id)
    after, decisions = edit_frame(frame, todo.edits, DECISIONS)
    for source in sorted(set(todo.restored.values())):
        rows = [row for row, where in todo.restored.items() if where == source]
        old = load_version(project, source)
        back = old[old["row_id"].isin(rows)]
        after = pd.concat([after, back.astype(dict(after.dtypes))]).sort_values("row_id", ignore_index=True)
        decisions += [_restored(row, text) for row, text in zip(back["row_id"], back["messages"], strict=True)]
    if after.empty:
        raise DatasetError("No row would be left.", "Keep some of the rows.")
    step = CleaningStep(
        name=DECISIONS,
        settings={"decided": _decided(project), MANUAL: True},
        rows_in=len(frame),
        rows_out=len(after),
        changed=sum(decision.action == "change" for decision in decisions),
        counts=dict(Counter(decision.reason for decision in decisions)),
    )
    return save_version(project, after, step, version.id, version.source_id, decisions)


def _decided(project: Project) -> int:
    """Questions and contradictions that people have settled."""
    return sum(vote.lane in ("ask", "conflict") for vote in votes_of(project))


def _restored(row: int, messages: str) -> Decision:
    detail = "You called the two rows different, so this one is back."
    return Decision(int(row), DECISIONS, "you put it back", detail, "change", snippet=prompt_of(messages))
