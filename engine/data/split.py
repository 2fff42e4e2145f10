"""Train, validation and test: seeded, stratified, whole clusters on one side, and a test part that is sealed."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from engine.data.clusters import close_questions, cluster_rows, questions
from engine.data.detectable import minimum_detectable_difference
from engine.data.encoders import Report, silent
from engine.data.leakage import LeakReport, find_leaks
from engine.data.near_pairs import Load
from engine.data.recipe import SplitPlan
from engine.data.records import Split, TestLook
from engine.data.rules import rules
from engine.data.versions import load_version, require_version, to_parquet
from engine.errors import Conflict, DatasetError, InputError
from engine.project.files import inside, read_json, sha256_bytes, write_atomic, write_json
from engine.project.project import Project
from engine.project.records import new_id

Part: TypeAlias = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
LABEL_WEIGHT = 3.0  # an even spread of each label counts more than exact shares overall (ours)


@dataclass(frozen=True)
class SplitResult:
    """`table` has row_id, split, cluster in row order; `joined_from` is the score that joined similar rows."""

    table: pd.DataFrame
    leaks: LeakReport
    joined_from: float
    stratified: bool
    grouped: bool

    @property
    def counts(self) -> dict[str, int]:
        """Rows per part."""
        found = self.table["split"].value_counts()
        return {part: int(found.get(part, 0)) for part in PARTS}

    @property
    def detectable(self) -> float | None:
        """Smallest difference the test part can show (0..1)."""
        return minimum_detectable_difference(self.counts["test"])


def split_frame(
    frame: pd.DataFrame,
    plan: SplitPlan | None = None,
    *,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
) -> SplitResult:
    """Divide rows. With `load` similar rows stay together too; without it only equal questions and groups.

    Raises DatasetError under 10 rows, InputError for impossible ratios.
    """
    plan = plan or SplitPlan()
    _check(len(frame), plan.ratios)
    prompts = questions(frame)
    close = close_questions(prompts, load, encoder, report)
    clusters, joined = cluster_rows(frame, close)
    labels = frame["label"].tolist() if plan.stratify else [""] * len(frame)
    parts = assign(clusters, labels, plan.ratios, plan.seed, frame["synthetic"].tolist())
    leaks = find_leaks(parts, prompts, close, near_checked=load is not None)
    table = pd.DataFrame({"row_id": frame["row_id"].to_numpy(), "split": parts, "cluster": clusters})
    grouped = bool(frame["meta"].str.contains('"group"', regex=False).any())
    return SplitResult(table.astype({"split": "str"}), leaks, joined, len(set(labels)) > 1, grouped)


def _check(rows: int, ratios: Sequence[float]) -> None:
    fewest = rules().split.fewest_rows
    if rows < fewest:
        raise DatasetError(
            f"{rows} rows are too few to divide: at least {fewest} are needed.",
            "Add rows; for a result you can trust, 100 or more.",
        )
    if len(ratios) != 3 or min(ratios) < 0 or abs(sum(ratios) - 1) > 1e-6 or ratios[0] <= 0:
        raise InputError("The three shares must add up to 1, with some rows for training.", "For example .8 .1 .1.")


def assign(
    clusters: np.ndarray, labels: list[str], ratios: Sequence[float], seed: int, synthetic: list[bool] | None = None
) -> np.ndarray:
    """Give every cluster one part. Large clusters first, then whatever part is most behind, overall and per label.

    Clusters with a synthetic row only ever train. The first cluster of a label trains.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, cluster in enumerate(clusters.tolist()):
        members[cluster].append(row)
    order = list(members)
    np.random.default_rng(seed).shuffle(order)
    order.sort(key=lambda cluster: -len(members[cluster]))
    share = np.array(ratios, dtype=float)
    total = np.zeros(3)
    by_label: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(3))
    parts = np.empty(len(clusters), dtype=object)
    for cluster in order:
        rows = members[cluster]
        label = _common([labels[row] for row in rows])
        size = len(rows)
        overall = share * (total.sum() + size) - total
        in_label = share * (by_label[label].sum() + size) - by_label[label]
        behind = overall + LABEL_WEIGHT * in_label
        behind[share == 0] = -np.inf
        only_train = synthetic is not None and any(synthetic[row] for row in rows)
        part = 0 if only_train or not by_label[label].any() else int(behind.argmax())
        total[part] += size
        by_label[label][part] += size
        parts[rows] = PARTS[part]
    return parts


