"""Verdicts become one new version: fixes change rows, drops leave them out, and what cannot be done is said."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.edits import RowEdit, apply_edits
from engine.data.messages import Message, answer_of
from engine.data.records import DatasetVersion
from engine.data.review.desk import STEP, Desk
from engine.data.review.resolution import Final, disagreements, finals
from engine.data.review.rules import review_rules
from engine.errors import Conflict


@dataclass(frozen=True)
class Plan:
    """What applying would do. `changed` rows have another text than the one that was read; `gone` are not there."""

    edits: list[RowEdit]
    changed: list[int]
    gone: list[int]
    open_disagreements: int
    judged: int

    @property
    def fixes(self) -> int:
        """Rows whose text will change."""
        return sum(not edit.drops for edit in self.edits)

    @property
    def drops(self) -> int:
        """Rows that will be left out."""
        return sum(edit.drops for edit in self.edits)


def plan_review(desk: Desk) -> Plan:
    """Sort the final verdicts that are not part of the rows yet. Raises Conflict while a reader is not done."""
    final = finals(desk)
    edits, changed, gone = [], [], []
    for row, said in sorted(final.items()):
        if said.action == "keep" or row in desk.applied:
            continue
        if row not in desk.texts:
            gone.append(row)
        elif desk.changed(said.line):
            changed.append(row)
        else:
            edits.append(_edit(desk, said))
    open_count = sum(found.joint is None for found in disagreements(desk))
    return Plan(edits, changed, gone, open_count, len(final))


def apply_review(desk: Desk) -> DatasetVersion:
    """Make one version from the final verdicts; undo brings the rows back. Raises Conflict when nothing is to do."""
    plan = plan_review(desk)
    if not plan.edits:
        raise Conflict("There is nothing to apply.", "Only rows to fix or to leave out change your data.")
    notes = []
    if plan.changed:
        notes.append(f"{len(plan.changed):,} rows were changed by another step after they were read: left as they are.")
    if plan.open_disagreements:
        notes.append(f"{plan.open_disagreements:,} rows have an open disagreement: left as they are.")
    settings = {"queue": desk.queue.id, "raters": len(desk.raters), "judged": plan.judged}
    return apply_edits(desk.project, plan.edits, STEP, settings, " ".join(notes))


def _edit(desk: Desk, said: Final) -> RowEdit:
    title = review_rules().reasons[said.reason].title
    words = f" {said.note}" if said.note else ""
    who = "Readers settled it together" if said.joint else "A person read it"
    if said.action == "drop":
        return RowEdit(said.row_id, said.reason.replace("_", " "), f"{who} and left it out. {title}.{words}")
    before = desk.messages(said.row_id)
    messages = list(said.messages or [])
    return RowEdit(
        said.row_id,
        f"fixed: {said.reason.replace('_', ' ')}",
        f"{who} and corrected it. {title}.{words}",
        messages=messages,
        label=_label(desk.labels[said.row_id], before, messages),
    )


def _label(label: str, before: list[Message], after: list[Message]) -> str | None:
    """The answer is the label in classification rows: then both change together."""
    same = bool(label) and label == answer_of(before).strip()
    return answer_of(after).strip() if same else None
