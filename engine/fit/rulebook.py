"""The rule book of Fit Check as a checked data file (assets/rules/fit.yml)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import NotFound
from engine.facts.yaml_file import asset_path, load_yaml

VerdictName = Literal["prompt_first", "few_shot_first", "rag_first", "hybrid", "fine_tune", "collect_data"]
COMPUTED = ("examples_per_category", "enough_examples", "recommended_examples", "latency_gap")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bound(_Part):
    """A number in [at_least, below)."""

    at_least: float | None = None
    below: float | None = None


class Only(_Part):
    """Something was chosen, and nothing outside this list."""

    only: list[str]


class Answered(_Part):
    """Whether the question was answered at all."""

    answered: bool


Condition = list[str] | Bound | Only | Answered
Block = dict[str, Condition]


class Option(_Part):
    """One choice of a question."""

    id: str
    text: str = Field(description="On screen")
    phrase: str = Field(alias="if", description="Completes: If ...")
    aliases: list[str]


class Question(_Part):
    """One question, with the reason why it is asked."""

    id: str
    kind: Literal["one", "several", "number", "text"]
    text: str
    why: str
    weight: float = Field(ge=0, le=1, description="Confidence lost while it is unanswered")
    aliases: list[str] = []
    options: list[Option] = []
    phrase: str = Field(default="", alias="if")
    probes: list[float] = Field(default=[], description="Numbers tried when looking for what would change the verdict")
    more: bool = Field(default=False, description="Shown under More details")

    def option(self, option_id: str) -> Option:
        """Return one option. Raises NotFound."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise NotFound(f"{self.id} has no option {option_id!r}.")


class Derived(_Part):
    """A fact that follows from answers."""

    when: list[Block]
    unless: list[Block] = []


class Rule(_Part):
    """One rule: when it applies, what it speaks for or against, and whether it decides."""

    id: str
    effect: Literal["for", "against", "limits", "check"]
    when: list[Block] = Field(min_length=1)
    unless: list[Block] = []
    text: str
    forces: VerdictName | None = None
    next_step: str | None = None
    next_page: str | None = None


class VerdictText(_Part):
    """How a verdict is said, and what to do next."""

    title: str
    short: str
    next_step: str
    next_page: str


class Approach(_Part):
    """One way to better answers."""

    id: str
    name: str
    good: str
    bad: str
    start_for: list[VerdictName]


class Size(_Part):
    """Examples per category: [low, high] where the guides disagree."""

    go_from: int
    minimum: tuple[int, int]
    recommended: tuple[int, int]


class ConfidenceRule(_Part):
    """How confidence is marked."""

    start: float
    per_opposing_reason: float
    most_for_opposing: float
    per_contradiction: float
    floor: float
    medium_from: float
    high_from: float


class Rulebook(_Part):
    """All of it."""

    checked: date
    source: str
    rule_of_order: str
    questions: list[Question]
    derived: dict[str, Derived]
    rules: list[Rule]
    verdicts: dict[VerdictName, VerdictText]
    approaches: list[Approach]
    sizes: dict[str, Size]
    confidence: ConfidenceRule

    def question(self, question_id: str) -> Question:
        """Return one question. Raises NotFound."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise NotFound(f"There is no question {question_id!r}.")

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Rulebook:
        options = {each.id: {option.id for option in each.options} for each in self.questions}
        blocks = [block for rule in self.rules for block in (*rule.when, *rule.unless)]
        blocks += [block for each in self.derived.values() for block in (*each.when, *each.unless)]
        known = set(options) | set(self.derived) | set(COMPUTED)
        for block in blocks:
            for name, condition in block.items():
                if name not in known:
                    raise ValueError(f"a condition names {name}, which is no question")
                wanted = condition if isinstance(condition, list) else []
                wanted = condition.only if isinstance(condition, Only) else wanted
                if options.get(name) and not set(wanted) <= options[name]:
                    raise ValueError(f"a condition on {name} names an answer that it does not have")
        ids = [rule.id for rule in self.rules]
        if len(ids) != len(set(ids)):
            raise ValueError("a rule id stands twice")
        return self


@lru_cache(maxsize=1)
def load_rulebook() -> Rulebook:
    """Return the rule book that ships with Tuneworth. Raises InputError when the file does not validate."""
    return load_yaml(asset_path("rules/fit.yml"), Rulebook)