def _common(labels: list[str]) -> str:
    return max(sorted(set(labels)), key=labels.count)


def make_split(
    project: Project,
    plan: SplitPlan | None = None,
    *,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
) -> Split:
    """Split the current version, save it and make it the split in use. Raises Conflict without a dataset."""
    version = require_version(project)
    plan = plan or SplitPlan()
    result = split_frame(load_version(project, version.id), plan, load=load, encoder=encoder, report=report)
    name = new_id()
    data = to_parquet(result.table)
    folder = project.dir("data")
    write_atomic(folder / f"split-{name}.parquet", data)
    write_json(folder / f"split-{name}.leaks.json", result.leaks.to_json(result.table["row_id"].tolist()))
    split = Split(
        id=name,
        dataset_id=version.id,
        seed=plan.seed,
        ratios=plan.ratios,
        counts=result.counts,
        leaks=result.leaks.counts,
        near_checked=result.leaks.near_checked,
        stratified=result.stratified,
        grouped=result.grouped,
        clusters=int(result.table["cluster"].nunique()),
        minimum_detectable_difference=result.detectable,
        path=f"data/split-{name}.parquet",
        sha256=sha256_bytes(data),
    )
    project.records.save(split)
    project.records.set_pointer("split", split.id)
    details = {**split.counts, "seed": split.seed, "leaks": split.leaks}
    project.audit.append("split.create", {"split": split.id, "dataset": version.id, "sha256": split.sha256}, details)
    return split


def current_split(project: Project) -> Split | None:
    """The split in use, or None."""
    pointer = project.records.pointer("split")
    return project.records.get(Split, pointer) if pointer else None


def split_table(project: Project, split: Split) -> pd.DataFrame:
    """row_id, split, cluster of every row. Raises InputError when the file was changed."""
    data = inside(project.path, split.path).read_bytes()
    if sha256_bytes(data) != split.sha256:
        raise InputError("The split was changed outside Tuneworth.", "Make a new split.")
    return pd.read_parquet(io.BytesIO(data))


def rows_of(project: Project, split: Split, part: Part, purpose: str = "") -> pd.DataFrame:
    """Canonical rows of one part. The test part is sealed: it needs a purpose, and each look is counted.

    Raises Conflict for the test part without a purpose.
    """
    if part not in PARTS:
        raise InputError(f"There is no part {part!r}.", "Use train, validation or test.")
    if part == "test" and not purpose.strip():
        raise Conflict("The test rows are sealed.", "They are opened by the evaluation, which says what for.")
    table = split_table(project, split)
    frame = load_version(project, split.dataset_id)
    wanted = table.loc[table["split"] == part, "row_id"]
    rows = frame[frame["row_id"].isin(wanted)].reset_index(drop=True)
    if part == "test":
        look = TestLook(split_id=split.id, purpose=purpose[:200], rows=len(rows))
        project.records.save(look)
        project.audit.append("test.look", {"split": split.id}, {"rows": len(rows), "looks": looks(project, split)})
    return rows


def looks(project: Project, split: Split) -> int:
    """How often the test rows of a split were opened."""
    return sum(look.split_id == split.id for look in project.records.list(TestLook))


def leak_list(project: Project, split: Split) -> list[dict[str, object]]:
    """The leaks found when the split was made: kind, part, row_id, train_row_id, score, reason."""
    path = inside(project.path, split.path.replace(".parquet", ".leaks.json"))
    return list(read_json(path))
