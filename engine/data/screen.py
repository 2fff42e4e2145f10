"""All pairs of unit vectors above a threshold, by blocked matrix products (exact; facts "Data" 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Product: TypeAlias = Callable[[int, int, int, int], Vectors]  # rows a..b times rows c..d
TILE_ROWS, TILE_COLUMNS = 1024, 8192  # 32 MB of fp32 per tile
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
    vectors: Vectors, threshold: float, progress: Callable[[float], None] | None = None, product: Product | None = None
) -> Pairs:
    """Find every pair with cosine >= threshold among N unit vectors. Zero vectors match nothing.

    `product` may replace the numpy product (a worker can use bf16); `progress` gets a share 0..1.
    """
    multiply = product or _numpy_product(vectors)
    count = len(vectors)
    parts: list[tuple[Any, Any, Any]] = []
    total = cut = 0
    for start in range(0, count, TILE_ROWS):
        stop = min(start + TILE_ROWS, count)
        for left in range(start, count, TILE_COLUMNS):
            right = min(left + TILE_COLUMNS, count)
            tile = multiply(start, stop, left, right)
            if left < stop:
                tile[np.tril_indices(stop - start, start - left, right - left)] = -1.0
            if tile.max(initial=-1.0) < threshold:
                continue
            rows, columns = np.nonzero(tile >= threshold)
            if total + len(rows) > MOST_PAIRS:
                kept = _best_per_row(tile, rows, columns)
                cut += len(rows) - len(kept)
                rows, columns = rows[kept], columns[kept]
            total += len(rows)
            parts.append(((rows + start).astype(np.int32), (columns + left).astype(np.int32), tile[rows, columns]))
        if progress:
            done = stop / count
            progress(1 - (1 - done) ** 2)
    return _joined(parts, cut)


def cross_pairs(queries: Vectors, base: Vectors, threshold: float) -> Pairs:
    """Find every pair (query, base) with cosine >= threshold; `left` indexes queries, `right` the base."""
    parts: list[tuple[Any, Any, Any]] = []
    for start in range(0, len(queries), TILE_ROWS):
        for left in range(0, len(base), TILE_COLUMNS):
            tile = queries[start : start + TILE_ROWS] @ base[left : left + TILE_COLUMNS].T
            rows, columns = np.nonzero(tile >= threshold)
            parts.append(((rows + start).astype(np.int32), (columns + left).astype(np.int32), tile[rows, columns]))
    return _joined(parts, 0)


def _numpy_product(vectors: Vectors) -> Product:
    def multiply(a: int, b: int, c: int, d: int) -> Vectors:
        return vectors[a:b] @ vectors[c:d].T

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
