"""Findings as a page shows them: masked, some per kind, read from the dataset again (nothing raw is stored)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.privacy.dataset import parts_of_row, read_rows
from engine.privacy.masked import masked_context
from engine.privacy.records import PrivacyScan
from engine.privacy.start import load_findings
from engine.project.project import Project

MOST = 50


@dataclass(frozen=True)
class ShownFinding:
    """One masked finding."""

    row_id: int
    part: str
    context: str
    detector: str
    score: float


def shown_findings(
    project: Project, scan: PrivacyScan, entity: str, most: int = MOST, hidden: frozenset[int] = frozenset()
) -> list[ShownFinding]:
    """The first findings of a kind, one per row and part, in row order, without `hidden` rows (sealed for the test).

    Raises NotFound when the rows are gone.
    """
    found = load_findings(project, scan)
    found = found[~found["row_id"].isin(list(hidden))]
    chosen = found[found["entity"] == entity].sort_values(["row_id", "start"]).drop_duplicates(["row_id", "part"])
    chosen = chosen.head(most)
    rows = read_rows(project, scan.dataset_id)
    rows = rows[rows["row_id"].isin(set(chosen["row_id"]))].set_index("row_id")
    near = found[found["row_id"].isin(set(chosen["row_id"]))]
    places: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for row_id, part, start, end in zip(near["row_id"], near["part"], near["start"], near["end"], strict=True):
        places.setdefault((int(row_id), str(part)), []).append((int(start), int(end)))
    shown = []
    for item in chosen.to_dict(orient="records"):
        row_id, part = int(item["row_id"]), str(item["part"])
        texts = parts_of_row(*(str(rows.at[row_id, name]) for name in ("messages", "label", "meta")))
        context = masked_context(texts.get(part, ""), int(item["start"]), int(item["end"]), places[(row_id, part)])
        shown.append(ShownFinding(row_id, part, context, str(item["detector"]), float(item["score"])))
    return shown
