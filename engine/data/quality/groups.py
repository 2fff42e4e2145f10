"""Groups of unit vectors: spherical k-means, k chosen by the simplified silhouette. Pure numpy, seeded.

Method: for each k from 2 on, k-means with k-means++ starts, several tries, the tightest kept. The silhouette of a row
is (b - a) / max(a, b) with a = cosine distance to its own centre and b = to the nearest other centre (Hruschka 2004,
after Rousseeuw 1987); the k with the highest mean is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.quality.rules import measures
from engine.data.screen import Vectors

Places = np.ndarray[tuple[int], np.dtype[np.intp]]


@dataclass(frozen=True)
class Grouping:
    """`member[i]` is the group of row i (0 = the largest), `silhouette` in -1..1 how clearly groups stand apart."""

    member: Places
    centres: Vectors
    silhouette: float

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.centres)


def group(vectors: Vectors, most: int | None = None, seed: int = 0) -> Grouping:
    """Group N unit vectors (N x d); fewer than 4 rows, or rows all alike, are one group with silhouette 0."""
    limits = measures().meaning
    most = limits.most_groups if most is None else most
    if not len(vectors):
        return Grouping(np.zeros(0, dtype=np.intp), vectors[:0], 0.0)
    best = Grouping(np.zeros(len(vectors), dtype=np.intp), _unit(vectors.mean(axis=0, keepdims=True)), 0.0)
    if len(vectors) < 4:
        return best
    draw = np.random.default_rng(seed)
    for count in range(2, min(most, len(vectors) // 2) + 1):
        found = _best_of(vectors, count, draw)
        if found is not None and found.silhouette > best.silhouette + 1e-6:
            best = found
    return _largest_first(best)


def _best_of(vectors: Vectors, count: int, draw: np.random.Generator) -> Grouping | None:
    limits = measures().meaning
    best: tuple[float, Places, Vectors] | None = None
    for _ in range(limits.tries):
        centres = _starts(vectors, count, draw)
        if centres is None:
            return None
        member = np.zeros(len(vectors), dtype=np.intp)
        for _ in range(limits.rounds):
            before, member = member, np.argmax(vectors @ centres.T, axis=1)
            if np.array_equal(before, member):
                break
            centres = _centres(vectors, member, centres)
        tight = float(np.einsum("ij,ij->i", vectors, centres[member]).sum())
        if best is None or tight > best[0]:
            best = (tight, member, centres)
    assert best is not None
    return Grouping(best[1], best[2], silhouette(vectors, best[1], best[2]))


def silhouette(vectors: Vectors, member: Places, centres: Vectors) -> float:
    """Mean simplified silhouette (-1..1); 0 for one group."""
    if len(centres) < 2:
        return 0.0
    distance = 1 - vectors @ centres.T
    rows = np.arange(len(vectors))
    own = distance[rows, member].copy()
    distance[rows, member] = np.inf
    other = distance.min(axis=1)
    return float(np.mean((other - own) / np.maximum(np.maximum(own, other), 1e-9)))


def _starts(vectors: Vectors, count: int, draw: np.random.Generator) -> Vectors | None:
    """Return k-means++ starts; None when there are not enough different rows."""
    places = [int(draw.integers(len(vectors)))]
    for _ in range(count - 1):
        gap = np.clip(1 - (vectors @ vectors[places].T).max(axis=1), 0, None).astype(np.float64)
        if gap.sum() < 1e-6:
            return None
        places.append(int(draw.choice(len(vectors), p=gap / gap.sum())))
    return vectors[places].copy()


def _centres(vectors: Vectors, member: Places, before: Vectors) -> Vectors:
    """Mean directions; an empty group keeps its centre."""
    sums = np.zeros_like(before)
    np.add.at(sums, member, vectors)
    empty = np.linalg.norm(sums, axis=1) < 1e-9
    sums[empty] = before[empty]
    return _unit(sums)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _largest_first(found: Grouping) -> Grouping:
    sizes = np.bincount(found.member, minlength=found.count)
    order = [place for place in np.argsort(-sizes, kind="stable") if sizes[place]]
    rank = np.zeros(found.count, dtype=np.intp)
    rank[order] = np.arange(len(order))
    return Grouping(rank[found.member], found.centres[order], found.silhouette)
