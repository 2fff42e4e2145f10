"""The scenario file of `tuneworth cost`: one model, one place for its defaults.

USD; token prices per 1,000,000 tokens. What is left out is 0 or off, with three exceptions where 0 would make no sense:
`cycles` is 1, `horizon_months` is 24, and `as_of` is today. A cached price that is left out means: no caching.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from engine.errors import InputError, Where
from engine.facts.explain import did_you_mean
from engine.facts.yaml_file import YamlFile, check, read_yaml

TODAY, CACHED, BATCHED, TUNED = "today", "today + caching", "today + batch", "tuned"
MAX_HORIZON = 240


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("write a number, not true or false")
    return value


Amount = Annotated[float, BeforeValidator(_no_switch), Field(ge=0, le=1e15, allow_inf_nan=False)]
Share = Annotated[float, BeforeValidator(_no_switch), Field(ge=0, le=1, allow_inf_nan=False)]


def _ordered(triple: tuple[float, float, float]) -> tuple[float, float, float]:
    if not triple[0] <= triple[1] <= triple[2]:
        raise ValueError("write three numbers that rise: [low, most likely, high]")
    return triple


Triple = Annotated[tuple[Amount, Amount, Amount], AfterValidator(_ordered)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelCosts(_Part):
    """One way to answer: tokens of one request, prices, hosting."""

    prompt_tokens: Amount = Field(default=0, description="Tokens sent with one request, in all")
    static_prompt_tokens: Amount = Field(default=0, description="Of these, tokens that are the same every time")
    answer_tokens: Amount = Field(default=0, description="Tokens of one answer")
    input: Amount = Field(default=0, description="USD per 1M tokens sent")
    cached: Amount | None = Field(default=None, description="USD per 1M cached tokens; left out = no caching")
    output: Amount = Field(default=0, description="USD per 1M tokens answered")
    hosting_per_hour: Amount = Field(default=0, description="USD per hour while the model stands ready")
    hours_per_month: Amount = Field(default=0, description="Hours per month the model stands ready")
    storage_per_month: Amount = Field(default=0, description="USD per month for keeping the model")
    price_row: str | None = Field(default=None, description="Row of the catalogue for prices that are left out")
    tier_over_input_tokens: Amount | None = Field(default=None, description="Above it a request is dearer")
    tier_mult_input: Amount = Field(default=1, description="Factor on input prices above it")
    tier_mult_output: Amount = Field(default=1, description="Factor on the output price above it")

    @model_validator(mode="after")
    def _static_is_part_of_prompt(self) -> ModelCosts:
        if self.static_prompt_tokens > self.prompt_tokens:
            raise ValueError("static_prompt_tokens is larger than prompt_tokens, of which it is a part")
        return self


class Alternative(ModelCosts):
    """An untuned alternative, for example a smaller model."""

    name: str = Field(default="", max_length=80, description="Name in the result")


class OneOff(_Part):
    """Costs before the first request, USD. Training counts once per cycle."""

    training: Amount = 0
    labelling: Amount = 0
    evaluation: Amount = 0
    engineering: Amount = 0


class Retrain(_Part):
    """Retraining after launch."""

    per_year: Amount = 0
    cost: Amount = Field(default=0, description="USD each")


class ErrorCosts(_Part):
    """Share of wrong answers now and tuned, and USD of one wrong answer."""

    rate_today: Share = 0
    rate_tuned: Share = 0
    cost: Amount = 0


class Scenario(_Part):
    """Everything the calculator needs."""

    requests_per_month: Amount = 0
    today: ModelCosts
    tuned: ModelCosts
    alternatives: list[Alternative] = Field(default_factory=list, max_length=20)
    cache_hit_rate: Share = Field(default=0, description="Share of static tokens billed at the cached price")
    minimum_cached_prefix: Amount = Field(default=0, description="Below it nothing is cached")
    batch_share: Share = Field(default=0, description="Share of requests billed at half price")
    retry_rate: Annotated[Amount, Field(le=10)] = 0
    one_off: OneOff = OneOff()
    cycles: Amount = 1
    retrain: Retrain = Retrain()
    errors: ErrorCosts = ErrorCosts()
    horizon_months: Annotated[int, BeforeValidator(_no_switch), Field(ge=0, le=MAX_HORIZON)] = 24
    shutdown_date: date | None = None
    as_of: date | None = None
    discount_rate: Annotated[Amount, Field(le=10)] | None = None
    uncertainty: dict[str, Triple] = Field(default_factory=dict, max_length=60)
    distribution: Literal["triangular", "pert"] = "triangular"
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="before")
    @classmethod
    def _sections_may_be_empty(cls, data: Any) -> Any:
        """An empty section (`errors:`) is the same as a section that is left out."""
        if not isinstance(data, dict):
            raise ValueError("a scenario is a list of `key: value` lines; see tuneworth cost --help")
        null_means_off = {"shutdown_date", "as_of", "discount_rate"}
        return {key: value for key, value in data.items() if value is not None or key in null_means_off}

    @model_validator(mode="after")
    def _names_are_clear(self) -> Scenario:
        seen = {TODAY, CACHED, BATCHED, TUNED}
        for name in self.alternative_names():
            if name in seen:
                raise ValueError(f"the name {name!r} is taken; give each alternative a name of its own")
            seen.add(name)
        for path in self.uncertainty:
            if path not in self.values():
                near = did_you_mean(path, sorted(self.values())).split(" Known here")[0]
                raise ValueError(f"uncertainty: {path} is not an input; write its path, such as tuned.output. {near}")
        return self

    def alternative_names(self) -> list[str]:
        """Return the names in the result; one that is missing becomes `alternative 1`, 2, ..."""
        return [each.name or f"alternative {number}" for number, each in enumerate(self.alternatives, 1)]

    def models(self) -> Iterator[tuple[str, ModelCosts]]:
        """Yield (path, model): `today`, `tuned`, `alternatives.<name>`."""
        yield TODAY, self.today
        yield TUNED, self.tuned
        for name, each in zip(self.alternative_names(), self.alternatives, strict=True):
            yield f"alternatives.{name}", each

    def values(self) -> dict[str, float]:
        """Return every uncertain input by its dotted path, for example `tuned.output`."""
        found: dict[str, float] = {}
        for name in ("requests_per_month", "cache_hit_rate", "batch_share", "retry_rate", "cycles"):
            found[name] = getattr(self, name)
        for name, section in (("one_off", self.one_off), ("retrain", self.retrain), ("errors", self.errors)):
            found |= {f"{name}.{key}": float(value) for key, value in section.model_dump().items()}
        for path, model in self.models():
            numbers = model.model_dump(include=UNCERTAIN_FIELDS)
            found |= {f"{path}.{key}": float(value) for key, value in numbers.items() if value is not None}
        return found


UNCERTAIN_FIELDS = {
    "prompt_tokens",
    "static_prompt_tokens",
    "answer_tokens",
    "input",
    "cached",
    "output",
    "hosting_per_hour",
    "hours_per_month",
    "storage_per_month",
}


_SECTION = {TODAY: "the model used today", TUNED: "the tuned model"}


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises InputError naming the key, the value and the line."""
    document = read_yaml(path)
    _require_sections(document)
    return check(document, Scenario)


def _require_sections(document: YamlFile) -> None:
    if not isinstance(document.data, dict):
        return
    for name in (TODAY, TUNED):
        if not isinstance(document.data.get(name), dict):
            raise InputError(
                f"{Path(document.name).name} does not say what {_SECTION[name]} costs.",
                f"Add a section `{name}:`; see `tuneworth cost --help` for an example.",
                where=Where(file=document.name, column=name, line=document.line_of((name,))),
            )
