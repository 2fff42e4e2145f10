"""Give every cluster of rows one part: by chance and evenly per label, or by date with the newest rows in the test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.rules import rules
from engine.data.split_plan import PARTS

LABEL_WEIGHT = 3.0  # an even spread of each label counts more than exact shares overall (ours)
TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class _Cluster:
    rows: list[int]
    label: str
    fixed: bool  # only ever trains

    @property
    def size(self) -> int:
        return len(self.rows)


def assign(
    clusters: np.ndarray,
    labels: Sequence[str],
    ratios: Sequence[float],
    seed: int,
    synthetic: Sequence[bool] | None = None,
) -> np.ndarray:
    """Part of each row. Large clusters first, then whatever part is most behind, overall and per label.

    Clusters with a synthetic row only ever train. The first cluster of a label trains. When labels with one cluster
    make up more than `rare_share` of the rows they are treated as one label, else all of them would train. A wanted
    part that would stay empty gets the smallest cluster that training can spare.
    """
    order = _shuffled(clusters, labels, seed, synthetic)
    order.sort(key=lambda cluster: -cluster.size)
    names = _strata(order)
    total = [0.0, 0.0, 0.0]
    by_label: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    chosen: list[int] = []
    for cluster, name in zip(order, names, strict=True):
        own = by_label[name]
        part = TRAIN if cluster.fixed or not any(own) else _most_behind(total, own, ratios, cluster.size)
        total[part] += cluster.size
        own[part] += cluster.size
        chosen.append(part)
    _fill_empty(order, names, chosen, ratios)
    return _parts(len(clusters), order, chosen)


def assign_by_time(
    clusters: np.ndarray,
    when: np.ndarray,
    ratios: Sequence[float],
    seed: int,
    synthetic: Sequence[bool] | None = None,
) -> np.ndarray:
    """Part of each row, the newest in the test and the next newest in validation. `when` is datetime64, NaT = unknown.

    A cluster counts with the median of its dates. Clusters without a date, with a synthetic row, or more than twice as
    large as the part they would fill stay in training; equal dates are ordered by the seed.
    """
    order = _shuffled(clusters, [""] * len(clusters), seed, synthetic)
    medians = cluster_medians(clusters, when)
    middle = [medians[cluster.rows[0]] for cluster in order]
    wanted = [share * len(clusters) for share in ratios]
    movable = [place for place, cluster in enumerate(order) if not cluster.fixed and not np.isnat(middle[place])]
    movable.sort(key=lambda place: middle[place], reverse=True)
    chosen = [TRAIN] * len(order)
    spare = len(order) - 1  # one cluster at least trains
    for part in (TEST, VALIDATION):
        if ratios[part] <= 0:
            continue
        taken = _newest(order, movable, wanted[part], spare)
        for place in taken:
            chosen[place] = part
        movable = [place for place in movable if place not in taken]
        spare -= len(taken)
    return _parts(len(clusters), order, chosen)


def out_of_order(parts: np.ndarray, when: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Rows (bool) that stand in another part than their own date would put them, because their cluster is there."""
    medians = cluster_medians(clusters, when)
    test = _first(medians[parts == "test"])
    held = _first(medians[parts == "validation"])
    held = test if np.isnat(held) else held
    train = (parts == "train") & (when > held)
    validation = (parts == "validation") & ((when < held) | (when > test))
    return np.asarray(train | validation | ((parts == "test") & (when < test)))


def cluster_medians(clusters: np.ndarray, when: np.ndarray) -> np.ndarray:
    """The (lower) median date of each row's cluster; NaT when no row of it has a date."""
    found = np.full(len(clusters), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    dated = np.flatnonzero(~np.isnat(when))
    if not len(dated):
        return found
    dated = dated[np.lexsort((when[dated], clusters[dated]))]
    names, start, count = np.unique(clusters[dated], return_index=True, return_counts=True)
    middle = when[dated][start + (count - 1) // 2]
    place = np.minimum(np.searchsorted(names, clusters), len(names) - 1)
    known = names[place] == clusters
    found[known] = middle[place[known]]
    return found


def _first(moments: np.ndarray) -> np.datetime64:
    known = moments[~np.isnat(moments)]
    return known.min() if len(known) else np.datetime64("NaT", "s")


def _newest(order: list[_Cluster], movable: list[int], wanted: float, spare: int) -> set[int]:
    """Clusters from the newest on until `wanted` rows are met as closely as whole clusters allow."""
    fitting = [place for place in movable if order[place].size <= 2 * max(wanted, 1)]
    taken: set[int] = set()
    rows = 0
    for place in fitting or movable[:1]:
        size = order[place].size
        if len(taken) >= spare or (taken and rows + size - wanted > wanted - rows):
            break
        taken.add(place)
        rows += size
    return taken


def _shuffled(
    clusters: np.ndarray, labels: Sequence[str], seed: int, synthetic: Sequence[bool] | None
) -> list[_Cluster]:
    members: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(clusters.tolist()):
        members[number].append(row)
    keys = list(members)
    np.random.default_rng(seed).shuffle(keys)
    made = synthetic or [False] * len(clusters)
    return [
        _Cluster(members[key], _common([labels[row] for row in members[key]]), any(made[row] for row in members[key]))
        for key in keys
    ]


def _strata(order: list[_Cluster]) -> list[str]:
    """Label of each cluster, with labels of one cluster pooled when they are more than a few."""
    count: dict[str, int] = defaultdict(int)
    for cluster in order:
        count[cluster.label] += 1
    lone = sum(cluster.size for cluster in order if count[cluster.label] == 1)
    rows = sum(cluster.size for cluster in order)
    if lone <= rules().split.rare_share * rows:
        return [cluster.label for cluster in order]
    return ["" if count[cluster.label] == 1 else cluster.label for cluster in order]


def _most_behind(total: list[float], own: list[float], ratios: Sequence[float], size: int) -> int:
    whole, inside = sum(total) + size, sum(own) + size
    behind = [
        (share * whole - total[part]) + LABEL_WEIGHT * (share * inside - own[part]) if share else -np.inf
        for part, share in enumerate(ratios)
    ]
    return behind.index(max(behind))


def _fill_empty(order: list[_Cluster], names: list[str], chosen: list[int], ratios: Sequence[float]) -> None:
    for part in (TEST, VALIDATION):
        if ratios[part] <= 0 or part in chosen:
            continue
        spare = [place for place, given in enumerate(chosen) if given == TRAIN and not order[place].fixed]
        if chosen.count(TRAIN) < 2:
            spare = [place for place, given in enumerate(chosen) if given == VALIDATION and part == TEST]
        left = Counter(names[place] for place, given in enumerate(chosen) if given == TRAIN)
        if spare:
            best = min(spare, key=lambda place: (left[names[place]] == 1, order[place].size))
            chosen[best] = part


def _parts(count: int, order: list[_Cluster], chosen: list[int]) -> np.ndarray:
    parts = np.empty(count, dtype=object)
    for cluster, part in zip(order, chosen, strict=True):
        parts[cluster.rows] = PARTS[part]
    return parts


def _common(labels: list[str]) -> str:
    counted = Counter(labels)
    return max(sorted(counted), key=lambda label: counted[label])
