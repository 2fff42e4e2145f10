"""A recipe: mapping, cleaning steps and split in one YAML file, the same for the app and for `data prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.data.mapping import Mapping
from engine.data.read_result import ReaderSettings
from engine.data.split_plan import SplitPlan, check_ratios
from engine.errors import InputError

StepName: TypeAlias = Literal[
    "whitespace", "empty", "short_answers", "exact_duplicates", "conflicts", "near_duplicates",
    "fix_trim", "fix_merge_turns", "fix_cut_to_answer", "fix_start_with_question", "fix_drop_empty_turns",
    "fix_set_label", "fix_set_instructions", "fix_rewrite_reserved",
]  # fmt: skip
FIX_STEPS: tuple[StepName, ...] = (
    "fix_trim", "fix_merge_turns", "fix_cut_to_answer", "fix_start_with_question", "fix_drop_empty_turns",
    "fix_set_label", "fix_set_instructions", "fix_rewrite_reserved",
)  # fmt: skip
ALL_STEPS: tuple[StepName, ...] = (
    "whitespace", "empty", "short_answers", "exact_duplicates", "conflicts", "near_duplicates",
)  # fmt: skip
TITLES: dict[str, str] = {
    "map": "Columns mapped",
    "whitespace": "Spaces and invisible characters tidied",
    "empty": "Rows without question or answer left out",
    "short_answers": "Too short answers left out",
    "exact_duplicates": "Exact copies left out",
    "conflicts": "Same question, different answer: listed",
    "near_duplicates": "Rows that say the same left out",
    "fix_trim": "Stray spaces tidied",
    "fix_merge_turns": "Turns of one speaker joined",
    "fix_cut_to_answer": "Conversations cut after the last answer",
    "fix_start_with_question": "Conversations started at the first question",
    "fix_drop_empty_turns": "Empty turns taken out",
    "fix_set_label": "Labels written one way",
    "fix_set_instructions": "Instructions given to rows without them",
    "fix_rewrite_reserved": "Reserved words written differently",
}


class Recipe(BaseModel):
    """Everything needed to prepare the next file the same way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    reader: ReaderSettings = Field(default_factory=ReaderSettings, description="How to read the file")
    mapping: Mapping | None = Field(default=None, description="Columns; left out means: guess")
    steps: tuple[StepName, ...] = Field(default=ALL_STEPS, description="Cleaning steps in order")
    encoder: Literal["minilm", "static"] = Field(default="minilm", description="Model that compares meanings")
    near_threshold: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Likeness from which rows say the same; left out means the default"
    )
    near_same_wording: bool | None = Field(
        default=None, description="Whether letters must agree too; left out means the default"
    )
    split: SplitPlan | None = Field(default_factory=SplitPlan, description="Left out means no split")
    by_hand: tuple[str, ...] = Field(default=(), description="Steps made by hand for one file: told, never repeated")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file. Raises InputError naming the field that is wrong."""
    try:
        return recipe_from(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError as error:
        raise InputError(f"There is no recipe file {path.name!r}.", "Check the path.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path.name} is not readable as YAML.", "Check its indentation.") from error


def recipe_from(text: str, name: str) -> Recipe:
    """Read the YAML text of a recipe called `name`. Raises InputError naming the field that is wrong."""
    try:
        recipe = Recipe.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise InputError(f"{name} is not readable as YAML.", "Check its indentation.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        hint = "Compare it with a recipe that the app writes."
        raise InputError(f"The recipe is wrong at {place}: {first['msg']}.", hint) from error
    if recipe.split is not None:
        check_ratios(recipe.split.ratios)
    return recipe


def recipe_yaml(recipe: Recipe) -> str:
    """Write a recipe as YAML with fixed order."""
    body = recipe.model_dump(mode="json", exclude_none=True)
    if recipe.split is None:
        body["split"] = None  # left out would mean the usual split
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True)


__all__ = [
    "ALL_STEPS", "FIX_STEPS", "TITLES", "Recipe", "SplitPlan", "StepName", "read_recipe", "recipe_from", "recipe_yaml",
]  # fmt: skip
