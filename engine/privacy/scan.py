"""Scan columns of text with one or two layers, row by row. Pure: texts in, findings out, nothing stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.privacy import patterns
from engine.privacy.rules import rules
from engine.privacy.span import Span, best, overlaps

Progress = Callable[[int, int], None]
EVERY = 500  # rows between two progress reports


class DeepScanner(Protocol):
    """The second layer. `timeouts` counts texts on which a recognizer was stopped."""

    name: str
    entities: tuple[str, ...]
    names_model: str
    timeouts: int

    def scan(self, text: str) -> list[Span]:
        """Return findings of one text."""
        ...


@dataclass(frozen=True)
class Finding:
    """A finding in a table: 0-based data row, column, character offsets in the cell. Holds no raw value."""

    row: int
    column: str
    entity: str
    start: int
    end: int
    score: float
    detector: str

    def to_json(self) -> dict[str, Any]:
        """Return the contract's fields."""
        return dict(self.__dict__)


@dataclass
class Scan:
    """What was scanned and found. `cells` counts texts, `timeouts` is (row, column) of texts not fully scanned."""

    rows: int
    columns: list[str]
    findings: list[Finding] = field(default_factory=list)
    timeouts: list[tuple[int, str]] = field(default_factory=list)
    cells: int = 0
    seconds: float = 0.0
    deep: str = ""
    names_model: str = ""
    deep_entities: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Findings per entity, most frequent first."""
        found: dict[str, int] = {}
        for finding in self.findings:
            found[finding.entity] = found.get(finding.entity, 0) + 1
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def scan_columns(
    columns: Mapping[str, Sequence[str]], *, deep: DeepScanner | None = None, progress: Progress | None = None
) -> Scan:
    """Scan every cell of every column (equal lengths; empty cells and non-text count as scanned)."""
    rows = max((len(cells) for cells in columns.values()), default=0)
    scan = Scan(rows, list(columns))
    if deep is not None:
        scan.deep, scan.names_model, scan.deep_entities = deep.name, deep.names_model, deep.entities
    start, done, total = time.perf_counter(), 0, rows * len(columns)
    for column, cells in columns.items():
        memo: dict[str, list[Span]] = {}
        for row, text in enumerate(cells):
            if done % EVERY == 0 and progress is not None:
                progress(done, total)
            done += 1
            if not isinstance(text, str) or not text:
                continue
            spans = memo.get(text)
            if spans is None:
                spans, complete = scan_cell(text, column, deep)
                if not complete:
                    scan.timeouts.append((row, column))
                elif len(memo) < rules().scan.memo_cells:
                    memo[text] = spans
            scan.cells += 1
            scan.findings += [Finding(row, column, *span) for span in spans]
    scan.seconds = time.perf_counter() - start
    if progress is not None:
        progress(total, total)
    return scan


def scan_cell(text: str, column: str = "", deep: DeepScanner | None = None) -> tuple[list[Span], bool]:
    """Findings of both layers in one text, and whether everything could be run."""
    spans = patterns.scan_text(text, column)
    if deep is None:
        return spans, True
    before = deep.timeouts
    found = deep.scan(text)
    return union(spans, found), deep.timeouts == before


def union(ours: Sequence[Span], theirs: Sequence[Span]) -> list[Span]:
    """Join two layers: the same entity at the same place is one finding that names both detectors."""
    kept = []
    extra = list(theirs)
    for span in ours:
        same = [other for other in extra if other.entity == span.entity and overlaps(span, other)]
        if same:
            extra = [other for other in extra if other not in same]
            detectors = " + ".join(dict.fromkeys([span.detector, *(other.detector for other in same)]))
            start, end = min(span.start, *(s.start for s in same)), max(span.end, *(s.end for s in same))
            span = Span(span.entity, start, end, max(span.score, *(s.score for s in same)), detectors)
        kept.append(span)
    return best([*kept, *extra], patterns.rank())
