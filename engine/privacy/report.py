"""The scan in words and as a matrix: what was looked for, by whom, in how many rows - and what was not looked for.

The best status is "no patterns found"; this program never says that there is no personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.privacy import patterns
from engine.privacy.entities import BY_MODEL, FIRST_NAMED, words
from engine.privacy.hints import Suspect
from engine.privacy.rules import rules
from engine.privacy.scan import Scan

NOTHING = "no patterns found"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NotScanned(_Frozen):
    """Something that was not looked for, and why."""

    what: str = Field(description="What was not looked for")
    why: str = Field(description="Reason")


class EntityRow(_Frozen):
    """One line of the matrix."""

    entity: str = Field(description="Kind of data (Presidio's name)")
    name: str = Field(description="The same in words")
    scanned_by: list[str] = Field(description="Detectors with version")
    threshold: float = Field(description="Findings below this score (0..1) are left out")
    rows_scanned: int = Field(description="Rows looked at")
    rows_total: int = Field(description="Rows of the data")
    found: int = Field(description="Findings")
    rows_found: int = Field(description="Rows with at least one finding")
    timeouts: int = Field(description="Texts on which a detector was stopped")
    status: str = Field(description="In words")


class ScanReport(_Frozen):
    """Everything a reader needs to judge a scan; holds no values."""

    rows: int
    columns: list[str]
    matrix: list[EntityRow]
    not_scanned: list[NotScanned]
    suspects: list[dict[str, Any]]
    sentence: str
    rules_checked: str
    seconds: float

    @property
    def found(self) -> int:
        """All findings."""
        return sum(row.found for row in self.matrix)


def build_report(
    scan: Scan,
    hints: Sequence[Suspect] = (),
    *,
    left_out: Mapping[str, str] | None = None,
    model_available: str = "",
) -> ScanReport:
    """Turn a scan into its report. `left_out` maps what was skipped to why; `model_available` is an unused model."""
    missing = _not_scanned(scan, left_out or {}, model_available)
    return ScanReport(
        rows=scan.rows,
        columns=scan.columns,
        matrix=_matrix(scan),
        not_scanned=missing,
        suspects=[hint.to_json() for hint in hints],
        sentence=_sentence(scan, missing[0]),
        rules_checked=rules().checked.isoformat(),
        seconds=round(scan.seconds, 3),
    )


def _matrix(scan: Scan) -> list[EntityRow]:
    found: dict[str, int] = scan.counts()
    in_rows: dict[str, set[int]] = {}
    for finding in scan.findings:
        in_rows.setdefault(finding.entity, set()).add(finding.row)
    entities = list(dict.fromkeys([*patterns.ENTITIES, *scan.deep_entities, *found]))
    stopped = len(scan.timeouts)
    rows = []
    for entity in sorted(entities, key=lambda name: -found.get(name, 0)):
        by = [patterns.VERSION] if entity in patterns.ENTITIES else []
        deep = entity in scan.deep_entities
        count, rows_found = found.get(entity, 0), len(in_rows.get(entity, ()))
        rows.append(
            EntityRow(
                entity=entity,
                name=words(entity),
                scanned_by=[*by, *([scan.deep] if deep else [])],
                threshold=rules().scan.threshold,
                rows_scanned=scan.rows,
                rows_total=scan.rows,
                found=count,
                rows_found=rows_found,
                timeouts=stopped if deep else 0,
                status=f"{count:,} found in {_rows(rows_found)}" if count else NOTHING,
            )
        )
    return rows


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _not_scanned(scan: Scan, left_out: Mapping[str, str], model_available: str) -> list[NotScanned]:
    missing = [NotScanned(what=what, why=why) for what, why in _names(scan, model_available)]
    if not scan.deep:
        missing.append(
            NotScanned(
                what="Identity numbers of Spain, Italy, Finland, India and Singapore, and a second opinion",
                why="only the deep scan (Presidio) looks for them, and it was not run",
            )
        )
    missing.append(
        NotScanned(
            what="Descriptions that point to one person (job, health, opinions, handwriting, images)",
            why="no pattern can find them; read a sample of rows",
        )
    )
    missing.append(
        NotScanned(
            what="Words beside numbers in languages other than English",
            why="numbers that need their name beside them are found in English texts only",
        )
    )
    missing += [NotScanned(what=what, why=why) for what, why in left_out.items()]
    if scan.timeouts:
        places = ", ".join(f"row {row} ({column})" for row, column in scan.timeouts[:5])
        missing.append(
            NotScanned(
                what=f"{len(scan.timeouts):,} texts in full: {places}",
                why=f"a detector took longer than {rules().deep.regex_seconds} seconds and was stopped",
            )
        )
    return missing


def _names(scan: Scan, model_available: str) -> list[tuple[str, str]]:
    what = f"Names and places ({', '.join(BY_MODEL)})"
    if scan.names_model:
        return [("Names and places that the language model does not know", f"{scan.names_model} misses some")]
    if model_available:
        return [(what, f"the language model {model_available} is installed but the deep scan was not run")]
    return [(what, "no language model is installed")]


def _sentence(scan: Scan, names: NotScanned) -> str:
    total = len(scan.findings)
    which = [words(entity) for entity in FIRST_NAMED]
    which += [words(entity) for entity in scan.counts() if entity not in FIRST_NAMED][:3]
    kinds = len(patterns.ENTITIES) - len(which)
    looked = f"{', '.join(which)} and {kinds} more kinds"
    rows = f"all {scan.rows:,} rows" if scan.rows != 1 else "the one row"
    result = f"{total:,} found" if total else NOTHING
    subject, reason = names.what.partition(" (")[0], names.why
    return f"{looked[:1].upper()}{looked[1:]}: scanned in {rows}, {result}. {subject}: not scanned, {reason}."
