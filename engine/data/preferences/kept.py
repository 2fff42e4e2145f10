"""Pairs kept in a project: collected, checked, sealed like the rows they come from, saved once and never changed."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.messages import COLUMNS, dumps, loads
from engine.data.preferences.columns import pairs_from_columns
from engine.data.preferences.pair import SOURCES, LengthBias, Pair, check_pairs, length_bias, prompt_key, split_talk
from engine.data.preferences.ratings import RatedPairs, pairs_from_ratings
from engine.data.preferences.reviews import pairs_from_reviews
from engine.data.records import Source, Split
from engine.data.review.rules import review_rules
from engine.data.sources import read_source
from engine.data.split import current_split, split_table
from engine.data.versions import get_version, load_version, require_version, to_parquet
from engine.errors import Conflict, DatasetError, InputError
from engine.project.files import inside, sha256_bytes, write_atomic
from engine.project.project import Project
from engine.project.records import Record, new_id

POINTER = "preferences"
FRAME = ("prompt", "chosen", "rejected", "source", "row_id")


class PairPlan(BaseModel):
    """Where pairs come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: bool = Field(default=True, description="Rows with a better and a worse answer")
    reviews: bool = Field(default=True, description="Answers corrected in a review")
    rating_column: str | None = Field(default=None, description="Column of the file that rates the answer")
    minimum_gap: float = Field(
        default_factory=lambda: review_rules().pairs.minimum_gap,
        ge=0,
        description="Smallest difference between the best and the worst rating of a question",
    )


class PreferenceSet(Record):
    """An immutable set of pairs."""

    kind: ClassVar[str] = "preference_set"

    dataset_id: str = Field(description="Version of the rows they came from")
    split_id: str | None = Field(default=None, description="Split whose test part was kept out")
    plan: PairPlan = Field(description="Where they came from")
    counts: dict[str, int] = Field(description="Pairs by source")
    left_out: dict[str, int] = Field(description="Left out, by reason")
    path: str = Field(description="Parquet file in the project folder")
    sha256: str = Field(description="Fingerprint of that file")

    @property
    def pairs(self) -> int:
        """Number of pairs."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Collected:
    """Checked pairs before they are kept; `frame` has prompt (messages as JSON), chosen, rejected, source, row_id."""

    frame: pd.DataFrame
    counts: dict[str, int]
    left_out: dict[str, int]
    bias: LengthBias
    ratings: RatedPairs | None


def collect_pairs(project: Project, plan: PairPlan | None = None) -> Collected:
    """Find, check and seal pairs of the rows in use; nothing is saved.

    Pairs whose row or prompt lies in the test part are left out (`sealed`). Raises Conflict without a dataset,
    InputError for an unknown or unusable rating column.
    """
    plan = plan or PairPlan()
    version = require_version(project)
    frame = load_version(project, version.id)
    found: list[Pair] = []
    out: Counter[str] = Counter()
    if plan.columns:
        found += pairs_from_columns(frame)
    rated = None
    if plan.rating_column is not None:
        rated = pairs_from_ratings(frame, _cells(project, version.source_id, plan.rating_column), plan.minimum_gap)
        found += rated.pairs
    if plan.reviews:
        reviewed = pairs_from_reviews(project, frame)
        found += reviewed.pairs
        out["question_changed"] += reviewed.question_changed
    checked = check_pairs(found)
    out.update(checked.left_out)
    pairs = _frame(checked.pairs)
    parts = _parts(project, pairs)
    out["sealed"] += int((parts == "test").sum())
    kept = pairs[parts != "test"].reset_index(drop=True)
    counts: dict[str, int] = {source: int((kept["source"] == source).sum()) for source in SOURCES}
    bias = length_bias(kept["chosen"].tolist(), kept["rejected"].tolist())
    return Collected(kept, counts, {reason: count for reason, count in out.items() if count}, bias, rated)


def make_pairs(project: Project, plan: PairPlan | None = None) -> PreferenceSet:
    """Keep the pairs as a set of their own and make it the one in use. Raises DatasetError when there is none."""
    plan = plan or PairPlan()
    collected = collect_pairs(project, plan)
    if collected.frame.empty:
        raise DatasetError(
            "There is no pair of a better and a worse answer.",
            "Correct answers in a review, or use a file with chosen and rejected answers or with ratings.",
        )
    version, split = require_version(project), current_split(project)
    name = new_id()
    data = to_parquet(collected.frame)
    path = f"data/pairs-{name}.parquet"
    write_atomic(project.path / path, data)
    kept = PreferenceSet(
        id=name,
        dataset_id=version.id,
        split_id=split.id if split else None,
        plan=plan,
        counts=collected.counts,
        left_out=collected.left_out,
        path=path,
        sha256=sha256_bytes(data),
    )
    project.records.save(kept)
    project.records.set_pointer(POINTER, kept.id)
    details = {**kept.counts, "left_out": kept.left_out}
    project.audit.append("pairs.create", {"pairs": kept.id, "dataset": version.id, "sha256": kept.sha256}, details)
    return kept


def current_pairs(project: Project) -> PreferenceSet | None:
    """The set in use, or None."""
    pointer = project.records.pointer(POINTER)
    return project.records.get(PreferenceSet, pointer) if pointer else None


def load_pairs(project: Project, set_id: str | None = None) -> pd.DataFrame:
    """Pairs to train from: prompt (messages as JSON text), chosen, rejected, source, row_id, and split.

    `split` is train, validation, or empty when the row is in no split. Pairs that lie in the test part of the split
    in use are left out, also when it was made later. Raises Conflict without a set, InputError for a changed file.
    """
    kept = project.records.get(PreferenceSet, set_id) if set_id else current_pairs(project)
    if kept is None:
        raise Conflict("There are no preference pairs yet.", "Make them in Data Studio, tab Review.")
    data = inside(project.path, kept.path).read_bytes()
    if sha256_bytes(data) != kept.sha256:
        raise InputError("The pairs were changed outside Tuneworth.", "Make them again.")
    frame = pd.read_parquet(io.BytesIO(data))
    frame = frame.assign(split=_parts(project, frame))
    return frame[frame["split"] != "test"].reset_index(drop=True)


def as_rows(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs as canonical rows (better answer as the answer, worse one in `meta`): what export target `dpo` takes."""
    answers = zip(pairs["prompt"], pairs["chosen"], strict=True)
    rows = {
        "row_id": range(len(pairs)),
        "messages": [dumps([*loads(prompt), {"role": "assistant", "content": chosen}]) for prompt, chosen in answers],
        "label": "",
        "source": pairs["source"].tolist(),
        "meta": [json.dumps({"rejected": text}, ensure_ascii=False) for text in pairs["rejected"]],
        "synthetic": False,
    }
    text = dict.fromkeys(("messages", "label", "source", "meta"), "str")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"row_id": "int64", "synthetic": "bool", **text})


