"""Price rows and tuning routes: dated facts, each with its source. A price of null is unknown, never free."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.errors import NotFound
from engine.facts.yaml_file import asset_path, load_yaml

Availability = Literal["open", "existing_customers", "gated", "closed"]
SourceKind = Literal["vendor", "mirror", "third_party", "guide", "user"]
Confidence = Literal["high", "medium", "low", "unverified"]
Kind = Literal["inference", "ft_inference", "training", "hosting", "storage", "gpu"]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Span = tuple[Usd, Usd]
PARTIAL_DATE = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$")


def first_day(retrieved: str) -> date:
    """Return the earliest day a partial date can mean, so that a price never looks fresher than it is."""
    parts = [int(part) for part in retrieved.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)


def _partial_date(text: str) -> str:
    if not PARTIAL_DATE.match(text):
        raise ValueError("write the date as 2026, 2026-11 or 2026-11-21")
    first_day(text)
    return text


PartialDate = Annotated[str, AfterValidator(_partial_date)]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(_Fact):
    """Numbers of one price row in the row's unit; a pair is a range from low to high; null is unknown."""

    input: Usd | None = None
    cached_input: Usd | None = None
    output: Usd | None = None
    batch_input: Usd | None = None
    batch_output: Usd | None = None
    training: Usd | Span | None = None
    prefill: Usd | None = None
    sample: Usd | None = None
    per_hour: Usd | Span | None = None
    per_month: Usd | None = None
    cap_usd: Usd | None = None
    tier_over_input_tokens: Usd | None = None
    tier_mult_input: Usd | None = None
    tier_mult_output: Usd | None = None


class PriceRow(_Fact):
    """One dated price."""

    id: str = Field(description="Stable name, provider/model/kind")
    provider: str
    model: str
    kind: Kind
    unit: str = Field(description="Unit of the numbers")
    numbers: Numbers
    source: str = Field(description="Where the number was read")
    source_kind: SourceKind
    retrieved: PartialDate | None = Field(description="When it was read; null when the source has no date")
    confidence: Confidence
    availability: Availability
    new_jobs_until: date | None = Field(description="First day without new jobs")
    shutdown_date: date | None = Field(description="First day without the model")
    note: str = ""

    def amount(self) -> float | Span | None:
        """Return the row's main number: training, per_hour, per_month or input, in this order; None is unknown."""
        numbers = self.numbers
        for value in (numbers.training, numbers.per_hour, numbers.per_month):
            if value is not None:
                return value
        return numbers.input if self.kind in {"inference", "ft_inference"} else None


class Route(_Fact):
    """One way to get a tuned model."""

    id: str
    provider: str
    base_model: str
    name: str = Field(description="Name on screen")
    methods: list[Literal["sft", "dpo", "rft", "lora", "qlora"]]
    availability: Availability
    new_jobs_until: date | None = Field(description="First day without new jobs")
    shutdown_date: date | None = Field(description="First day without the base model")
    data_use: str = Field(description="What the provider says it does with the data")
    data_leaves: bool = Field(description="Whether rows leave this computer")
    limits: str
    adapter: Literal["local", "openai_compatible", "bedrock", "vertex", "none"]
    base_row: str | None = Field(default=None, description="Price row of the untuned base")
    tuned_row: str | None = Field(default=None, description="Price row of the tuned model in use")
    training_row: str | None = Field(default=None, description="Price row of training")
    hosting_row: str | None = Field(default=None, description="Price row of hosting")
    storage_row: str | None = Field(default=None, description="Price row of storage")
    tokens_billed: bool = Field(default=True, description="Whether the tuned model in use is billed by tokens")
    tokens_per_second: Span | None = Field(default=None, description="Training speed range, for hour prices")
    source: str
    checked: PartialDate | None = Field(description="When the source was read or written; null when it has no date")
    note: str = ""


class Catalogue(_Fact):
    """All rows, as checked on one day. The sections of two files: prices.yml and routes.yml."""

    as_of: date
    rows: list[PriceRow]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Catalogue:
        _refuse_twins([row.id for row in self.rows])
        return self

    def row(self, row_id: str) -> PriceRow:
        """Return one row. Raises NotFound."""
        for row in self.rows:
            if row.id == row_id:
                return row
        raise NotFound(f"There is no price row {row_id!r}.", "List them with: tuneworth providers list")


class RouteList(_Fact):
    """All routes, as checked on one day."""

    as_of: date
    routes: list[Route]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> RouteList:
        _refuse_twins([route.id for route in self.routes])
        return self


def _refuse_twins(ids: list[str]) -> None:
    twins = sorted({one for one in ids if ids.count(one) > 1})
    if twins:
        raise ValueError(f"the id {twins[0]} stands twice")


@lru_cache(maxsize=1)
def load_prices() -> Catalogue:
    """Return the price rows that ship with Tuneworth. Raises InputError for a file that does not validate."""
    return load_yaml(asset_path("prices.yml"), Catalogue)


@lru_cache(maxsize=1)
def load_routes() -> RouteList:
    """Return the routes that ship with Tuneworth. Raises InputError for a file that does not validate."""
    return load_yaml(asset_path("routes.yml"), RouteList)
