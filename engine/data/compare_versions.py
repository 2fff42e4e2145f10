"""Two versions of the rows side by side: rows only in one, rows whose text differs, and the reason of each."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.records import DatasetVersion, Source
from engine.data.versions import line_to, load_decisions, load_version
from engine.errors import NotFound
from engine.project.project import Project

COMPARED = ("messages", "label")
NO_REASON = "not recorded"


@dataclass(frozen=True)
class Comparison:
    """`only_first`, `only_second` and `changed` have row_id, messages, label, reason, detail; `changed` also
    messages_after and label_after. `same` counts equal rows; `matched` tells whether rows were found by their id or,
    for two different files, by their text.
    """

    only_first: pd.DataFrame
    only_second: pd.DataFrame
    changed: pd.DataFrame
    same: int
    matched: str

    @property
    def reasons(self) -> pd.DataFrame:
        """Rows per kind of difference and reason: `what` (only_first, only_second, changed), `reason`, `rows`."""
        named = [("only_first", self.only_first), ("only_second", self.only_second), ("changed", self.changed)]
        parts = [pd.DataFrame({"what": name, "reason": frame["reason"].astype("str")}) for name, frame in named]
        table = pd.concat(parts, ignore_index=True)
        counted = table.value_counts(["what", "reason"], sort=False).rename("rows").reset_index()
        return counted.sort_values(["what", "rows", "reason"], ascending=[True, False, True], ignore_index=True)

    def without(self, sealed: frozenset[int], *, first: bool = True, second: bool = True) -> Comparison:
        """The same without rows that nobody may look at; `first` and `second`: whose file the ids belong to."""

        def open_rows(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[~frame["row_id"].isin(sealed)].reset_index(drop=True)

        one = open_rows(self.only_first) if first else self.only_first
        two = open_rows(self.only_second) if second else self.only_second
        return Comparison(one, two, open_rows(self.changed), self.same, self.matched)


def compare_versions(project: Project, first: DatasetVersion, second: DatasetVersion) -> Comparison:
    """Compare two versions; the reason of a difference is the last decision about the row on the way between them.

    Versions of the same bytes are matched by row id, others by their text. Raises NotFound, InputError.
    """
    one, two = load_version(project, first.id), load_version(project, second.id)
    if not _same_file(project, first, second):
        return _by_text(one, two)
    reasons = _reasons(project, first, second)
    both = one[["row_id", *COMPARED]].merge(two[["row_id", *COMPARED]], on="row_id", suffixes=("", "_after"))
    differs = pd.Series(False, index=both.index)
    for name in COMPARED:
        differs |= both[name] != both[f"{name}_after"]
    return Comparison(
        _with_reason(one[~one["row_id"].isin(two["row_id"])], reasons),
        _with_reason(two[~two["row_id"].isin(one["row_id"])], reasons),
        _with_reason(both[differs], reasons),
        int((~differs).sum()),
        "row",
    )


def _by_text(one: pd.DataFrame, two: pd.DataFrame) -> Comparison:
    """Rows of two files: no row id means the same in both, so only equal texts are the same row."""
    keys = [frame["messages"].astype("str") + "\n" + frame["label"].astype("str") for frame in (one, two)]
    none: dict[int, tuple[str, str]] = {}
    left, right = ~keys[0].isin(keys[1]), ~keys[1].isin(keys[0])
    empty = _with_reason(one.head(0), none).assign(messages_after="", label_after="")
    same = int((~left).sum())
    first = _with_reason(one[left], none).assign(reason="not in the other file")
    return Comparison(first, _with_reason(two[right], none).assign(reason="not in the other file"), empty, same, "text")


def _with_reason(rows: pd.DataFrame, reasons: dict[int, tuple[str, str]]) -> pd.DataFrame:
    names = [name for name in ("row_id", *COMPARED, *(f"{name}_after" for name in COMPARED)) if name in rows.columns]
    found = [reasons.get(int(row_id), (NO_REASON, "")) for row_id in rows["row_id"]]
    return (
        rows[names]
        .assign(
            reason=pd.Series([reason for reason, _ in found], index=rows.index, dtype="str"),
            detail=pd.Series([detail for _, detail in found], index=rows.index, dtype="str"),
        )
        .reset_index(drop=True)
    )


def _reasons(project: Project, first: DatasetVersion, second: DatasetVersion) -> dict[int, tuple[str, str]]:
    """Reason and sentence per row, from the steps that only one of the two versions has behind it."""
    lines = [line_to(project, first), line_to(project, second)]
    shared = {version.id for version in lines[0]} & {version.id for version in lines[1]}
    found: dict[int, tuple[str, str]] = {}
    for line in lines:
        for version in line:
            if version.id not in shared:
                rows = load_decisions(project, version.id)
                rows = rows[rows["action"].isin(["drop", "change"])]
                known = zip(rows["row_id"], rows["reason"], rows["detail"], strict=True)
                found |= {int(row_id): (str(reason), str(detail)) for row_id, reason, detail in known}
    return found


def _same_file(project: Project, first: DatasetVersion, second: DatasetVersion) -> bool:
    if first.source_id == second.source_id:
        return True
    try:
        sources = [project.records.get(Source, version.source_id) for version in (first, second)]
    except NotFound:
        return False
    return sources[0].sha256 == sources[1].sha256 and sources[0].rows == sources[1].rows
