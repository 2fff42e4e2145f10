"""Label Studio's JSON export: one task with its annotators' results -> one flat row (choices, ratings and text areas).

Format: https://labelstud.io/guide/export (JSON): `{"data": {...}, "annotations": [{"result": [...]}]}`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

PREFIX = "annotation."
ANNOTATORS, AGREEMENT, ALL = "annotators", "agreement", "all_annotations"
_FIELDS = ("choices", "text", "rating", "number", "taxonomy", "datetime")


@dataclass
class TaskCounts:
    """What was seen while tasks were flattened."""

    tasks: int = 0
    empty: int = 0
    split: int = 0
    unread: int = 0

    def notes(self) -> list[str]:
        """Sentences for the screen; empty when no task was seen."""
        if not self.tasks:
            return []
        notes = [f"A Label Studio export: {self.tasks:,} tasks, one row each; what people marked is in {PREFIX!r}."]
        if self.empty:
            notes.append(f"{self.empty:,} tasks have no finished annotation; their answer is empty.")
        if self.split:
            notes.append(
                f"In {self.split:,} tasks people disagree: the most frequent answer was taken, the earlier one in a "
                f"draw. The column {AGREEMENT!r} says how many agreed, {ALL!r} what each one said."
            )
        if self.unread:
            notes.append(f"{self.unread:,} marks (spans, boxes, relations) are no answer to a question; left out.")
        return notes


def is_task(record: dict[str, Any]) -> bool:
    """Whether an object is a Label Studio task."""
    marks = record.get("annotations", record.get("completions"))
    return isinstance(record.get("data"), dict) and isinstance(marks, list)


def flat_task(record: dict[str, Any], counts: TaskCounts) -> dict[str, Any]:
    """One row: the task's data, `annotation.NAME` per question, who agreed. Skipped annotations do not count."""
    counts.tasks += 1
    given = [_answers(item, counts) for item in record.get("annotations", record.get("completions")) or []]
    given = [answers for answers in given if answers]
    row = dict(record["data"])
    names = list(dict.fromkeys(name for answers in given for name in answers))
    votes = {name: Counter(answers[name] for answers in given if name in answers) for name in names}
    for name, counter in votes.items():
        row[PREFIX + name] = counter.most_common(1)[0][0]
    split = any(len(counter) > 1 for counter in votes.values())
    counts.split += split
    counts.empty += not given
    agreed = min((counter.most_common(1)[0][1] for counter in votes.values()), default=0)
    row[ANNOTATORS] = str(len(given))
    row[AGREEMENT] = f"{agreed} of {len(given)}"
    row[ALL] = json.dumps(given, ensure_ascii=False) if split else ""
    return row


def _answers(annotation: Any, counts: TaskCounts) -> dict[str, str]:
    if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
        return {}
    found: dict[str, str] = {}
    for mark in annotation.get("result") or []:
        value = mark.get("value") if isinstance(mark, dict) else None
        if not isinstance(value, dict) or "start" in value or "x" in value:
            counts.unread += 1
            continue
        field = next((name for name in _FIELDS if name in value), None)
        if field is None:
            counts.unread += 1
            continue
        found[str(mark.get("from_name") or field)] = _text(value[field])
    return found


def _text(value: Any) -> str:
    """Several choices or text areas are joined; a path of a taxonomy keeps its steps."""
    if isinstance(value, list):
        parts = [" / ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value]
        return "; ".join(parts)
    return str(value)
