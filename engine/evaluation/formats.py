"""The format training answers share, and whether an answer keeps it. Shape only: a right shape can still be a wrong
answer.

Tried in this order: JSON, one label from a fixed set, a skeleton of named fields such as `Queue: ... | Priority:
...`. Free text has none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.scorers.json_answers import read_json
from engine.evaluation.scorers.labels import MOST_LABELS
from engine.evaluation.thresholds import FormatRules, evaluation_rules

FormatKind = Literal["json", "label", "skeleton", "free"]
_FIELD = re.compile(r"(?:^|(?P<mark>[|;\n]))[ \t]*(?P<key>[^\W\d_][\w /()-]{0,39}?)[ \t]*:[ \t]*(?P<value>[^|;\n]*)")


class AnswerFormat(BaseModel):
    """What shape answers should have, found in the training answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FormatKind = Field(description="JSON, one label of a fixed set, named fields, or free text")
    share: float = Field(description="Share of the training answers that have this format")
    parts: tuple[str, ...] = Field(default=(), description="JSON keys, labels, or field names with their separators")

    @property
    def words(self) -> str:
        """Return the format in words for the screen."""
        if self.kind == "json":
            return f"JSON with {', '.join(self.parts)}" if self.parts else "JSON"
        if self.kind == "label":
            return f"one of {len(self.parts)} labels"
        if self.kind == "skeleton":
            shown = [f"{part}: ..." if place % 2 else f" {part} " for place, part in enumerate(self.parts)]
            return "".join(shown).strip()
        return "free text"

    def fits(self, answer: str) -> bool:
        """Return whether one answer keeps the format. Free text fits when it is not empty."""
        if self.kind == "json":
            found = read_json(answer)
            return found is not None and not found[1] and set(self.parts) <= set(_keys(found[0]))
        if self.kind == "label":
            return answer.strip() in self.parts
        return skeleton(answer) == self.parts if self.kind == "skeleton" else bool(answer.strip())


def _keys(value: object) -> list[str]:
    return [str(key) for key in value] if isinstance(value, dict) else []


def skeleton(answer: str) -> tuple[str, ...]:
    """Return separator and field name by turns (`"", "Queue", "|", "Priority"`); empty when a field has no value."""
    fields = list(_FIELD.finditer(answer.strip()))
    if not fields or fields[0].start() != 0 or any(not field["value"].strip() for field in fields):
        return ()
    return tuple(part for field in fields for part in (field["mark"] or "", field["key"]))


def detect_format(answers: Sequence[str]) -> AnswerFormat:
    """Return the format that most training answers share; free text when there is none (also without answers)."""
    rules = evaluation_rules().answer_format
    texts = [answer.strip() for answer in answers if answer.strip()]
    for finder in (_json, _labels, _skeletons):
        found = finder(texts, rules) if texts else None
        if found is not None and found.share >= rules.majority:
            return found
    return AnswerFormat(kind="free", share=1.0)


def _json(texts: Sequence[str], rules: FormatRules) -> AnswerFormat | None:
    values = [found[0] for text in texts if text[0] in "{[" and (found := read_json(text)) is not None]
    if not values:
        return None
    counted = Counter(key for value in values for key in set(_keys(value)))
    needed = tuple(key for key, count in counted.items() if count >= rules.required_key_share * len(values))
    return AnswerFormat(kind="json", share=len(values) / len(texts), parts=tuple(sorted(needed)))


def _labels(texts: Sequence[str], rules: FormatRules) -> AnswerFormat | None:
    short = [text for text in texts if len(text) <= rules.most_label_letters and "\n" not in text]
    labels = sorted(set(short))
    if not labels or len(labels) > MOST_LABELS or len(short) / len(labels) < rules.fewest_rows_per_label:
        return None
    if any(skeleton(label) for label in labels[:1]) and len(labels) > 1 and _skeletons(short, rules) is not None:
        return None
    return AnswerFormat(kind="label", share=len(short) / len(texts), parts=tuple(labels))


def _skeletons(texts: Sequence[str], rules: FormatRules) -> AnswerFormat | None:
    shape, count = Counter(skeleton(text) for text in texts).most_common(1)[0]
    share = count / len(texts)
    if len(shape) < 2 or share < rules.majority:
        return None
    return AnswerFormat(kind="skeleton", share=share, parts=shape)


def suggest_metric(shape: AnswerFormat, answers: Sequence[str]) -> str:
    """Return the primary metric that suits the task: exact for labels, fields and short answers, json, or rougeL."""
    if shape.kind == "json":
        return "json"
    if shape.kind in ("label", "skeleton"):
        return "exact"
    lengths = sorted(len(answer.split()) for answer in answers)
    return "exact" if not lengths or lengths[len(lengths) // 2] <= 5 else "rougeL"
