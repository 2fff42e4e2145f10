"""From a scenario to the answer: payback, break-even, probability, and one sentence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from engine.costs.break_even import break_even_requests, cumulative, net_present_value, payback_month, whole_months
from engine.costs.compare import Comparison, compare
from engine.costs.filled import Filled, RowUsed, fill
from engine.costs.scenario import CACHED, TODAY, TUNED, Scenario
from engine.costs.uncertainty import Uncertainty, simulate
from engine.facts.prices import Catalogue


def tidy(value: float) -> float:
    """Return a number without the noise of binary fractions (12 significant digits): 104.0, not 103.99999999999999."""
    return float(f"{value:.12g}")


@dataclass(frozen=True)
class Decision:
    """The answer to one scenario. Money is USD."""

    comparison: Comparison
    horizon_months: int
    horizon_reason: str
    payback_month: int | None
    break_even_requests: float | None
    npv: float | None
    uncertainty: Uncertainty
    rows_used: list[RowUsed]
    sentence: str
    notes: list[str]

    @property
    def saving(self) -> float:
        """USD per month saved against the best alternative, errors included; negative when tuned is dearer."""
        return float(self.comparison.saving)

    @property
    def one_off(self) -> float:
        """USD before the first request."""
        return float(self.comparison.one_off)

    def monthly(self) -> dict[str, float]:
        """Return USD per month by scenario name."""
        return {name: float(value) for name, value in self.comparison.monthly.items()}

    def series(self, months: int | None = None) -> dict[str, list[float]]:
        """Return cumulative USD by scenario at the end of month 0, 1, ... for the chart."""
        length = self.horizon_months if months is None else months
        once = {TUNED: self.one_off}
        return {name: cumulative(cost, once.get(name, 0.0), length) for name, cost in self.monthly().items()}

    def document(self) -> dict[str, Any]:
        """Return the command line contract's JSON, with a few fields more."""
        draws = self.uncertainty
        return {
            "scenarios": [
                {
                    "name": name,
                    "monthly": tidy(cost),
                    "one_off": tidy(self.one_off) if name == TUNED else 0.0,
                    "per_request": tidy(float(self.comparison.per_request[name])),
                }
                for name, cost in self.monthly().items()
            ],
            "best_alternative": self.comparison.best_alternative,
            "payback_month": self.payback_month,
            "break_even_requests": self.break_even_requests,
            "probability_of_payback": draws.probability,
            "npv": None if self.npv is None else tidy(self.npv),
            "tornado": [asdict(bar) for bar in draws.tornado],
            "horizon_months": self.horizon_months,
            "horizon_reason": self.horizon_reason,
            "rows_used": [row.document() for row in self.rows_used],
            "saving_per_month": tidy(self.saving),
            "errors_saved_per_month": float(self.comparison.errors_saved),
            "net_benefit": {"p5": draws.net_p5, "p50": draws.net_p50, "p95": draws.net_p95, "draws": draws.draws},
            "sentence": self.sentence,
            "notes": self.notes,
        }


def decide(scenario: Scenario, catalogue: Catalogue, today: date | None = None) -> Decision:
    """Return the decision. `today` counts when the scenario has no `as_of`. Raises InputError for unknown prices."""
    filled = fill(scenario, catalogue)
    ready = filled.scenario
    as_of = ready.as_of or today or date.today()
    months, reason = _horizon(ready.horizon_months, as_of, filled.shutdown_date)
    result = compare(ready)
    saving, one_off = float(result.saving), float(result.one_off)
    month = payback_month(saving, one_off, months)
    volume = None
    if months > 0:
        others = [result.line(name) for name in result.others]
        gain = float(result.error_gain_per_request)
        volume = break_even_requests(result.line(TUNED), others, gain, one_off / months)
    rate = ready.discount_rate
    return Decision(
        comparison=result,
        horizon_months=months,
        horizon_reason=reason,
        payback_month=month,
        break_even_requests=volume,
        npv=None if rate is None else net_present_value(saving, one_off, months, rate),
        uncertainty=simulate(ready, months),
        rows_used=filled.rows_used,
        sentence=_sentence(result, month, months, saving, one_off),
        notes=_notes(filled, result),
    )


def _horizon(wanted: int, as_of: date, shutdown: date | None) -> tuple[int, str]:
    if shutdown is None:
        return wanted, f"The horizon as given: {_months(wanted)}. No shutdown date is known for the tuned base."
    left = whole_months(as_of, shutdown)
    if left >= wanted:
        return wanted, f"The horizon as given: {_months(wanted)}. The tuned base is shut down later, on {shutdown}."
    return left, f"The tuned base is shut down on {shutdown}: {_months(left)} from {as_of}, not {wanted}."


def _months(count: int) -> str:
    return "1 whole month" if count == 1 else f"{count} whole months"


def _sentence(result: Comparison, month: int | None, months: int, saving: float, one_off: float) -> str:
    best = result.best_alternative
    if month is not None and saving <= 0:
        return f"Costs the same as the best alternative ({_words(best)}), and nothing to start."
    if month is not None:
        return f"Pays back in month {month}, against the best alternative ({_words(best)})."
    if months < 1:
        return "Never: the tuned base model is shut down before the first month is over."
    if saving <= 0:
        if best == TODAY:
            return "Never: the model you use today is already as cheap."
        return f"Never: {_words(best)} already saves more."
    needed = one_off / saving
    return f"Not within {months} months: at {saving:,.2f} USD saved a month it would take {needed:,.0f}."


def _words(name: str) -> str:
    known = {
        TODAY: "the model as used today",
        CACHED: "caching your prompt",
        "today + batch": "sending requests in batches",
    }
    return known.get(name, name)


def _notes(filled: Filled, result: Comparison) -> list[str]:
    scenario, notes = filled.scenario, []
    today = scenario.today
    if CACHED not in result.monthly and today.static_prompt_tokens >= max(1024.0, scenario.minimum_cached_prefix):
        notes.append(
            f"{today.static_prompt_tokens:,.0f} of your prompt tokens never change, but caching is off here. "
            "Set today.cached and cache_hit_rate: caching alone often saves more than tuning."
        )
    values = scenario.values()
    for path, (low, mode, high) in scenario.uncertainty.items():
        if not low <= values[path] <= high:
            notes.append(f"{path} is {values[path]:g}, outside its own range of {low:g} to {high:g} (likely {mode:g}).")
    return notes
