"""How far apart questions are in meaning: spread, groups with examples, and lone rows. Vectors come from an encoder."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.encoders import Encoder, Report, silent
from engine.data.messages import loads, prompt_of
from engine.data.quality.groups import Grouping, group
from engine.data.quality.rules import measures
from engine.data.quality.texts import Z, sample_places
from engine.data.rules import rules
from engine.data.screen import Vectors
from engine.project.records import Record

KEPT_EXAMPLES = 12  # more than are shown: rows of a later test part are passed over
MAP_POINTS = 400
_WORD = re.compile(r"[^\W\d_]{3,}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeaningGroup(_Part):
    """Rows that are close in meaning."""

    rows: int = Field(description="Rows of the sample in it")
    words: list[str] = Field(description="Words that are more common in it than elsewhere")
    examples: list[int] = Field(description="row_id of the rows nearest to its centre, nearest first")


class LoneRow(_Part):
    """A row far from all others."""

    row_id: int
    closeness: float = Field(description="Mean cosine to its nearest rows")


class MapPoint(_Part):
    """A row on the map (first two principal components)."""

    x: float
    y: float
    group: int


class MeaningReport(Record):
    """Meaning of one version's questions; its id is the version's."""

    kind: ClassVar[str] = "meaning_report"

    rows: int = Field(description="Rows compared")
    whole: int = Field(description="Rows of the version")
    spread: float = Field(description="Mean cosine distance between two questions (0 = all the same)")
    spread_off: float = Field(description="95 % half-width of the spread; 0 when every row was compared")
    silhouette: float = Field(description="How clearly the groups stand apart (-1..1)")
    groups: list[MeaningGroup]
    lone: list[LoneRow]
    usual: float = Field(description="Closeness below which a row is lone")
    points: list[MapPoint]


def measure_meaning(
    frame: pd.DataFrame, encoder: Encoder, version_id: str, report: Report = silent, most: int | None = None
) -> MeaningReport:
    """Compare questions of canonical rows; above `most` rows a seeded sample. Rows without a question are left out."""
    limits = measures().meaning
    part = frame.iloc[sample_places(len(frame), limits.rows if most is None else most)]
    prompts = [prompt_of(loads(text)) for text in part["messages"]]
    ids = [int(row_id) for row_id in part["row_id"]]
    vectors = encoder.encode(prompts, report)
    full = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0.5)
    vectors, ids, prompts = vectors[full], [ids[place] for place in full], [prompts[place] for place in full]
    distance, off = spread(vectors, sampled=len(frame) > len(part))
    found = group(vectors) if len(ids) >= limits.fewest_rows else group(vectors, most=1)
    closeness = nearest_closeness(vectors, limits.neighbours)
    lone, fence = lone_rows(closeness)
    return MeaningReport(
        id=version_id,
        rows=len(ids),
        whole=len(frame),
        spread=distance,
        spread_off=off,
        silhouette=found.silhouette,
        groups=_groups(found, vectors, ids, prompts) if len(ids) else [],
        lone=[LoneRow(row_id=ids[place], closeness=float(closeness[place])) for place in lone],
        usual=fence,
        points=_map(vectors, found),
    )


def spread(vectors: Vectors, *, sampled: bool = False) -> tuple[float, float]:
    """Mean cosine distance of all pairs of N unit vectors, and its 95 % half-width when they are a sample.

    Exact without comparing pairs: the mean cosine is (|sum|^2 - N) / (N (N - 1)). The half-width is that of a
    U-statistic (Hoeffding 1948): 1.96 x 2 x standard deviation of the row means / sqrt(N).
    """
    count = len(vectors)
    if count < 2:
        return 0.0, 0.0
    total = vectors.sum(axis=0, dtype=np.float64)
    means = 1 - (vectors @ total - 1) / (count - 1)
    off = Z * 2 * float(means.std()) / math.sqrt(count) if sampled else 0.0
    return max(0.0, float(means.mean())), off


def nearest_closeness(vectors: Vectors, neighbours: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mean cosine of each row to its nearest other rows; 0 for a single row."""
    count = len(vectors)
    near = min(neighbours, count - 1)
    if near < 1:
        return np.zeros(count)
    found = np.empty(count)
    for start in range(0, count, 1024):
        scores = vectors[start : start + 1024] @ vectors.T
        scores[np.arange(len(scores)), np.arange(start, start + len(scores))] = -1
        found[start : start + len(scores)] = np.sort(scores, axis=1)[:, -near:].mean(axis=1)
    return found


def lone_rows(closeness: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[list[int], float]:
    """Positions under the far-out fence (lower quartile - 3 interquartile ranges), loneliest first, and the fence."""
    limits = measures().meaning
    if len(closeness) < limits.fewest_rows:
        return [], 0.0
    low, high = np.quantile(closeness, [0.25, 0.75])
    fence = float(low - limits.lone_fence * (high - low))
    order = [int(place) for place in np.argsort(closeness, kind="stable") if closeness[place] < fence]
    return order[: limits.lone_most], fence


def _groups(found: Grouping, vectors: Vectors, ids: Sequence[int], prompts: Sequence[str]) -> list[MeaningGroup]:
    words = [set(_WORD.findall(prompt.casefold())) - rules().words.stop - rules().words.negation for prompt in prompts]
    everywhere = Counter(word for row in words for word in row)
    result = []
    for number in range(found.count):
        rows = np.flatnonzero(found.member == number)
        order = rows[np.argsort(-(vectors[rows] @ found.centres[number]), kind="stable")]
        here = Counter(word for place in rows for word in words[place])
        result.append(
            MeaningGroup(
                rows=len(rows),
                words=_telling(here, everywhere, len(rows), len(ids)),
                examples=[ids[place] for place in order[:KEPT_EXAMPLES]],
            )
        )
    return result


def _telling(here: Counter[str], everywhere: Counter[str], rows: int, whole: int) -> list[str]:
    """Words in at least 3 rows of the group, by how much more common they are in it than in all rows."""
    gain = {word: count / rows - everywhere[word] / whole for word, count in here.items() if count >= 3}
    return sorted((word for word in gain if gain[word] > 0), key=lambda word: (-gain[word], word))[:4]


def _map(vectors: Vectors, found: Grouping) -> list[MapPoint]:
    if len(vectors) < 3:
        return []
    places = sample_places(len(vectors), MAP_POINTS)
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    both = axes[:, -2:][:, ::-1]
    signs = np.sign(both[np.abs(both).argmax(axis=0), [0, 1]])
    flat = centred[places] @ (both * np.where(signs == 0, 1, signs))
    return [
        MapPoint(x=round(float(x), 4), y=round(float(y), 4), group=int(found.member[place]))
        for place, (x, y) in zip(places, flat, strict=True)
    ]
