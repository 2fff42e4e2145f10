"""What a diagnosis says: findings with rule name, severity, evidence steps, words and one piece of advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Severity = Literal["info", "warn", "stop"]
Status = Literal["ok", "warn", "stop", "cannot_judge"]
_MOST_STEPS = 20


@dataclass(frozen=True)
class Finding:
    """One rule that fired. `steps` are the training steps to look at."""

    rule: str
    severity: Severity
    steps: tuple[int, ...]
    message: str
    advice: str

    def to_json(self) -> dict[str, Any]:
        """Return the finding as the contract has it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "steps": list(self.steps),
            "message": self.message,
            "advice": self.advice,
        }


@dataclass(frozen=True)
class Diagnosis:
    """Status, the step whose checkpoint is best (None when unknown), and the findings, most important first."""

    status: Status
    best_step: int | None
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document of `tuneworth diagnose --json`."""
        findings = [finding.to_json() for finding in self.findings]
        return {"status": self.status, "best_step": self.best_step, "findings": findings}


def steps_of(steps: Any) -> tuple[int, ...]:
    """Return at most 20 steps as plain numbers, spread over all of them."""
    listed = [int(step) for step in steps]
    if len(listed) <= _MOST_STEPS:
        return tuple(listed)
    return tuple(listed[int(place)] for place in np.linspace(0, len(listed) - 1, _MOST_STEPS))
