"""Replace findings by rule: redact, mask, label, pseudonym, or drop the row. Pure: texts in, texts out.

Overlapping findings become one replacement over all their characters, named after the strongest kind, so that no
piece of a value stays behind. What is left is scanned again by the caller (`rescan`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.privacy.patterns import rank
from engine.privacy.pseudonyms import Pseudonyms
from engine.privacy.redact_rules import RedactionRules
from engine.privacy.scan import DeepScanner, scan_cell
from engine.privacy.span import Span

if TYPE_CHECKING:
    import pandas as pd

PASSES = 4  # a replacement can uncover a neighbour; more passes than this never changed anything


@dataclass
class Redactor:
    """Applies one set of rules; keeps counts and consistent stand-ins over all texts it sees."""

    rules: RedactionRules
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    deep: DeepScanner | None = None
    changed: dict[str, int] = field(default_factory=dict)

    def text(self, text: str, column: str = "") -> tuple[str, bool]:
        """Return the text with findings replaced, and whether its row is to be dropped."""
        for _ in range(PASSES):
            spans = self._chosen(text, column)
            if not spans:
                return text, False
            if any(self.rules.action(span.entity) == "drop" for span in spans):
                for entity in {span.entity for span in spans if self.rules.action(span.entity) == "drop"}:
                    self.changed[entity] = self.changed.get(entity, 0) + 1
                return text, True
            text = self._splice(text, spans)
        return text, False

    def remaining(self, text: str, column: str = "") -> list[Span]:
        """Findings of the chosen kinds that are still in a text."""
        return self._chosen(text, column)

    def _chosen(self, text: str, column: str) -> list[Span]:
        if not text:
            return []
        spans, _ = scan_cell(text, column, self.deep)
        return [span for span in spans if self.rules.action(span.entity) != "keep"]

    def _splice(self, text: str, spans: Sequence[Span]) -> str:
        out, at = [], 0
        for span in _merged(spans):
            out += [text[at : span.start], self._instead(span.entity, text[span.start : span.end])]
            at = span.end
            self.changed[span.entity] = self.changed.get(span.entity, 0) + 1
        return "".join([*out, text[at:]])

    def _instead(self, entity: str, value: str) -> str:
        action = self.rules.action(entity)
        if action == "mask":
            return "".join("*" if char.isalnum() or char == "@" else char for char in value)
        if action == "label":
            return self.pseudonyms.label(entity, value)
        if action == "pseudonym":
            return self.pseudonyms.token(entity, value)
        return "[REDACTED]"


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Join overlapping spans; the entity with the highest priority names the whole."""
    order = rank()
    merged: list[Span] = []
    for span in sorted(spans, key=lambda item: item.start):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            winner = min(last, span, key=lambda item: order.get(item.entity, len(order)))
            merged[-1] = winner._replace(start=last.start, end=max(last.end, span.end))
        else:
            merged.append(span)
    return merged


@dataclass
class RedactedRows:
    """`columns` after the rules, without dropped rows; `touched` and `dropped` are 0-based rows of the input."""

    columns: dict[str, list[str]]
    changed: dict[str, int]
    touched: list[int]
    dropped: list[int]
    rescan: dict[str, int]


def redact_columns(columns: Mapping[str, Sequence[str]], redactor: Redactor) -> RedactedRows:
    """Apply rules to the columns they name (all by default) and scan the result again."""
    rows = max((len(cells) for cells in columns.values()), default=0)
    out: dict[str, list[str]] = {name: [] for name in columns}
    touched, dropped = [], []
    for row in range(rows):
        cells = {name: cells[row] for name, cells in columns.items()}
        after = {name: redactor.text(cell, name) if redactor.rules.covers(name) else (cell, False)
                 for name, cell in cells.items()}  # fmt: skip
        if any(drop for _, drop in after.values()):
            dropped.append(row)
            continue
        if any(after[name][0] != cells[name] for name in cells):
            touched.append(row)
        for name, (cell, _) in after.items():
            out[name].append(cell)
    rescan = _rescan(out, redactor)
    return RedactedRows(out, dict(redactor.changed), touched, dropped, rescan)


