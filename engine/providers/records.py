"""What Providers & ROI saves in a project."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from engine.errors import NotFound
from engine.project.project import Project
from engine.project.records import Record
from engine.providers.case import Case, CaseInputs

CURRENT = "current"


class CostScenario(Record):
    """The calculator as it was left: its inputs, and what they led to with the prices of that day."""

    kind: ClassVar[str] = "cost_scenario"

    inputs: CaseInputs = Field(description="What was set on the page")
    scenario: dict[str, Any] | None = Field(description="The same as a scenario file; null while a number is missing")
    sentence: str = Field(description="Result in one sentence")
    payback_month: int | None = Field(description="First month in which it is paid back")
    best_alternative: str | None = Field(description="Cheapest of the others")
    prices_checked: str = Field(description="Date of the price rows")


def save_case(project: Project, inputs: CaseInputs, case: Case, prices_checked: str) -> CostScenario:
    """Save the calculator's state; there is one in a project, and it is replaced as the user goes on."""
    decision = case.decision
    record = CostScenario(
        id=CURRENT,
        inputs=inputs,
        scenario=case.scenario,
        sentence=decision.sentence if decision else "A number is missing.",
        payback_month=decision.payback_month if decision else None,
        best_alternative=decision.comparison.best_alternative if decision else None,
        prices_checked=prices_checked,
    )
    project.records.save(record, replace=True)
    return record


def saved_case(project: Project) -> CostScenario | None:
    """Return the calculator's state, or None when it was never touched."""
    try:
        return project.records.get(CostScenario, CURRENT)
    except NotFound:
        return None
