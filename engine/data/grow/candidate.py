"""A row that could be added, and why another could not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from engine.data.messages import Message, canonical_frame, dumps, loads

Method: TypeAlias = Literal["paraphrase", "back_translation", "seed", "vary", "general", "logs"]
REWORDED: frozenset[str] = frozenset({"paraphrase", "back_translation", "vary"})  # close to their seed row on purpose


@dataclass(frozen=True)
class Candidate:
    """`seed_row` is the row it was made from; `synthetic` is False only for rows real people wrote (logs, own file)."""

    messages: list[Message]
    method: Method
    label: str = ""
    seed_row: int | None = None
    synthetic: bool = True
    source: str = ""
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A candidate that is not used, with one reason and a sentence."""

    candidate: Candidate
    reason: str
    detail: str
    partner: int | None = None


def candidates_frame(candidates: Iterable[Candidate]) -> pd.DataFrame:
    """Canonical rows of candidates; row_id counts from 0 and is replaced when they are added."""
    items = list(candidates)
    meta = [
        {**item.meta, "method": item.method, **({} if item.seed_row is None else {"seed_row": item.seed_row})}
        for item in items
    ]
    return canonical_frame(
        {
            "row_id": list(range(len(items))),
            "messages": [dumps(item.messages) for item in items],
            "label": [item.label for item in items],
            "source": [item.source or item.method for item in items],
            "meta": [json.dumps(body, ensure_ascii=False) for body in meta],
            "synthetic": [item.synthetic for item in items],
        }
    )


def candidates_of(frame: pd.DataFrame) -> list[Candidate]:
    """The candidates that `candidates_frame` wrote."""
    found = []
    for row in frame.to_dict(orient="records"):
        meta = json.loads(str(row["meta"]))
        method, seed_row = meta.pop("method"), meta.pop("seed_row", None)
        text, label, source = str(row["messages"]), str(row["label"]), str(row["source"])
        found.append(Candidate(loads(text), method, label, seed_row, bool(row["synthetic"]), source, meta))
    return found
