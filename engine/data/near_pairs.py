"""Which texts are close enough to be judged: the cascade static -> MiniLM over different texts (facts "Data" 4, 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.encoders import Encoder, Report, silent
from engine.data.pair_decision import Thresholds, minilm_thresholds, static_thresholds
from engine.data.rules import rules
from engine.data.screen import Pairs, Vectors, pair_scores, similar_pairs

Load = Callable[[str], Encoder]
MAY_BE_SAME_LETTERS = 0.1  # MiniLM cosine below the ask threshold at which equal letters are still looked at


@dataclass(frozen=True)
class Candidates:
    """Close pairs of texts by position; `encoder` decides which thresholds hold."""

    pairs: Pairs
    encoder: str
    thresholds: Thresholds


def close_pairs(
    texts: Sequence[str], load: Load, encoder: str = "minilm", report: Report = silent, margin: float = 0.0
) -> Candidates:
    """Find pairs of texts with a cosine from the ask threshold (less `margin`) on.

    Up to `direct_rows` texts MiniLM reads all; above, the static model proposes and MiniLM reads those.
    With `encoder="static"` the static model decides alone.
    """
    if encoder == "static":
        limits = static_thresholds()
        quick = load("static")
        return Candidates(_screened(quick, texts, limits.ask - margin, report), "static", limits)
    limits = minilm_thresholds()
    floor = limits.ask - max(margin, MAY_BE_SAME_LETTERS)
    if len(texts) <= rules().near.direct_rows:
        model = load("minilm")
        pairs = _screened(model, texts, floor, report)
        return Candidates(_rescored(pairs, texts, model, limits.remove), "minilm", limits)
    proposed = _screened(load("static"), texts, rules().near.static_candidate - margin, report)
    model = load("minilm")
    rows = np.unique(np.r_[proposed.left, proposed.right])
    vectors = model.encode([texts[row] for row in rows], report)
    pairs = _confirmed(proposed, rows, vectors, floor)
    return Candidates(_rescored(pairs, texts, model, limits.remove), "minilm", limits)


def scores_of(pairs: Sequence[tuple[str, str]], model: Encoder, report: Report = silent) -> Vectors:
    """Cosine of each given pair; next to a threshold in full precision."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    place = {text: number for number, text in enumerate(texts)}
    left = np.array([place[a] for a, _ in pairs], dtype=np.int32)
    right = np.array([place[b] for _, b in pairs], dtype=np.int32)
    score = pair_scores(model.encode(texts, report), left, right)
    limits = static_thresholds() if model.name == "static" else minilm_thresholds()
    for threshold in (limits.remove, limits.ask):
        score = _rescored(Pairs(left, right, score), texts, model, threshold).score
    return score


def _screened(model: Encoder, texts: Sequence[str], floor: float, report: Report) -> Pairs:
    vectors = model.encode(texts, report)
    return similar_pairs(vectors, floor, tile=model.tile(vectors))


def _confirmed(proposed: Pairs, rows: np.ndarray, vectors: np.ndarray, floor: float) -> Pairs:
    """Replace the static scores by MiniLM's and keep pairs from the floor on."""
    left, right = np.searchsorted(rows, proposed.left), np.searchsorted(rows, proposed.right)
    score = pair_scores(vectors, left, right)
    keep = score >= floor
    return Pairs(proposed.left[keep], proposed.right[keep], score[keep], proposed.cut)


def _rescored(pairs: Pairs, texts: Sequence[str], model: Encoder, threshold: float) -> Pairs:
    """Compute pairs next to a threshold again in fp32, so that half precision decides nothing."""
    near = np.flatnonzero(np.abs(pairs.score - threshold) < rules().near.rescore_margin)
    if not len(near):
        return pairs
    rows = np.unique(np.r_[pairs.left[near], pairs.right[near]])
    vectors = model.exact([texts[row] for row in rows])
    left, right = np.searchsorted(rows, pairs.left[near]), np.searchsorted(rows, pairs.right[near])
    score = pairs.score.copy()
    score[near] = np.einsum("ij,ij->i", vectors[left], vectors[right])
    return Pairs(pairs.left, pairs.right, score, pairs.cut)
