"""Everything that has to be right before a run starts, as sentences with a fix. Nothing is started or changed here."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass

from engine.data.records import Split
from engine.errors import InputError, MissingPackage, NotFound, TuneworthError
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.model_view import fit_sentence, long_sentence, silent_sentence
from engine.training.models import BaseModelInfo, find_base
from engine.training.rules import training_rules
from engine.training.tokens import TokenCounts, count_tokens

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@dataclass(frozen=True)
class Check:
    """One line of the list. A failed `blocking` check forbids the start; `page` is where it can be fixed."""

    ok: bool
    sentence: str
    fix: str = ""
    blocking: bool = True
    page: str = "train"


def preflight(project: Project, config: TrainConfig, *, online: bool = False) -> list[Check]:
    """Return all checks, failed ones included, in the order a user would fix them."""
    checks = [_packages()]
    split_id = project.records.pointer("split")
    checks += _rows(project, split_id)
    base, check = _base(config, online)
    checks.append(check)
    if base is not None:
        checks.append(_disk(project, base))
        if base.path is not None and base.template is None:
            checks.append(_no_template(base))
        if split_id is not None and base.path is not None:
            checks += _tokens(project, split_id, base, config)
    return checks


def blockers(checks: list[Check]) -> list[Check]:
    """The failed checks that forbid a start."""
    return [check for check in checks if check.blocking and not check.ok]


def missing_packages() -> list[str]:
    """Names of packages training needs and this installation lacks. Looks, without importing them."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def _packages() -> Check:
    missing = missing_packages()
    if missing:
        return Check(False, f"Training is not installed here ({', '.join(missing)}).", "Run `make setup` once.")
    return Check(True, "The training software is installed.")


def _rows(project: Project, split_id: str | None) -> list[Check]:
    if split_id is None:
        has_data = project.records.pointer("dataset") is not None
        words = "Your rows are not split yet." if has_data else "There are no examples yet."
        return [Check(False, words, "Clean and split them in the Data Studio.", page="data_studio")]
    limits = training_rules().preflight
    counts = project.records.get(Split, split_id).counts
    train, validation = counts["train"], counts["validation"]
    words = f"{train:,} training rows and {validation:,} validation rows."
    more = "Add examples in the Data Studio."
    found = [Check(train >= limits.fewest_rows, words, f"At least {limits.fewest_rows} are needed. {more}")]
    if limits.fewest_rows <= train < limits.few_rows:
        words = f"Only {train} training rows: examples in the prompt often do as well at this size."
        found.append(Check(False, words, more, blocking=False, page="data_studio"))
    if not validation:
        words = "There are no validation rows: nobody watches for learning by heart."
        found.append(Check(False, words, "Split again with a validation share.", blocking=False, page="data_studio"))
    return found


def _base(config: TrainConfig, online: bool) -> tuple[BaseModelInfo | None, Check]:
    try:
        base = find_base(config.base, online=online)
    except TuneworthError as error:
        return None, Check(False, error.message, error.hint or "Choose another base model.")
    if base.path is None:
        return base, Check(True, f"{base.name} will be downloaded first.")
    words = "the small demo model, to learn with" if base.demo else base.name
    return base, Check(True, f"The base is {words} ({base.parameters / 1e6:,.1f} million weights).")


def _disk(project: Project, base: BaseModelInfo) -> Check:
    limits = training_rules().preflight
    weights = base.parameters * limits.adapter_share
    needed = limits.disk_floor_bytes + weights * limits.disk_bytes_per_weight + (0 if base.path else base.size)
    free = shutil.disk_usage(project.path).free
    words = f"{free / 1e9:,.1f} GB free on this disk; about {needed / 1e9:,.1f} GB are needed for checkpoints."
    return Check(free >= needed, words, "Free some space on this disk.")


def _no_template(base: BaseModelInfo) -> Check:
    words = f"{base.name} has no chat template, so Tuneworth's plain one is used in training and everywhere after."
    return Check(False, words, "An instruct version of this base usually has one.", blocking=False)


def _tokens(project: Project, split_id: str, base: BaseModelInfo, config: TrainConfig) -> list[Check]:
    try:
        counts = count_tokens(project, split_id, base, config.system_prompt)
    except (InputError, MissingPackage, NotFound) as error:
        return [Check(False, error.message, error.hint)]
    found = [*_lengths(counts, config), *_silent(counts)]
    if base.context and config.max_length > base.context:
        words = f"The length limit is {config.max_length} tokens, but {base.name} reads {base.context}."
        found.append(Check(False, words, f"Set max_length to {base.context} or less."))
    return found


def _lengths(counts: TokenCounts, config: TrainConfig) -> list[Check]:
    long = counts.too_long(config.max_length)
    kept = sum(row.tokens <= config.max_length for row in counts.train)
    if not long:
        return [Check(True, fit_sentence(config.max_length))]
    words = long_sentence(long, config.max_length)
    fix = f"Raise max_length to {counts.length_for(1.0)} to keep them all, or shorten the texts."
    enough = kept >= training_rules().preflight.fewest_rows
    return [Check(False, words, fix, blocking=not enough)]


def _silent(counts: TokenCounts) -> list[Check]:
    silent = counts.silent()
    if not silent:
        return []
    return [
        Check(
            False, silent_sentence(silent), "Give them an answer or drop them in the Data Studio.", page="data_studio"
        )
    ]
