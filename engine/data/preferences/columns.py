"""Pairs from a file that has both answers in one row: the role `rejected` holds the worse one."""

from __future__ import annotations

import json

import pandas as pd

from engine.data.messages import answer_of, loads
from engine.data.preferences.pair import Pair, split_talk
from engine.data.shapes import NotATalk, parse_talk


def pairs_from_columns(frame: pd.DataFrame) -> list[Pair]:
    """One pair per canonical row with a worse answer in `meta`; a worse answer written as a conversation counts too."""
    pairs = []
    for row_id, text, meta in zip(frame["row_id"], frame["messages"], frame["meta"], strict=True):
        if '"rejected"' not in meta:
            continue
        prompt, chosen = split_talk(loads(text))
        pairs.append(Pair(prompt, chosen, _text(json.loads(meta).get("rejected", "")), "columns", int(row_id)))
    return pairs


def _text(cell: object) -> str:
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return answer_of(parse_talk(text)) or text
    except NotATalk:
        return text
