"""General rows mixed in at a chosen share, so that a model does not forget what it could do (facts "Domain" 2, 6)."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import assets
from engine.data.columns import guess_columns
from engine.data.grow.candidate import Candidate
from engine.data.grow.rulebook import grow_rules
from engine.data.mapping import apply_mapping
from engine.data.messages import loads
from engine.data.read_table import read_table
from engine.errors import InputError

OURS = "general/general_rows.jsonl"


def general_file() -> Path:
    """The set we wrote."""
    return Path(assets.__file__).parent / OURS


def general_candidates(path: Path | None = None, name: str = "") -> list[Candidate]:
    """Rows of our general set, or of a user's file in any format that Data Studio reads. They only ever train.

    Ours count as made, a user's own as real. Raises InputError.
    """
    read = read_table(path or general_file(), name=name or None)
    frame, _ = apply_mapping(read.frame, guess_columns(read.frame).mapping(), read.file)
    source = "general (Tuneworth)" if path is None else read.file
    return [
        Candidate(loads(text), "general", synthetic=path is None, source=source, meta={"train_only": True})
        for text in frame["messages"]
    ]


def rows_for_share(rows: int, share: float | None = None) -> int:
    """How many general rows make up `share` of the mix beside `rows` own ones: n = rows * s / (1 - s), rounded up.

    Raises InputError for a share outside 0..most_share.
    """
    limits = grow_rules()
    wanted = limits.general_share if share is None else share
    if not 0 < wanted <= limits.most_share:
        raise InputError(
            f"A share of {wanted:.0%} is not possible.", f"Choose between 1 % and {limits.most_share:.0%}."
        )
    return math.ceil(rows * wanted / (1 - wanted) - 1e-9)


def pick(candidates: Sequence[Candidate], count: int, seed: int = 0) -> list[Candidate]:
    """A seeded sample without repeats; all of them when there are fewer."""
    if len(candidates) <= count:
        return list(candidates)
    return random.Random(seed).sample(list(candidates), count)
