"""All pairs of unit vectors above a threshold, by blocked matrix products (exact; facts "Data" 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Tile: TypeAlias = Callable[[int, int, int, int, float], tuple[Any, Vectors]]
TILE_ROWS, TILE_COLUMNS = 1024, 8192  # 32 MB of fp32 per tile
HALF_ERROR = 0.01  # bf16 scores are wrong by less (measured: .0034 at most)
MOST_PAIRS = 20_000_000  # above this the rest per row is cut to its best pairs, and said so


@dataclass(frozen=True)
class Pairs:
    """Pairs with `left < right` (positions) and their cosine; `cut` counts pairs left out for memory."""

    left: np.ndarray[Any, np.dtype[np.int32]]
    right: np.ndarray[Any, np.dtype[np.int32]]
    score: Vectors
    cut: int = 0

    def __len__(self) -> int:
        return len(self.left)


def similar_pairs(
    vectors: Vectors, threshold: float, progress: Callable[[float], None] | None = None, tile: Tile | None = None
) -> Pairs:
    """Find every pair with cosine >= threshold among N unit vectors. Zero vectors match nothing.

    `tile(a, b, c, d, floor)` multiplies rows a..b by rows c..d and returns the rows (from 0) that reach the floor,
    with their scores (a row with itself counts as 0); a worker can give a bf16 one, whose pairs are then computed
    again in fp32.
    """
    count, floor = len(vectors), threshold - HALF_ERROR if tile else threshold
    multiply = tile or numpy_tile(vectors)
    parts: list[tuple[Any, Any, Any]] = []
    total = cut = 0
    for start in range(0, count, TILE_ROWS):
        stop = min(start + TILE_ROWS, count)
        rows, scores = multiply(start, stop, start, stop, floor)
        found = [(rows, start, scores)]
        for left in range(stop, count, TILE_COLUMNS):
            rows, scores = multiply(start, stop, left, min(left + TILE_COLUMNS, count), floor)
            found.append((rows, left, scores))
        for rows, left, scores in found:
            places, columns = np.divmod(np.flatnonzero(scores.ravel() >= floor), max(scores.shape[1], 1))
            if left == start:  # the square on the diagonal holds every pair twice
                once = columns > rows[places]
                places, columns = places[once], columns[once]
            if total + len(places) > MOST_PAIRS:
                kept = _best_per_row(scores, places, columns)
                cut += len(places) - len(kept)
                places, columns = places[kept], columns[kept]
            total += len(places)
            score = scores[places, columns]
            parts.append(((rows[places] + start).astype(np.int32), (columns + left).astype(np.int32), score))
        if progress:
            progress(1 - (1 - stop / count) ** 2)
    pairs = _joined(parts, cut)
    return _again(pairs, vectors, threshold) if tile else pairs


def _again(pairs: Pairs, vectors: Vectors, threshold: float) -> Pairs:
    """Scores of all pairs in fp32, and only those from the threshold on."""
    score = pair_scores(vectors, pairs.left, pairs.right)
    keep = score >= threshold
    return Pairs(pairs.left[keep], pairs.right[keep], score[keep], pairs.cut)


def pair_scores(vectors: Vectors, left: Any, right: Any) -> Vectors:
    """Cosine of each pair of rows, in pieces so that memory stays flat."""
    score = np.empty(len(left), dtype=np.float32)
    for start in range(0, len(score), 65536):
        part = slice(start, start + 65536)
        score[part] = np.einsum("ij,ij->i", vectors[left[part]], vectors[right[part]])
    return score


def cross_pairs(queries: Vectors, base: Vectors, threshold: float) -> Pairs:
    """Find every pair (query, base) with cosine >= threshold; `left` indexes queries, `right` the base."""
    parts: list[tuple[Any, Any, Any]] = []
    for start in range(0, len(queries), TILE_ROWS):
        for left in range(0, len(base), TILE_COLUMNS):
            tile = queries[start : start + TILE_ROWS] @ base[left : left + TILE_COLUMNS].T
            rows, columns = np.nonzero(tile >= threshold)
            parts.append(((rows + start).astype(np.int32), (columns + left).astype(np.int32), tile[rows, columns]))
    return _joined(parts, 0)


def numpy_tile(vectors: Vectors) -> Tile:
    """The fp32 product."""

    def multiply(a: int, b: int, c: int, d: int, floor: float) -> tuple[Any, Vectors]:
        scores = vectors[a:b] @ vectors[c:d].T
        if a == c:
            np.fill_diagonal(scores, 0)
        rows = np.flatnonzero(scores.max(axis=1) >= floor)
        return rows, scores[rows]

    return multiply


def _best_per_row(tile: Vectors, rows: Any, columns: Any, keep: int = 20) -> Any:
    order = np.lexsort((-tile[rows, columns], rows))
    first = np.r_[0, np.flatnonzero(np.diff(rows[order])) + 1]
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.r_[first, len(order)]))
    return np.sort(order[rank < keep])


def _joined(parts: list[tuple[Any, Any, Any]], cut: int) -> Pairs:
    if not parts:
        nothing = np.array([], dtype=np.int32)
        return Pairs(nothing, nothing, np.array([], dtype=np.float32), cut)
    left, right, score = (np.concatenate(group) for group in zip(*parts, strict=True))
    return Pairs(left, right, score.astype(np.float32), cut)
