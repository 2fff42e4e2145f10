"""Label Studio: tasks and labelling set-up out, annotations back in.

Formats: labelstud.io/guide/task_format, /guide/predictions, /tags/choices, /tags/textarea, /tags/paragraphs (read
2026-11-24). Verdicts given here go out as predictions, since an annotation would need a user that exists there.
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import quoteattr

from engine.data.messages import Message, loads
from engine.data.review.desk import Desk
from engine.data.review.incoming import ImportReport, Incoming, store
from engine.data.review.records import ACTIONS, Judgement
from engine.data.review.rules import review_rules
from engine.data.review.verdicts import Opinion, talk_parts, with_fix
from engine.errors import InputError

OURS = "tuneworth: "  # start of model_version in predictions written here
HOTKEYS = {"keep": "k", "fix": "f", "drop": "d"}


def label_config() -> str:
    """The labelling set-up (XML) that fits the tasks."""
    choices = "\n".join(f"    <Choice value={quoteattr(name)} hotkey={quoteattr(HOTKEYS[name])}/>" for name in ACTIONS)
    reasons = "\n".join(
        f"    <Choice value={quoteattr(key)} hint={quoteattr(reason.meaning)}/>"
        for key, reason in review_rules().reasons.items()
    )
    when = 'visibleWhen="choice-selected" whenTagName="verdict"'
    return f"""<View>
  <Paragraphs name="talk" value="$conversation" layout="dialogue" nameKey="role" textKey="content"/>
  <Header value="What should happen to this row?"/>
  <Choices name="verdict" toName="talk" choice="single" required="true" showInline="true">
{choices}
  </Choices>
  <Choices name="reason" toName="talk" choice="single" showInline="true" {when} whenChoiceValue="fix,drop">
{reasons}
  </Choices>
  <View {when} whenChoiceValue="fix">
    <Header value="Corrected question"/>
    <TextArea name="fixed_question" toName="talk" value="$question" rows="3" editable="true" maxSubmissions="1"/>
    <Header value="Corrected answer"/>
    <TextArea name="fixed_answer" toName="talk" value="$answer" rows="6" editable="true" maxSubmissions="1"/>
  </View>
  <Header value="Note"/>
  <TextArea name="note" toName="talk" rows="2" editable="true" maxSubmissions="1"/>
