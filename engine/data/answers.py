"""Whether the answers of a dataset are labels (one of a few fixed values) or free text."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from engine.data.rules import rules


def answers_are_labels(answers: Sequence[str]) -> bool:
    """Labels are short and few: the under-10-characters rule must not delete `yes` and `refund`.

    Limits: cleaning.yml `answers`. Empty answers do not count. With under 10 answers only repeats are evidence.
    """
    given = [answer.strip() for answer in answers if answer.strip()]
    if not given:
        return False
    limits = rules().answers
    distinct = len(set(given))
    few = distinct <= limits.label_values and (distinct <= limits.label_share * len(given) or distinct <= 2)
    repeats = distinct < len(given)
    return statistics.median(len(answer) for answer in given) <= limits.label_median and few and repeats
