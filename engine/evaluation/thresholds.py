"""The limits of the Evaluate page, from `assets/rules/evaluation.yml`."""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from engine.facts.yaml_file import asset_path, load_yaml


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    checked: date


class VerdictRules(_Block):
    """When a difference may be called one."""

    fewest_disagreeing_rows: int = Field(ge=1)
    anecdote_below_rows: int = Field(ge=1)
    significance: float = Field(gt=0, lt=1)
    hopeless_below: float = Field(ge=0, lt=1)
    gap_worth_seeing: float = Field(gt=0, lt=1)


class TestSetRules(_Block):
    """How often the sealed rows may be used."""

    __test__ = False  # not a pytest class

    looks_before_warning: int = Field(ge=1)


class FormatRules(_Block):
    """When answers have a format."""

    majority: float = Field(gt=0, le=1)
    most_label_letters: int = Field(ge=1)
    fewest_rows_per_label: float = Field(ge=1)
    required_key_share: float = Field(gt=0, le=1)


class FewShotRules(_Block):
    """Which numbers of examples the prompted base may try, and on how many validation rows."""

    candidates: tuple[int, ...]
    rows_to_choose_on: int = Field(ge=1)


class GenerationRules(_Block):
    """Defaults for asking a local model."""

    max_new_tokens: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    endless_share: float = Field(gt=0, lt=1)


class EvaluationRules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: VerdictRules
    test_set: TestSetRules
    answer_format: FormatRules
    few_shot: FewShotRules
    generation: GenerationRules


@cache
def evaluation_rules() -> EvaluationRules:
    """Return the rules that ship with Tuneworth. Raises InputError naming key and line when the file is wrong."""
    return load_yaml(asset_path("rules/evaluation.yml"), EvaluationRules)
