"""When a one-off cost is paid back. Formulas 7 and 8 of facts/providers.md section 7."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.costs.request_cost import Number

SLACK = 1e-9  # relative: sums of binary fractions must not lose the month in which both sides are equal


@dataclass(frozen=True)
class Line:
    """Cost of a month as a straight line: `fixed` + `per_request` * requests, in USD."""

    fixed: float
    per_request: float


def whole_months(start: date, end: date) -> int:
    """Return the number of whole months from `start` to `end`; 0 when `end` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(0, months)


def pays_back(saving: Number, one_off: Number, months: int) -> NDArray[np.bool_]:
    """Return whether (for each draw) the saving per month covers the one-off cost within `months`."""
    total = np.asarray(saving) * months
    return np.asarray((months >= 1) & (total >= one_off - SLACK * np.abs(one_off)))


def payback_month(saving: float, one_off: float, months: int) -> int | None:
    """Return the first whole month with cumulative saving of at least the one-off cost, or None."""
    if not bool(pays_back(saving, one_off, months)):
        return None
    if one_off <= 0 or saving <= 0:
        return 1
    return max(1, math.ceil(one_off / saving * (1.0 - SLACK)))


def break_even_requests(
    tuned: Line, others: Sequence[Line], per_request_gain: float, monthly_need: float
) -> float | None:
    """Return the smallest requests per month at which tuned beats every other line by `monthly_need` USD, or None.

    `monthly_need` is the one-off cost over the months of the horizon; `per_request_gain` is the errors saved.
    Against one other it is V* = (I0/L + fixed) / (c_other - c_tuned), none when the denominator is not positive, and 0
    when fixed costs alone pay it back.
    """
    low, high = 0.0, math.inf
    for other in others:
        slope = other.per_request - tuned.per_request + per_request_gain
        need = monthly_need + tuned.fixed - other.fixed
        if slope > 0:
            low = max(low, need / slope)
        elif need > 0:
            return None  # no volume makes up for it
        elif slope < 0:
            high = min(high, need / slope)
    grows = all(other.per_request + per_request_gain > tuned.per_request for other in others)
    if low > high * (1.0 + SLACK) or (low == 0 and not grows):
        return None
    return low


def net_present_value(saving: float, one_off: float, months: int, rate: float) -> float:
    """Return USD of today: -I0 + sum of S / (1 + r)^(m/12) for m = 1..months; `rate` is per year."""
    worth = sum(saving / math.pow(1.0 + rate, month / 12.0) for month in range(1, months + 1))
    return worth - one_off


def cumulative(monthly: float, one_off: float, months: int) -> list[float]:
    """Return USD spent by the end of month 0 (the one-off cost), 1, ... `months`."""
    return [one_off + monthly * month for month in range(months + 1)]


@dataclass(frozen=True)
class RuleOfThumb:
    """The simple rule of the guides: input tokens only, the tuned price twice the base, no cache, no answers."""

    base_month: float
    tuned_month: float
    payback_months: float | None

    @property
    def saving(self) -> float:
        """USD per month."""
        return self.base_month - self.tuned_month

    @property
    def says_worth_it(self) -> bool:
        """Whether the rule would say yes: paid back in under 6 months (facts/domain.md section 3)."""
        return self.payback_months is not None and self.payback_months < 6


def rule_of_thumb(prompt_now: float, prompt_tuned: float, requests: float, price: float, one_off: float) -> RuleOfThumb:
    """Return the simple rule's answer, shown beside the computed one because it is optimistic. Price per 1M tokens."""
    base = prompt_now * requests * price / 1e6
    tuned = prompt_tuned * requests * price * 2 / 1e6
    return RuleOfThumb(base, tuned, one_off / (base - tuned) if base > tuned else None)
