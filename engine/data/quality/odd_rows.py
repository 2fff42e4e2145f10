"""All rows that stand out, each with its reasons: length, form, keys, spelling, loops, language, alone in meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.meaning import MeaningReport

ORDER = (
    "other form",
    "other keys",
    "other spelling",
    "repeats itself",
    "far from all others",
    "other language",
    "very long question",
    "very long answer",
    "very short question",
    "very short answer",
)


@dataclass(frozen=True)
class Outlier:
    """One row with every reason it stands out for, the gravest first."""

    row_id: int
    reasons: tuple[OddRow, ...]

    @property
    def words(self) -> str:
        """`other form (number instead of JSON); very long question (...)`."""
        return "; ".join(f"{row.reason} ({row.detail})" if row.detail else row.reason for row in self.reasons)


def odd_rows(found: Sequence[Quality], meaning: MeaningReport | None) -> list[Outlier]:
    """Merge by row; rows with more reasons first, then by the gravest reason, then by row."""
    rows = [row for item in found for row in item.rows if row.reason in ORDER]
    if meaning is not None:
        rows += [
            OddRow(
                row.row_id, "far from all others", f"closeness {row.closeness:.2f}; under {meaning.usual:.2f} is far"
            )
            for row in meaning.lone
        ]
    reasons: dict[int, dict[str, OddRow]] = {}
    for row in rows:
        reasons.setdefault(row.row_id, {})[row.reason] = row
    merged = [
        Outlier(row_id, tuple(sorted(by_reason.values(), key=lambda row: ORDER.index(row.reason))))
        for row_id, by_reason in reasons.items()
    ]
    return sorted(merged, key=lambda row: (-len(row.reasons), ORDER.index(row.reasons[0].reason), row.row_id))
