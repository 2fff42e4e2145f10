"""The review as a plain sheet (CSV or XLSX): out with empty columns for the verdict, back in whatever its order."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd

from engine.data.messages import Message, loads
from engine.data.read_table import read_table
from engine.data.review.desk import Desk
from engine.data.review.incoming import ImportReport, Incoming, store
from engine.data.review.records import ACTIONS, Action
from engine.data.review.rules import review_rules
from engine.data.review.verdicts import Opinion, talk_parts, with_fix
from engine.data.review.workbook import workbook
from engine.errors import InputError

SheetFormat: TypeAlias = Literal["csv", "xlsx"]
COLUMNS = (
    "id", "check", "why", "before", "question", "answer", "verdict", "reason", "note", "fixed question", "fixed answer",
)  # fmt: skip
WIDTHS = {"id": 8, "check": 10, "why": 24, "before": 24, "question": 48, "answer": 48, "verdict": 10, "reason": 14,
          "note": 24, "fixed question": 48, "fixed answer": 48}  # fmt: skip
VERDICTS: dict[str, Action] = {
    **{action: action for action in ACTIONS}, "k": "keep", "f": "fix", "d": "drop", "ok": "keep", "delete": "drop",
    "remove": "drop", "fixed": "fix", "correct": "fix",
}  # fmt: skip
# What a spreadsheet would run, also behind quotes that were put in front of it before (OWASP, CSV injection).
_RUNS = re.compile(r"^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def sheet(desk: Desk, form: SheetFormat, rater: str = "") -> bytes:
    """The rows that may be shown, with the verdicts of one reader filled in (none by default).

    Raises InputError when a text does not fit into a cell of Excel.
    """
    said = desk.book.of(rater) if rater else {}
    rows = []
    for item in desk.open_items:
        before, question, answer = talk_parts(desk.messages(item.row_id))
        line = said.get(item.row_id)
        fixed = ("", "")
        if line is not None and line.messages is not None:
            _, new_question, new_answer = talk_parts(line.messages)
            fixed = (new_question if new_question != question else "", new_answer if new_answer != answer else "")
        verdict = (line.action, line.reason, line.note) if line else ("", "", "")
        head = (str(item.row_id), desk.print_of(item.row_id), " ".join(item.why))
        rows.append([*head, before, question, answer, *verdict, *fixed])
    if form == "xlsx":
        choices = {"verdict": tuple(ACTIONS), "reason": tuple(review_rules().reasons)}
        return workbook(COLUMNS, rows, WIDTHS, choices)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return buffer.getvalue().encode("utf-8-sig", "surrogatepass")


def _safe(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


def read_sheet(desk: Desk, path: Path, rater: str, name: str | None = None) -> ImportReport:
    """Take the verdicts of a sheet over as those of `rater`. Order and extra columns do not matter.

    Raises InputError when the file cannot be read or lacks the columns id and verdict. Each row that cannot be used
    is one sentence naming row (0-based data row), column and value.
    """
    read = read_table(path, name=name or path.name)
    frame = _named(read.frame, read.file)
    report = ImportReport(problems=[f"Line {bad.line}: {bad.reason}" for bad in read.rejects], raters=[])
    known = {item.row_id for item in desk.items}
    seen_before: dict[int, int] = {}
    incoming: list[Incoming] = []
    for number, cells in enumerate(frame.to_dict(orient="records")):
        row = {str(key): _bare(str(value)) for key, value in cells.items()}
        row_id = _whole(row["id"])
        if not row["verdict"].strip():
            report.empty += 1
        elif row_id is None or row_id not in known:
            report.unknown.append(f"Row {number} (id {row['id'][:40]})")
        elif row_id in seen_before:
            report.problems.append(
                f"Row {number}, column id: {row_id} stands twice, first in row {seen_before[row_id]}; the first counts."
            )
        else:
            seen_before[row_id] = number
            taken = _incoming(desk, row_id, rater, row, number)
            if isinstance(taken, Incoming):
                incoming.append(taken)
            else:
                report.problems.append(taken)
    return store(desk, incoming, f"sheet: {read.file}"[:200], report)


def _named(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    names = {str(name): " ".join(str(name).replace("_", " ").lower().split()) for name in frame.columns}
    frame = frame.rename(columns=names)
    for needed in ("id", "verdict"):
        if needed not in frame.columns:
            listed = ", ".join(repr(name) for name in names)
            raise InputError(f"{file} has no column {needed!r}.", f"Its columns are {listed}. Use the exported sheet.")
    missing = [name for name in COLUMNS if name not in frame.columns]
    return frame.assign(**dict.fromkeys(missing, ""))[list(COLUMNS)]


def _incoming(desk: Desk, row_id: int, rater: str, row: dict[str, str], number: int) -> Incoming | str:
    action = VERDICTS.get(row["verdict"].strip().lower())
    if action is None:
        return f"Row {number}, column verdict: {row['verdict'][:40]!r} is not keep, fix or drop."
    reason = _reason(row["reason"])
    if action != "keep" and reason is None:
        listed = ", ".join(review_rules().reasons)
        return f"Row {number}, column reason: {row['reason'][:40]!r} is not one of {listed}."
    messages: list[Message] | None = None
    if action == "fix":
        if row_id not in desk.texts:
            return f"Row {number}, column id: {row_id} is not among your rows any more."
        messages = _fixed(desk, row_id, row)
    opinion = Opinion(action, reason or "", row["note"], messages)
    return Incoming(row_id, rater, opinion, f"Row {number}", row["check"].strip())


def _fixed(desk: Desk, row_id: int, row: dict[str, str]) -> list[Message]:
    """The corrected conversation; a person may also have changed question or answer in place."""
    talk = loads(desk.texts[row_id])
    _, question, answer = talk_parts(talk)
    new_question, new_answer = row["fixed question"], row["fixed answer"]
    if not new_question.strip() and not new_answer.strip() and row["check"].strip() in ("", desk.print_of(row_id)):
        new_question = row["question"] if _differs(row["question"], question) else ""
        new_answer = row["answer"] if _differs(row["answer"], answer) else ""
    return with_fix(talk, new_question if new_question.strip() else None, new_answer if new_answer.strip() else None)


def _differs(cell: str, text: str) -> bool:
    return bool(cell.strip()) and cell.split() != text.split()


def _reason(cell: str) -> str | None:
    reasons = review_rules().reasons
    wanted = " ".join(cell.replace("_", " ").lower().split())
    return next(
        (key for key, reason in reasons.items() if wanted in (key.replace("_", " "), reason.title.lower())), None
    )


def _whole(cell: str) -> int | None:
    try:
        value = float(cell.strip())
    except ValueError:
        return None
    return int(value) if value == int(value) else None
