"""Verdicts that were given somewhere else: checked one by one, saved together, and what could not be used is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.data.messages import dumps
from engine.data.review.desk import Desk, add_rater
from engine.data.review.records import Judgement
from engine.data.review.verdicts import Opinion, line_for
from engine.errors import TuneworthError


@dataclass(frozen=True)
class Incoming:
    """One verdict of a file. `place` names where it stands there; `seen` is the fingerprint of the text, if known."""

    row_id: int
    rater: str
    opinion: Opinion
    place: str
    seen: str = ""


@dataclass
class ImportReport:
    """`saved` new or changed verdicts, `same` already there, `empty` rows without a verdict.

    `unknown` names rows that are not in this review, `problems` holds one sentence per verdict that was not used,
    `changed` counts rows whose text is another now than in the file.
    """

    saved: int = 0
    same: int = 0
    empty: int = 0
    changed: int = 0
    raters: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What happened, in one line."""
        parts = [f"{self.saved:,} verdicts taken over"]
        parts += [f"{self.same:,} were there already"] if self.same else []
        parts += [f"{self.empty:,} rows without a verdict"] if self.empty else []
        parts += [f"{len(self.unknown):,} rows are not in this review"] if self.unknown else []
        parts += [f"{len(self.problems):,} could not be used"] if self.problems else []
        parts += [f"{self.changed:,} rows were changed since: read them again"] if self.changed else []
        return ", ".join(parts) + "."

    def to_json(self) -> dict[str, object]:
        """Plain values for a document."""
        return {**self.__dict__, "sentence": self.sentence}


def store(desk: Desk, incoming: Sequence[Incoming], origin: str, report: ImportReport) -> ImportReport:
    """Save what can be used in one transaction and complete the report. Raises InputError for an unusable name.

    A verdict that stands already is not saved twice; a different one replaces it (both stay in the record).
    """
    names = {name: add_rater(desk.project, desk.queue, name) for name in dict.fromkeys(said.rater for said in incoming)}
    lines: list[Judgement] = []
    for said in incoming:
        rater = names[said.rater]
        before = desk.book.of(rater).get(said.row_id)
        now = desk.print_of(said.row_id)
        seen = said.seen or now
        turn = desk.book.turn(rater, said.row_id)
        try:
            line = line_for(desk, rater, said.row_id, said.opinion, turn=turn, seen=seen, origin=origin)
        except TuneworthError as error:
            report.problems.append(f"{said.place}: {error.message}")
            continue
        if before is not None and _equal(before, line):
            report.same += 1
            continue
        report.changed += seen != now
        lines.append(line)
        desk.book.add(line)
    desk.project.records.save_all(lines)
    report.saved += len(lines)
    report.raters = list(dict.fromkeys([*report.raters, *names.values()]))
    details = {"verdicts": len(lines), "problems": len(report.problems), "unknown": len(report.unknown)}
    desk.project.audit.append("review.import", {"review": desk.queue.id}, details)
    return report


def _equal(a: Judgement, b: Judgement) -> bool:
    same_text = dumps(a.messages or []) == dumps(b.messages or [])
    return same_text and (a.action, a.reason, a.note, a.seen) == (b.action, b.reason, b.note, b.seen)