def pairs_jsonl(pairs: pd.DataFrame) -> bytes:
    """JSON lines with prompt, chosen, rejected: plain texts when every prompt is one question, else conversations.

    Both forms are TRL's ("standard" and "conversational" preference format); instructions and earlier turns survive.
    """
    prompts = [loads(text) for text in pairs["prompt"]]
    plain = all([turn["role"] for turn in prompt] == ["user"] for prompt in prompts)
    lines = []
    for prompt, chosen, rejected in zip(prompts, pairs["chosen"], pairs["rejected"], strict=True):
        row: dict[str, object] = {"prompt": prompt[0]["content"], "chosen": chosen, "rejected": rejected}
        if not plain:
            answers = {"chosen": chosen, "rejected": rejected}
            said = {name: [{"role": "assistant", "content": text}] for name, text in answers.items()}
            row = {"prompt": prompt, **said}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines).encode("utf-8", "surrogatepass")


def _frame(pairs: list[Pair]) -> pd.DataFrame:
    rows = [(dumps(pair.messages), pair.chosen, pair.rejected, pair.source, pair.row_id) for pair in pairs]
    text = dict.fromkeys(FRAME[:4], "str")
    return pd.DataFrame(rows, columns=list(FRAME)).astype({"row_id": "int64", **text})


def _parts(project: Project, pairs: pd.DataFrame) -> pd.Series:
    """Part of the split of each pair: by its row, and `test` or `validation` when its prompt stands there."""
    empty = pd.Series([""] * len(pairs), index=pairs.index, dtype="str")
    split = current_split(project)
    if split is None or pairs.empty:
        return empty
    by_row, by_prompt = _where(project, split)
    same = get_version(project, split.dataset_id).source_id == require_version(project).source_id
    found = []
    for row, prompt in zip(pairs["row_id"].tolist(), pairs["prompt"].tolist(), strict=True):
        places = {by_row.get(row, "") if same else "", by_prompt.get(prompt_key(loads(prompt)), "")}
        found.append(next((part for part in ("test", "validation", "train") if part in places), ""))
    return pd.Series(found, index=pairs.index, dtype="str")


def _where(project: Project, split: Split) -> tuple[dict[int, str], dict[str, str]]:
    table = split_table(project, split)
    by_row = dict(zip(table["row_id"].tolist(), table["split"].tolist(), strict=True))
    by_prompt: dict[str, str] = {}
    frame = load_version(project, split.dataset_id)
    for row, text in zip(frame["row_id"].tolist(), frame["messages"].tolist(), strict=True):
        part = by_row.get(row, "")
        if part in ("validation", "test"):
            prompt, _ = split_talk(loads(text))
            key = prompt_key([{"role": role, "content": content} for role, content in prompt])
            if by_prompt.get(key) != "test":
                by_prompt[key] = part
    return by_row, by_prompt


def _cells(project: Project, source_id: str, column: str) -> dict[int, str]:
    source = project.records.get(Source, source_id)
    if column not in source.columns:
        listed = ", ".join(map(repr, source.columns))
        raise InputError(f"There is no column {column!r} in the file.", f"Its columns are {listed}.")
    cells: list[str] = []
    for piece in read_source(project, source).pieces([column]):
        cells += piece[column].tolist()
    return dict(enumerate(cells))
