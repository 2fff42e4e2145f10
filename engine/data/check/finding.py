"""One thing that is wrong with a row, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from engine.data.check.rulebook import check_rules

Severity: TypeAlias = Literal["error", "warning"]
Place: TypeAlias = Literal["question", "answer", "instructions", "conversation", "label", "file"]


@dataclass(frozen=True)
class Finding:
    """`row_id` is None for the whole set, `value` the text at fault (cut), `turn` the 1-based turn of a long talk."""

    code: str
    row_id: int | None
    place: Place
    value: str
    message: str
    fix: str
    severity: Severity
    partner: int | None = None
    turn: int | None = None


@dataclass(frozen=True)
class Group:
    """All findings of one kind, with its words and the names of the fixes offered."""

    code: str
    title: str
    why: str
    severity: Severity
    fixes: tuple[str, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def row_ids(self) -> list[int]:
        """Rows concerned, each once, in order."""
        return list(dict.fromkeys(finding.row_id for finding in self.findings if finding.row_id is not None))


@dataclass(frozen=True)
class Checked:
    """Result of a check: `rows` were looked at; errors stop an export to `target`, warnings do not."""

    target: str
    rows: int
    findings: tuple[Finding, ...]

    @cached_property
    def refused(self) -> frozenset[int]:
        """Rows with an error: they cannot go into a file for this target."""
        return frozenset(f.row_id for f in self.findings if f.severity == "error" and f.row_id is not None)

    @cached_property
    def doubted(self) -> frozenset[int]:
        """Rows with a warning only."""
        return frozenset(f.row_id for f in self.findings if f.row_id is not None) - self.refused

    @property
    def blocked(self) -> list[Finding]:
        """Errors of the set as a whole: no fix of single rows helps."""
        return [f for f in self.findings if f.row_id is None and f.severity == "error"]

    @cached_property
    def groups(self) -> list[Group]:
        """Findings by kind, in the order of the rule file."""
        return grouped(self.findings)


def grouped(findings: Sequence[Finding]) -> list[Group]:
    """Sort findings into groups; a kind the rule file does not know keeps its code as title."""
    kinds = check_rules().kinds
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    order = {code: place for place, code in enumerate(kinds)}
    found = []
    for code in sorted(by_code, key=lambda code: order.get(code, len(order))):
        kind = kinds.get(code)
        items = tuple(by_code[code])
        severity: Severity = "error" if any(item.severity == "error" for item in items) else "warning"
        title = kind.title if kind else code.replace("_", " ").capitalize()
        found.append(Group(code, title, kind.why if kind else "", severity, kind.fixes if kind else ("drop",), items))
    return found
