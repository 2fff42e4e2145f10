"""What a step decided about a row: exactly one reason per dropped row, kept beside the version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

Action: TypeAlias = Literal["drop", "change", "ask", "conflict"]
SNIPPET = 300  # characters of the row kept for the list on screen
COLUMNS = ("row_id", "step", "action", "reason", "detail", "partner", "score", "snippet")


@dataclass(frozen=True)
class Decision:
    """`reason` is a short fixed word, `detail` a sentence, `partner` the row_id it was compared with."""

    row_id: int
    step: str
    reason: str
    detail: str
    action: Action = "drop"
    partner: int | None = None
    score: float | None = None
    snippet: str = ""


def decisions_frame(decisions: Iterable[Decision]) -> pd.DataFrame:
    """Table of decisions; missing partners and scores stay missing."""
    rows = [{**asdict(decision), "snippet": decision.snippet[:SNIPPET]} for decision in decisions]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = dict.fromkeys(("step", "action", "reason", "detail", "snippet"), "str")
    return frame.astype({"row_id": "int64", "partner": "Int64", "score": "float64", **text})


def decisions_from(frame: pd.DataFrame) -> list[Decision]:
    """Read a table written by `decisions_frame` back."""
    rows: list[dict[str, Any]] = frame.to_dict(orient="records")  # type: ignore[assignment]
    optional = ("partner", "score")
    return [
        Decision(**{**row, **{name: None if pd.isna(row[name]) else row[name] for name in optional}}) for row in rows
    ]
