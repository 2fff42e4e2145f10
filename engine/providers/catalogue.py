"""What is open today, and how old each price is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from engine.facts.prices import Availability, PriceRow, Route, first_day

FRESH_DAYS = 30  # facts/providers.md section 6 (2026-11-21): up to 30 days green, up to 90 amber, else confirm
AGEING_DAYS = 90
Badge = Literal["fresh", "ageing", "stale"]


class Lifecycle(Protocol):
    """Anything with an availability and two dates: a price row or a route."""

    @property
    def availability(self) -> Availability:
        """State when it was checked."""

    @property
    def new_jobs_until(self) -> date | None:
        """First day without new jobs."""

    @property
    def shutdown_date(self) -> date | None:
        """First day without the model."""


def availability_today(row: Lifecycle, today: date) -> Availability:
    """Return the state on a day. `new_jobs_until` is the first day without new jobs, so that day counts as closed."""
    for last in (row.new_jobs_until, row.shutdown_date):
        if last is not None and today >= last:
            return "closed"
    return row.availability


def age_days(retrieved: str | None, today: date) -> int | None:
    """Return the age of a reading in days, at most; None when the source has no date."""
    return None if retrieved is None else max(0, (today - first_day(retrieved)).days)


def age_badge(age: int | None) -> Badge:
    """Return `fresh` (up to 30 days), `ageing` (up to 90) or `stale`; no date counts as stale."""
    if age is None or age > AGEING_DAYS:
        return "stale"
    return "fresh" if age <= FRESH_DAYS else "ageing"


@dataclass(frozen=True)
class RowToday:
    """A price row seen on one day."""

    row: PriceRow
    availability_today: Availability
    age_days: int | None
    badge: Badge

    @property
    def price_known(self) -> bool:
        """Whether the row holds a price at all."""
        return self.row.amount() is not None

    @property
    def needs_confirming(self) -> bool:
        """Whether a person should look the price up before relying on it."""
        return self.badge == "stale" or self.row.confidence == "unverified" or not self.price_known

    def document(self) -> dict[str, Any]:
        """Return the row as JSON with the contract's four extra fields."""
        body = self.row.model_dump(mode="json")
        body["numbers"] = {name: body["numbers"][name] for name in sorted(self.row.numbers.model_fields_set)}
        return body | {
            "availability_today": self.availability_today,
            "checked": self.row.retrieved,
            "age_days": self.age_days,
            "age": self.badge,
            "price_known": self.price_known,
            "needs_confirming": self.needs_confirming,
        }


def row_today(row: PriceRow, today: date) -> RowToday:
    """Return a row with its state and age on a day."""
    age = age_days(row.retrieved, today)
    return RowToday(row, availability_today(row, today), age, age_badge(age))


def route_document(route: Route, today: date) -> dict[str, Any]:
    """Return a route as JSON with its state and age on a day."""
    age = age_days(route.checked, today)
    state = availability_today(route, today)
    return route.model_dump(mode="json") | {"availability_today": state, "age_days": age, "age": age_badge(age)}


def state_sentence(row: Lifecycle, today: date) -> str:
    """Return the state in words with its date, for example `Closes on 2027-01-06 (46 days)`."""
    for last in (row.new_jobs_until, row.shutdown_date):
        if last is not None and today >= last:
            return f"Closed since {last}"
    if row.availability == "closed":
        return "Closed"
    lead = {"open": "Open", "existing_customers": "Existing customers only", "gated": "On request"}[row.availability]
    if row.new_jobs_until is not None:
        return f"{lead}; closes on {row.new_jobs_until} ({(row.new_jobs_until - today).days} days)"
    if row.shutdown_date is not None:
        return f"{lead}; base model ends on {row.shutdown_date}"
    return lead
