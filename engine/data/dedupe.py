"""Duplicates in a plain table or in given pairs: what `data dedupe` and `data pairs` answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from engine.data.columns import guess_columns
from engine.data.encoders import Report, load_encoder, silent
from engine.data.encoding import detect_encoding
from engine.data.exact_duplicates import contradictions, repeats
from engine.data.near_duplicates import RowPair, find_near
from engine.data.near_pairs import Load
from engine.data.pair_decision import PairDecision, decide, minilm_thresholds
from engine.data.read_json import json_reason, parse_json
from engine.data.rules import rules
from engine.errors import InputError, Where


@dataclass(frozen=True)
class Listed:
    """One row that is not simply kept; `partner` is the row it was compared with (0-based data rows)."""

    row: int
    lane: Literal["remove", "ask", "conflict"]
    partner: int
    score: float
    reason: str


@dataclass(frozen=True)
class DedupeReport:
    """Counts and every row whose lane is not keep; rows to ask about and conflicts are kept."""

    rows: int
    decisions: list[Listed]
    pairs_left_out: int = 0

    def count(self, lane: str) -> int:
        """Rows in a lane."""
        return sum(decision.lane == lane for decision in self.decisions)

    def to_json(self) -> dict[str, Any]:
        """The contract's fields."""
        removed = self.count("remove")
        return {
            "rows": self.rows,
            "kept": self.rows - removed,
            "removed": removed,
            "ask": self.count("ask"),
            "conflicts": self.count("conflict"),
            "decisions": [
                {"row": d.row, "lane": d.lane, "partner": d.partner, "score": round(d.score, 4), "reason": d.reason}
                for d in self.decisions
            ],
        }


def dedupe_table(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    encoder: str = "minilm",
    load: Load = load_encoder,
    report: Report = silent,
) -> DedupeReport:
    """Find duplicates in the named columns. Raises InputError for an unknown column.

    An answer column (one of the named, or guessed) is compared apart: same question, other answer is a conflict.
    """
    prompts, answers = question_and_answer(frame, columns)
    listed = {
        row: Listed(row, "remove", first, 1.0, "exact duplicate: same wording")
        for row, first in repeats(prompts, answers)
    }
    rest = [row for row in range(len(prompts)) if row not in listed]
    some, same = [prompts[row] for row in rest], [answers[row] for row in rest]
    near = find_near(some, same, encoder=encoder, load=load, report=report)
    for row, other in contradictions(some, same):
        reason = "same question, different answer"
        listed[rest[row]] = Listed(rest[row], "conflict", rest[other], 1.0, reason)
    for pair in near.ask.values():
        listed.setdefault(rest[pair.row], _listed(pair, rest, "ask"))
    for pair in near.removed.values():
        listed[rest[pair.row]] = _listed(pair, rest, "remove")
    return DedupeReport(len(prompts), [listed[row] for row in sorted(listed)], near.cut)


def question_and_answer(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split the named columns into question and answer text; without an answer column answers are empty."""
    names = [str(name) for name in frame.columns]
    for column in columns:
        if column not in names:
            raise InputError(f"There is no column {column!r}.", f"The columns are {', '.join(map(repr, names))}.")
    if not columns:
        raise InputError("No column was named.", f"The columns are {', '.join(map(repr, names))}.")
    roles = guess_columns(frame).roles
    answer = next((name for name in names if roles.get(name) == "assistant"), None)
    asked = [column for column in columns if column != answer] or list(columns)
    prompts = ["\n".join(row) for row in zip(*(frame[name] for name in asked), strict=True)]
    if answer is None or answer in asked:
        return prompts, [""] * len(prompts)
    return prompts, frame[answer].tolist()


def _listed(pair: RowPair, rest: list[int], lane: Literal["remove", "ask"]) -> Listed:
    return Listed(rest[pair.row], lane, rest[pair.partner], pair.score, pair.reason)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read JSONL lines `{"a", "b"}`. Raises InputError naming the first bad line."""
    guess = detect_encoding(path)
    pairs = []
    with path.open(encoding=guess.name, errors=guess.errors, newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = Where(file=path.name, line=number)
            try:
                row = parse_json(line.lstrip("\ufeff"))
            except ValueError as error:
                raise InputError(f"Line {number}: {json_reason(error)}", "Correct the line.", where=where) from error
            if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("a", "b")):
                raise InputError(
                    f"Line {number} has no texts a and b.", 'Use lines like {"a": "one", "b": "other"}.', where=where
                )
            pairs.append((row["a"], row["b"]))
    return pairs


def judge_pairs(
    pairs: Sequence[tuple[str, str]], *, load: Load = load_encoder, report: Report = silent
) -> list[PairDecision]:
    """The same decision as in cleaning, for given pairs, in order."""
    if not pairs:
        return []
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    place = {text: i for i, text in enumerate(texts)}
    left = np.array([place[a] for a, _ in pairs])
    right = np.array([place[b] for _, b in pairs])
    model = load("minilm")
    vectors = model.encode(texts, report)
    score = np.einsum("ij,ij->i", vectors[left], vectors[right])
    limits = minilm_thresholds()
    close = np.minimum(np.abs(score - limits.remove), np.abs(score - limits.ask)) < rules().near.rescore_margin
    if close.any():
        rows = np.unique(np.r_[left[close], right[close]])
        exact = model.exact([texts[row] for row in rows])
        a, b = np.searchsorted(rows, left[close]), np.searchsorted(rows, right[close])
        score[close] = np.einsum("ij,ij->i", exact[a], exact[b])
    return [decide(a, b, float(value)) for (a, b), value in zip(pairs, score, strict=True)]
