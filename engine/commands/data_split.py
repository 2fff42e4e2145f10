"""`tuneworth data prepare` and `tuneworth data split`. Heavy imports stay inside the functions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.commands.progress import progress
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.data.recipe import Recipe
    from engine.data.split_plan import SplitPlan
    from engine.data.split_rows import SplitResult


def register(add: Any) -> None:
    """Add both commands; `add(name, run, help)` makes a parser with a FILE."""
    prepare = add("prepare", run_prepare, "clean and split a file with a recipe")
    prepare.add_argument("--recipe", type=Path, required=True)
    prepare.add_argument("--out", type=Path, required=True)
    prepare.add_argument(
        "--rename", action="append", default=[], metavar="OLD=NEW", help="a column of the recipe has another name now"
    )
    split = add("split", run_split, "divide a file into train, validation and test")
    split.add_argument("--ratios", type=float, nargs=3, default=None, metavar=("TRAIN", "VALIDATION", "TEST"))
    split.add_argument("--label", metavar="COLUMN", help="spread the values of this column evenly")
    split.add_argument("--group", metavar="COLUMN", help="rows with the same value stay on one side")
    split.add_argument("--time", metavar="COLUMN", help="dates: the newest rows become the test")
    order = split.add_mutually_exclusive_group()
    order.add_argument("--day-first", dest="day_first", action="store_const", const=True, help="3/4/2026 is 3 April")
    order.add_argument("--month-first", dest="day_first", action="store_const", const=False, help="3/4/2026 is 4 March")
    split.add_argument("--seed", type=int, default=None)
    split.add_argument("--recipe", type=Path, default=None, help="columns and split of a recipe; options here win")
    split.add_argument("--out", type=Path, default=None, help="folder; default: beside the file")
    split.add_argument("--encoder", choices=("minilm", "static", "none"), default="minilm")


def run_prepare(args: argparse.Namespace) -> Outcome:
    """Clean and split a file with a recipe."""
    from engine.data.prepare import prepare, report_of, report_words, write_prepared
    from engine.data.recipe import read_recipe
    from engine.data.recipe_columns import renamed

    recipe = renamed(read_recipe(args.recipe), _names(args.rename))
    prepared = prepare(args.file, recipe, report=progress())
    files = write_prepared(prepared, args.out)
    return Outcome({**report_of(prepared), "files": files}, report_words(prepared))


def run_split(args: argparse.Namespace) -> Outcome:
    """Divide a file; rows that say the same stay on one side."""
    from engine.data.encoders import load_encoder
    from engine.data.read_table import read_table
    from engine.data.recipe import read_recipe
    from engine.data.recipe_columns import require_columns, without_absent
    from engine.data.recipe_reader import read_for
    from engine.data.split_file import split_file

    recipe = read_recipe(args.recipe) if args.recipe else None
    plan = _plan(args, recipe)
    if recipe is None:
        read, mapping = read_table(args.file), None
    else:
        read, _ = read_for(args.file, recipe, args.file.name)
        require_columns(recipe, read.columns, read.file)
        mapping = without_absent(recipe, read.columns).mapping
    done = split_file(
        read,
        args.file,
        plan,
        args.out or args.file.parent,
        mapping=mapping,
        load=None if args.encoder == "none" or plan.compare is False else load_encoder,
        encoder=args.encoder,
        report=progress(),
    )
    return _outcome(done.result, done.files, plan)


def _outcome(result: SplitResult, files: dict[str, str], plan: SplitPlan) -> Outcome:
    from engine.data.detectable import detectable_sentence, target_sentence
    from engine.data.split_notes import joined_sentence

    document = {
        "counts": result.counts,
        "leaks": result.leaks.counts,
        "minimum_detectable_difference": result.detectable,
        "files": files,
        "near_checked": result.leaks.near_checked,
        "leaks_between": result.leaks.between,
        "joined_from": result.joined_from,
        "notes": result.notes,
        "labels": result.labels,
        "clusters": int(result.table["cluster"].nunique()),
        "plan": plan.model_dump(mode="json"),
        "leaked": result.leaks.to_json(result.table["row_id"].tolist()),
    }
    counts = ", ".join(f"{part} {count:,}" for part, count in result.counts.items())
    leaks = ", ".join(f"{count} {kind}" for kind, count in result.leaks.counts.items())
    lines = [
        f"{counts}. Found in train: {leaks}.",
        detectable_sentence(result.counts["test"]),
        target_sentence(sum(result.counts.values())),
        joined_sentence(result.joined_from, near_checked=result.leaks.near_checked),
        *result.notes,
    ]
    return Outcome(document, "\n".join(line for line in lines if line))


def _plan(args: argparse.Namespace, recipe: Recipe | None) -> SplitPlan:
    from engine.data.split_plan import SplitPlan, check_ratios

    base = recipe.split if recipe is not None and recipe.split is not None else SplitPlan()
    given: dict[str, Any] = {
        name: getattr(args, name)
        for name in ("label", "group", "time", "day_first", "seed")
        if getattr(args, name) is not None
    }
    if args.ratios is not None:
        whole = 100.0 if sum(args.ratios) > 2 else 1.0  # 80 10 10 is meant as percent
        given["ratios"] = tuple(share / whole for share in args.ratios)
    if given.get("seed", 0) < 0:
        raise InputError("The seed must be 0 or more.", "For example --seed 7.")
    plan = base.model_copy(update=given)
    check_ratios(plan.ratios)
    return plan


def _names(pairs: Sequence[str]) -> dict[str, str | None]:
    names: dict[str, str | None] = {}
    for pair in pairs:
        old, found, new = pair.partition("=")
        if not found or not old:
            raise InputError(f"{pair!r} is not a renaming.", "Write --rename OLD=NEW, or OLD= to go without it.")
        names[old] = new or None
    return names
