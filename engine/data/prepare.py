"""File and recipe in, train / validation / test files and a report out: the quick way without a project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.data.column_values import values_at
from engine.data.columns import guess_columns
from engine.data.decisions import Decision, decisions_frame
from engine.data.detectable import detectable_sentence
from engine.data.encoders import Report, load_encoder, silent
from engine.data.export import export_bytes
from engine.data.mapping import apply_mapping
from engine.data.near_pairs import Load
from engine.data.near_run import NearChoices
from engine.data.read_result import ReadResult
from engine.data.recipe import Recipe
from engine.data.recipe_columns import compares, require_columns, split_encoder, without_absent
from engine.data.recipe_reader import read_for
from engine.data.records import CleaningStep
from engine.data.run_steps import run_steps
from engine.data.split_plan import PARTS
from engine.data.split_rows import SplitResult, check_enough, split_frame
from engine.errors import DatasetError
from engine.project.files import write_atomic


@dataclass(frozen=True)
class Prepared:
    """Everything a recipe made of a file."""

    read: ReadResult
    frame: pd.DataFrame
    steps: list[CleaningStep]
    decisions: list[Decision]
    split: SplitResult | None
    by_hand: tuple[str, ...] = ()
    notes: Sequence[str] = ()

    @property
    def rows_in(self) -> int:
        """Rows read from the file."""
        return self.read.rows


def prepare(
    path: Path, recipe: Recipe, *, load: Load = load_encoder, report: Report = silent, name: str | None = None
) -> Prepared:
    """Read, map, clean and split. Raises InputError and its kinds with one sentence."""
    read, notes = read_for(path, recipe, name or path.name)
    require_columns(recipe, read.columns, read.file)
    recipe = without_absent(recipe, read.columns)
    mapping = recipe.mapping or guess_columns(read.frame).mapping()
    frame, decisions = apply_mapping(read.frame, mapping, read.file)
    if frame.empty:
        raise DatasetError("No row could be read as a conversation.", decisions[0].detail if decisions else "")
    if recipe.split is not None:
        check_enough(len(frame))  # cleaning only makes them fewer, and may take half a minute
    step = CleaningStep(name="map", settings=mapping.model_dump(mode="json"), rows_in=read.rows, rows_out=len(frame))
    steps = [step]
    near = NearChoices(recipe.encoder, recipe.near_threshold, recipe.near_same_wording)
    for outcome in run_steps(recipe.steps, frame, load=load, report=report, near=near):
        steps.append(outcome.step)
        decisions = decisions + outcome.decisions
        frame = outcome.frame
    return Prepared(read, frame, steps, decisions, _split(frame, read, recipe, load, report), recipe.by_hand, notes)


def _split(frame: pd.DataFrame, read: ReadResult, recipe: Recipe, load: Load, report: Report) -> SplitResult | None:
    if recipe.split is None:
        return None

    def cells(column: str, row_ids: np.ndarray) -> list[str]:
        return values_at(read, column, row_ids)

    near = load if compares(recipe) else None
    return split_frame(frame, recipe.split, cells=cells, load=near, encoder=split_encoder(recipe), report=report)


def write_prepared(prepared: Prepared, out: Path) -> dict[str, str]:
    """Write chat JSONL per part, every decision as CSV and a report; return the paths by name.

    Without a split all rows go to `train.jsonl`.
    """
    files: dict[str, str] = {}
    for part in PARTS:
        rows = part_rows(prepared, part)
        if rows.empty and part != "train":
            continue
        write_atomic(out / f"{part}.jsonl", export_bytes(rows, "openai"))
        files[part] = str(out / f"{part}.jsonl")
    table = decisions_frame(prepared.decisions).to_csv(index=False)
    write_atomic(out / "decisions.csv", table.encode("utf-8"))
    write_atomic(out / "report.json", json.dumps(report_of(prepared), ensure_ascii=False, indent=1).encode("utf-8"))
    write_atomic(out / "report.md", report_words(prepared).encode("utf-8"))
    return {**files, "report": str(out / "report.json"), "decisions": str(out / "decisions.csv")}


def part_rows(prepared: Prepared, part: str) -> pd.DataFrame:
    """Rows of one part; all rows are train without a split."""
    if prepared.split is None:
        return prepared.frame if part == "train" else prepared.frame.head(0)
    inside = np.asarray(prepared.split.table["split"] == part)
    return prepared.frame.loc[inside].reset_index(drop=True)


def report_of(prepared: Prepared) -> dict[str, Any]:
    """The contract's fields of `data prepare`, but for the files."""
    split = prepared.split
    return {
        "file": prepared.read.file,
        "sha256": prepared.read.sha256,
        "rows_in": prepared.rows_in,
        "steps": [
            {
                "name": step.name, "rows_in": step.rows_in, "rows_out": step.rows_out, "changed": step.changed,
                "counts": step.counts, "note": step.note, "seconds": step.seconds,
            }
            for step in prepared.steps
        ],
        "rows_out": len(prepared.frame),
        "rejects": prepared.read.reject_count,
        "split": split.counts if split else {"train": len(prepared.frame), "validation": 0, "test": 0},
        "leaks": split.leaks.counts if split else {"exact": 0, "prefix": 0, "near": 0},
        "minimum_detectable_difference": split.detectable if split else None,
        "notes": [*prepared.notes, *(split.notes if split else [])],
        "leaks_between": split.leaks.between if split else {},
        "joined_from": split.joined_from if split else None,
        "not_repeated": list(prepared.by_hand),
    }  # fmt: skip


def report_words(prepared: Prepared) -> str:
    """The report for people, as Markdown."""
    body = report_of(prepared)
    lines = [
        f"# Data report: {body['file'].replace('`', '')}",
        "",
        f"{body['rows_out']:,} of {body['rows_in']:,} rows are ready; {body['rejects']:,} lines could not be read.",
        "",
        "| step | rows in | rows out | changed |",
        "|---|---|---|---|",
        *(f"| {s['name']} | {s['rows_in']:,} | {s['rows_out']:,} | {s['changed']:,} |" for s in body["steps"]),
        "",
    ]
    if prepared.split:
        counts, leaks = body["split"], body["leaks"]
        lines += [
            f"Train {counts['train']:,}, validation {counts['validation']:,}, test {counts['test']:,}.",
            f"Held-out rows found in train: {leaks['exact']} exact, {leaks['near']} near, {leaks['prefix']} by prefix.",
            detectable_sentence(counts["test"]),
            "",
        ]
    lines += body["notes"]
    if prepared.by_hand:
        lines += ["", f"Made by hand for an earlier file, so not repeated: {', '.join(prepared.by_hand)}."]
    return "\n".join(lines) + "\n"
