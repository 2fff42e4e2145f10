"""Duplicates in a plain table or in given pairs: what `data dedupe` and `data pairs` answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from engine.data.columns import guess_columns
from engine.data.encoders import Report, load_encoder, silent
from engine.data.encoding import detect_encoding
from engine.data.exact_duplicates import contradictions, repeats
from engine.data.near_duplicates import find_near
from engine.data.near_lanes import lane_rules, words_of
from engine.data.near_pairs import Load, scores_of
from engine.data.pair_decision import PairDecision, decide
from engine.data.read_json import json_reason, parse_json
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
    threshold: float | None = None,
    same_wording: bool | None = None,
) -> DedupeReport:
    """Find duplicates in the named columns. Raises InputError for an unknown column.

    `threshold` (0..1) and `same_wording` replace the defaults, which differ for answers that are categories.

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
    limits = lane_rules(encoder, labels=near.labels, threshold=threshold, same_wording=same_wording)
    lanes = near.lanes(limits)
    pairs = list(near.pairs.itertuples(index=False))
    for number in lanes.conflicts:
        _list(listed, rest, pairs[number], "conflict")
    for row, other in contradictions(some, same):
        reason = "same question, different answer"
        listed[rest[row]] = Listed(rest[row], "conflict", rest[other], 1.0, reason)
    for number in lanes.ask:
        _list(listed, rest, pairs[number], "ask")
    for row, number in lanes.removed.items():
        listed.pop(rest[row], None)
        _list(listed, rest, pairs[number], "remove")
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


def _list(listed: dict[int, Listed], rest: list[int], pair: Any, lane: Literal["remove", "ask", "conflict"]) -> None:
    """Note the first, closest pair of a row."""
    row, partner, score = rest[int(pair.row)], rest[int(pair.partner)], min(max(float(pair.score), 0.0), 1.0)
    listed.setdefault(row, Listed(row, lane, partner, score, words_of(pair, lane)))


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
    score = scores_of(pairs, load("minilm"), report)
    return [decide(a, b, float(value)) for (a, b), value in zip(pairs, score, strict=True)]
