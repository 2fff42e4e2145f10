"""Do two readers judge alike? Cohen's kappa with a 95 % interval, and what it means in words.

Kappa: Cohen 1960, Educational and Psychological Measurement 20:37. Standard error: Fleiss, Cohen and Everitt 1969,
Psychological Bulletin 72:323, equation 13 (the large-sample variance when kappa is not 0).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.rates import Interval, wilson
from engine.data.review.rules import review_rules

Z = 1.959963984540054  # 97.5 % quantile of the normal distribution


@dataclass(frozen=True)
class Agreement:
    """`alike` of `n` rows got the same verdict; `kappa` is None when a reader used one verdict only."""

    n: int
    alike: int
    rate: Interval
    kappa: Interval | None
    words: str

    def to_json(self) -> dict[str, object]:
        """Plain numbers for a document."""
        kappa = self.kappa and {"value": self.kappa.value, "low": self.kappa.low, "high": self.kappa.high}
        rate = {"value": self.rate.value, "low": self.rate.low, "high": self.rate.high}
        return {"rows": self.n, "alike": self.alike, "rate": rate, "kappa": kappa, "words": self.words}


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> Interval | None:
    """Agreement beyond chance (-1..1) with its 95 % interval; None when a reader used one category only.

    Then kappa is 0 or 0/0 whatever the other said, so it tells nothing (sklearn and statsmodels print 0 or nan).

    With full agreement the standard error is 0; the lower limit is then the Wilson lower limit of the agreement,
    corrected by the same chance agreement (ours). Raises ValueError on empty lists or different lengths.
    """
    if len(first) != len(second) or not first:
        raise ValueError("two raters need the same rows, and at least one")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return None
    n = len(first)
    names = sorted(set(first) | set(second))
    cells = Counter(zip(first, second, strict=True))
    share = {(a, b): cells[a, b] / n for a in names for b in names}
    rows = {a: sum(share[a, b] for b in names) for a in names}
    columns = {b: sum(share[a, b] for a in names) for b in names}
    chance = sum(rows[name] * columns[name] for name in names)
    observed = sum(share[name, name] for name in names)
    kappa = (observed - chance) / (1 - chance)
    if math.isclose(observed, 1.0):
        return Interval(1.0, (wilson(n, n).low - chance) / (1 - chance), 1.0)
    agree = sum(share[x, x] * (1 - (rows[x] + columns[x]) * (1 - kappa)) ** 2 for x in names)
    differ = (1 - kappa) ** 2 * sum(share[a, b] * (columns[a] + rows[b]) ** 2 for a in names for b in names if a != b)
    variance = (agree + differ - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    half = Z * math.sqrt(max(0.0, variance))
    return Interval(kappa, max(-1.0, kappa - half), min(1.0, kappa + half))


def agreement(first: Sequence[str], second: Sequence[str]) -> Agreement:
    """Both figures and their meaning. Raises ValueError on empty lists or different lengths."""
    kappa = cohen_kappa(first, second)
    alike = sum(a == b for a, b in zip(first, second, strict=True))
    rate = wilson(alike, len(first))
    return Agreement(len(first), alike, rate, kappa, _words(first, alike, rate, kappa))


def _words(first: Sequence[str], alike: int, rate: Interval, kappa: Interval | None) -> str:
    n = len(first)
    band = f"{rate.value:.0%}, in general {rate.low:.0%} to {rate.high:.0%}"
    said = f"Both said the same about {alike:,} of {n:,} rows ({band})."
    if kappa is None:
        who = f"Both gave every row the same verdict ({first[0]})" if alike == n else "One gave every row one verdict"
        return f"{said} {who}, so there was little to tell apart: agreement beyond chance cannot be computed."
    rules = review_rules().kappa
    word = [band.word for band in rules.bands if kappa.value >= band.start][-1]
    text = f"{said} They agree {word} (kappa {kappa.value:.2f}, {kappa.low:.2f} to {kappa.high:.2f})."
    if kappa.low < rules.trust <= kappa.high:
        text += " The range is wide: more rows read by both would tell more."
    if kappa.value < rules.rework:
        text += " They read by different rules: agree on one page of rules before you train."
        if rate.value >= 0.9:
            text += " Nearly all rows got one verdict; then a few differences weigh a lot."
    elif kappa.value < rules.trust:
        text += " Settle the differences below and write down what they have in common."
    elif kappa.low >= rules.rework:
        text += " One person's verdicts can stand for both."
    return text