def _rescan(columns: Mapping[str, Sequence[str]], redactor: Redactor) -> dict[str, int]:
    left: dict[str, int] = {}
    for name, cells in columns.items():
        if redactor.rules.covers(name):
            for cell in cells:
                for span in redactor.remaining(cell, name):
                    left[span.entity] = left.get(span.entity, 0) + 1
    return left


def redact_records(records: Sequence[dict[str, Any]], redactor: Redactor) -> tuple[list[dict[str, Any]], RedactedRows]:
    """The same for JSON objects: every text inside is changed, structure and types stay."""
    kept, touched, dropped, left = [], [], [], dict[str, int]()
    for row, record in enumerate(records):
        after = {name: redact_value(value, redactor, name) if redactor.rules.covers(name) else (value, False)
                 for name, value in record.items()}  # fmt: skip
        if any(drop for _, drop in after.values()):
            dropped.append(row)
            continue
        new = {name: value for name, (value, _) in after.items()}
        if new != record:
            touched.append(row)
        kept.append(new)
        for name, value in new.items():
            if redactor.rules.covers(name):
                for column, text in texts_in(value, name):
                    for span in redactor.remaining(text, column):
                        left[span.entity] = left.get(span.entity, 0) + 1
    return kept, RedactedRows({}, dict(redactor.changed), touched, dropped, left)


def texts_in(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every text inside a JSON value."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(item, str(key))


def redact_value(value: Any, redactor: Redactor, column: str = "") -> tuple[Any, bool]:
    """Apply rules to every text inside a JSON value (lists and objects are walked; keys stay)."""
    if isinstance(value, str):
        return redactor.text(value, column)
    if isinstance(value, list):
        pairs = [redact_value(item, redactor, column) for item in value]
        return [item for item, _ in pairs], any(drop for _, drop in pairs)
    if isinstance(value, dict):
        items = {key: redact_value(item, redactor, key if isinstance(item, str) else column)
                 for key, item in value.items()}  # fmt: skip
        return {key: item for key, (item, _) in items.items()}, any(drop for _, drop in items.values())
    return value, False


@dataclass
class RedactedFrame:
    """A canonical frame after the rules. `changes` and `dropped` map row_id to a reason in words."""

    frame: pd.DataFrame
    changed: dict[str, int]
    changes: dict[int, str]
    dropped: dict[int, str]
    rescan: dict[str, int]


def redact_frame(frame: pd.DataFrame, redactor: Redactor) -> RedactedFrame:
    """Apply rules to `messages` (turn by turn), `label` and `meta` of a canonical frame; row ids stay as they are."""
    keep: list[bool] = []
    cells: dict[str, list[str]] = {name: [] for name in ("messages", "label", "meta")}
    changes, dropped, left = dict[int, str](), dict[int, str](), dict[str, int]()
    for row_id, messages, label, meta in zip(
        frame["row_id"], frame["messages"], frame["label"], frame["meta"], strict=True
    ):
        before = dict(redactor.changed)
        row, drop = _row({"messages": messages, "label": label, "meta": meta}, redactor)
        news = [name for name, count in redactor.changed.items() if count != before.get(name, 0)]
        keep.append(not drop)
        if drop:
            dropped[int(row_id)] = f"holds {', '.join(sorted(news))}"
            continue
        if news:
            changes[int(row_id)] = f"replaced {', '.join(sorted(news))}"
        for name, text in row.items():
            cells[name].append(text)
            for span in redactor.remaining(text):
                left[span.entity] = left.get(span.entity, 0) + 1
    out = frame.loc[keep].assign(**cells).reset_index(drop=True)
    return RedactedFrame(out, dict(redactor.changed), changes, dropped, left)


def _row(row: dict[str, str], redactor: Redactor) -> tuple[dict[str, str], bool]:
    turns, drop = [], False
    for turn in json.loads(row["messages"]):
        content, gone = redactor.text(str(turn["content"]))
        turns.append({**turn, "content": content})
        drop = drop or gone
    out = {"messages": json.dumps(turns, ensure_ascii=False)}
    for name in ("label", "meta"):
        out[name], gone = redactor.text(row[name] or "")
        drop = drop or gone
    return out, drop
