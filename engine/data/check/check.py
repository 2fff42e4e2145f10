"""Check canonical rows against a target and against the rules every dataset should keep."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from engine.data.check.content import SHOWN, content_findings
from engine.data.check.finding import Checked, Finding, Place
from engine.data.check_row import Problem
from engine.data.messages import Message, answer_of, loads, prompt_of
from engine.data.quality import answer_format
from engine.data.validate import validate_frame

_WITH_PARTNER = {
    "duplicate": "The same question and answer stand in another row.",
    "conflict": "Another row asks the same and answers differently.",
}
_TURN = re.compile(r"(?:messages|contents)\[(\d+)\]")


def check_frame(frame: pd.DataFrame, target: str) -> Checked:
    """Look at every row. Raises InputError for an unknown target; an empty frame has no findings."""
    if frame.empty:
        return Checked(target, 0, ())
    row_ids = [int(row_id) for row_id in frame["row_id"]]
    talks = [loads(text) for text in frame["messages"]]
    found = [_of_problem(problem, row_ids, talks) for problem in validate_frame(frame, target).problems]
    forms = [answer_format(answer_of(talk)) for talk in talks]
    found += content_findings(row_ids, talks, forms)
    return Checked(target, len(frame), tuple(_once(found)))


def _of_problem(problem: Problem, row_ids: list[int], talks: list[list[Message]]) -> Finding:
    if problem.row is None:
        return Finding(problem.code, None, "file", "", problem.message, problem.fix, problem.severity)
    talk = talks[problem.row]
    place, value, turn = _where(problem, talk)
    message = problem.message if problem.partner is None else _WITH_PARTNER.get(problem.code, problem.message)
    partner = None if problem.partner is None else row_ids[problem.partner]
    return Finding(
        problem.code, row_ids[problem.row], place, value[:SHOWN], message, problem.fix, problem.severity,
        partner, turn,
    )  # fmt: skip


def _where(problem: Problem, talk: list[Message]) -> tuple[Place, str, int | None]:
    match = _TURN.search(problem.column)
    spoken = [turn for turn in talk if turn["role"] != "system"]
    turns = talk if len(spoken) == len(talk) or problem.column.startswith("messages") else spoken
    if match and int(match.group(1)) < len(turns):
        turn = turns[int(match.group(1))]
        place: Place = "answer" if turn["role"] == "assistant" else "question"
        number = int(match.group(1)) + 1 if len(spoken) > 2 else None
        return ("instructions" if turn["role"] == "system" else place), turn["content"], number
    if problem.code in ("conflict", "short_answer", "no_answer", "last_not_answer") or problem.column == "completion":
        return "answer", answer_of(talk), None
    if problem.code == "duplicate" or problem.column == "prompt":
        return "question", prompt_of(talk), None
    return "conversation", prompt_of(talk), None


def _once(found: list[Finding]) -> Iterator[Finding]:
    """Each kind once per row: the first place says enough, and a missing answer is not also called empty."""
    seen: set[tuple[str, int | None]] = set()
    for finding in found:
        key = (finding.code, finding.row_id)
        if finding.row_id is None or key not in seen:
            seen.add(key)
            yield finding
