"""Keep, fix, drop: each verdict is saved the moment it is given, and can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.messages import Message, dumps
from engine.data.review.desk import Desk
from engine.data.review.records import ACTIONS, JOINT, Action, Judgement
from engine.data.review.rules import review_rules
from engine.errors import Conflict, InputError, NotFound


@dataclass(frozen=True)
class Opinion:
    """A verdict before it is saved. `reason` is a key of the list of reasons; `messages` the corrected conversation."""

    action: Action
    reason: str = ""
    note: str = ""
    messages: Sequence[Message] | None = None


def talk_parts(messages: Sequence[Message]) -> tuple[str, str, str]:
    """(what was said before, last question, answer) of a conversation; `before` names who speaks."""
    last = max((place for place, turn in enumerate(messages) if turn["role"] == "assistant"), default=len(messages))
    asked = max((place for place in range(last) if messages[place]["role"] == "user"), default=-1)
    before = "\n".join(f"{turn['role']}: {turn['content']}" for turn in messages[: max(asked, 0)])
    question = messages[asked]["content"] if asked >= 0 else ""
    return before, question, messages[last]["content"] if last < len(messages) else ""


def with_fix(messages: Sequence[Message], question: str | None, answer: str | None) -> list[Message]:
    """The conversation with its last question or its answer replaced; None leaves it as it is."""
    talk = [dict(turn) for turn in messages]
    last = max((place for place, turn in enumerate(talk) if turn["role"] == "assistant"), default=None)
    if answer is not None:
        if last is None:
            talk.append({"role": "assistant", "content": answer})
        else:
            talk[last]["content"] = answer
    end = len(talk) if last is None else last
    asked = max((place for place in range(end) if talk[place]["role"] == "user"), default=None)
    if question is not None and asked is not None:
        talk[asked]["content"] = question
    return talk


def check_opinion(opinion: Opinion, current: Sequence[Message] | None) -> None:
    """Raise InputError when a verdict cannot be saved as it is; `current` = the row's text now, None when gone."""
    if opinion.action not in ACTIONS:
        raise InputError(f"There is no verdict {str(opinion.action)[:40]!r}.", "Use keep, fix or drop.")
    reasons = review_rules().reasons
    if opinion.action != "keep" and opinion.reason not in reasons:
        what = f"There is no reason {opinion.reason[:40]!r}." if opinion.reason else "The reason is missing."
        raise InputError(what, f"Use one of: {', '.join(reasons)}.")
    if opinion.reason == "other" and not opinion.note.strip():
        raise InputError("Say in a few words what is wrong.", "Any other reason of the list needs no words.")
    if opinion.action != "fix":
        return
    if not opinion.messages:
        raise InputError("A fix needs the corrected text.", "Change the question or the answer, or choose drop.")
    if any(not turn["content"].strip() for turn in opinion.messages if turn["role"] in ("user", "assistant")):
        raise InputError("The corrected row has an empty question or answer.", "Fill it in, or choose drop.")
    if current is not None and dumps(opinion.messages) == dumps(current):
        raise InputError("Nothing was changed.", "Change the text, or choose keep.")


def line_for(desk: Desk, rater: str, row_id: int, opinion: Opinion, *, turn: int, seen: str, origin: str) -> Judgement:
    """The line to save. Raises as `give`."""
    if row_id in desk.sealed:
        raise Conflict("This row is in the sealed test part: it is not read before the evaluation.")
    if row_id not in {item.row_id for item in desk.items}:
        raise NotFound(f"Row {row_id} is not in this review.", "Start a review that holds it.")
    if row_id in desk.applied:
        raise Conflict("The verdict on this row is already part of your rows.", "Undo the step in History first.")
    check_opinion(opinion, desk.messages(row_id))
    return Judgement(
        id=f"{desk.queue.id}:{rater}:{row_id}:{turn}",
        queue_id=desk.queue.id,
        rater=rater,
        row_id=row_id,
        turn=turn,
        action=opinion.action,
        reason="" if opinion.action == "keep" else opinion.reason,
        note=opinion.note.strip()[:2000],
        messages=[dict(turn) for turn in opinion.messages or ()] if opinion.action == "fix" else None,
        seen=seen,
        origin=origin,
    )


def give(
    desk: Desk,
    rater: str,
    row_id: int,
    opinion: Opinion,
    *,
    turn: int | None = None,
    seen: str | None = None,
    origin: str = "screen",
) -> Judgement:
    """Save a verdict at once. `turn` and `seen` are what the screen showed, so that a stale tab changes nothing.

    Raises InputError for an incomplete verdict, NotFound for a row that is not in the queue or gone, Conflict for a
    sealed or applied row, and when the row or its verdict was changed elsewhere meanwhile.
    """
    now = desk.print_of(row_id)
    if seen is not None and now and seen != now:
        raise Conflict("This row was changed by another step meanwhile.", "Read it again.")
    turn = desk.book.turn(rater, row_id) if turn is None else turn
    line = line_for(desk, rater, row_id, opinion, turn=turn, seen=now, origin=origin)
    _save(desk, line)
    return line


def undo_last(desk: Desk, rater: str, last: str | None = None) -> Judgement:
    """Take the reader's last verdict back and return it. `last` = id of the one the screen meant.

    Raises Conflict when there is none, when it was applied, or when another tab came first.
    """
    line = desk.book.last(rater)
    if line is None:
        raise Conflict("There is no verdict to take back.")
    if last is not None and line.id != last:
        raise Conflict("Another tab gave a verdict meanwhile.", "Look at the row again.")
    return take_back(desk, line)


def take_back(desk: Desk, line: Judgement) -> Judgement:
    """Take one verdict back. Raises Conflict when it was applied or changed elsewhere."""
    if line.row_id in desk.applied:
        raise Conflict("This verdict is already part of your rows.", "Undo the step in History first.")
    turn = desk.book.turn(line.rater, line.row_id)
    name = f"{desk.queue.id}:{line.rater}:{line.row_id}:{turn}"
    undo = Judgement(
        id=name, queue_id=desk.queue.id, rater=line.rater, row_id=line.row_id, turn=turn, action="undo", seen=line.seen
    )
    _save(desk, undo)
    return line


def resolve(desk: Desk, row_id: int, opinion: Opinion) -> Judgement:
    """Save the joint decision on a row two readers saw differently. Raises as `give`, Conflict before both are done."""
    if desk.waiting_for:
        raise Conflict(f"{', '.join(desk.waiting_for)} is still reading.", "Wait until every reader is done.")
    return give(desk, JOINT, row_id, opinion)


def _save(desk: Desk, line: Judgement) -> None:
    try:
        desk.project.records.save(line)
    except Conflict as error:
        raise Conflict("This row got a verdict in another tab just now.", "Look at it again.") from error
    desk.book.add(line)