</View>
"""


def tasks(desk: Desk, raters: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """One task per row that may be shown; verdicts of the named readers as predictions."""
    books = {rater: desk.book.of(rater) for rater in raters}
    found = []
    for item in desk.open_items:
        talk = desk.messages(item.row_id)
        _, question, answer = talk_parts(talk)
        task: dict[str, Any] = {
            "data": {
                "row_id": item.row_id,
                "review": desk.queue.id,
                "check": desk.print_of(item.row_id),
                "why": " ".join(item.why),
                "conversation": talk,
                "question": question,
                "answer": answer,
            }
        }
        said = [(rater, book[item.row_id]) for rater, book in books.items() if item.row_id in book]
        if said:
            task["predictions"] = [{"model_version": f"{OURS}{rater}", "result": _result(line)} for rater, line in said]
        found.append(task)
    return found


def tasks_json(desk: Desk, raters: tuple[str, ...] = ()) -> bytes:
    """The tasks as a JSON file for Label Studio's import."""
    return json.dumps(tasks(desk, raters), ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _result(line: Judgement) -> list[dict[str, Any]]:
    found = [_choice("verdict", line.action)]
    if line.reason:
        found.append(_choice("reason", line.reason))
    if line.messages is not None:
        _, question, answer = talk_parts(line.messages)
        found += [_text("fixed_question", question), _text("fixed_answer", answer)]
    return [*found, _text("note", line.note)] if line.note else found


def _choice(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "talk", "type": "choices", "value": {"choices": [value]}}


def _text(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "talk", "type": "textarea", "value": {"text": [value]}}


def read_label_studio(desk: Desk, data: bytes, name: str = "the file") -> ImportReport:
    """Take annotations of a Label Studio export (JSON or JSON-MIN) over as verdicts of their annotators.

    Raises InputError when the file is no such export. Tasks of other rows are listed, unusable verdicts explained.
    """
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is not a JSON file.", "In Label Studio choose Export, then JSON.") from error
    if not isinstance(body, list) or not all(isinstance(task, dict) for task in body):
        raise InputError(f"{name} is not a list of tasks.", "In Label Studio choose Export, then JSON.")
    report = ImportReport()
    known = {item.row_id for item in desk.items}
    incoming: list[Incoming] = []
    for number, task in enumerate(body, start=1):
        held = task["data"] if isinstance(task.get("data"), dict) else task
        row = _whole(held.get("row_id"))
        place = f"Task {task.get('id', number)}"
        if row is None or row not in known or str(held.get("review", desk.queue.id)) != desk.queue.id:
            report.unknown.append(f"{place} (row {str(held.get('row_id'))[:40]})")
            continue
        said = list(_annotations(task, held))
        report.empty += not said
        for rater, fields in said:
            taken = _incoming(desk, row, rater, fields, place, str(held.get("check", "")))
            if isinstance(taken, Incoming):
                incoming.append(taken)
            else:
                report.problems.append(taken)
    return store(desk, incoming, f"label studio: {name}"[:200], report)


def _annotations(task: dict[str, Any], held: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """(reader, fields) of a task: full export, JSON-MIN, or our own export. The newest of each reader comes last."""
    listed = task.get("annotations", task.get("completions"))
    if isinstance(listed, list):
        given = [one for one in listed if isinstance(one, dict) and not one.get("was_cancelled")]
        given.sort(key=lambda one: str(one.get("updated_at", one.get("created_at", ""))))
        return [(_annotator(one.get("completed_by")), _fields(one.get("result"))) for one in given]
    if "verdict" in task:
        return [(_annotator(task.get("annotator")), {key: _first(task.get(key)) for key in _FIELDS})]
    ours = [one for one in task.get("predictions", []) if str(one.get("model_version", "")).startswith(OURS)]
    return [(str(one["model_version"])[len(OURS) :], _fields(one.get("result"))) for one in ours]


_FIELDS = ("verdict", "reason", "fixed_question", "fixed_answer", "note")


def _fields(result: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in result if isinstance(result, list) else []:
        value = one.get("value", {}) if isinstance(one, dict) else {}
        if one.get("from_name") in _FIELDS and isinstance(value, dict):
            found[one["from_name"]] = _first(value.get("choices", value.get("text")))
    return found


def _first(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("choices", value.get("text"))
    if isinstance(value, list):
        value = "\n".join(str(part) for part in value)
    return "" if value is None else str(value)


def _annotator(who: Any) -> str:
    if isinstance(who, dict):
        names = " ".join(str(who.get(key) or "") for key in ("first_name", "last_name")).strip()
        who = who.get("email") or names or who.get("id")
    text = " ".join(str(who if who is not None else "").split())
    if not text:
        return "Label Studio"
    return f"Label Studio {text}" if text.isdigit() else text[:40]


def _incoming(desk: Desk, row: int, rater: str, fields: dict[str, str], place: str, seen: str) -> Incoming | str:
    action = fields.get("verdict", "").strip().lower()
    if action not in ACTIONS:
        return f"{place}: the verdict {action[:40]!r} is not keep, fix or drop."
    messages: list[Message] | None = None
    if action == "fix":
        if row not in desk.texts:
            return f"{place}: row {row} is not there any more."
        messages = with_fix(loads(desk.texts[row]), _given(fields, "fixed_question"), _given(fields, "fixed_answer"))
    opinion = Opinion(action, fields.get("reason", "").strip(), fields.get("note", ""), messages)
    return Incoming(row, rater, opinion, place, seen)


def _given(fields: dict[str, str], name: str) -> str | None:
    return fields[name] if fields.get(name, "").strip() else None


def _whole(value: Any) -> int | None:
    try:
        return int(float(str(value))) if not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
