"""Rows per label, and how many each label lacks. Source: domain.md 1 (per category) and 2."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from engine.data.quality.finding import Quality
from engine.data.quality.rules import measures
from engine.data.quality.texts import Texts


@dataclass(frozen=True)
class LabelRows:
    """One label: its rows, and how many are missing to the minimum and to the recommended number."""

    label: str
    rows: int
    to_minimum: int
    to_recommended: int


def labels_of(texts: Texts) -> list[str] | None:
    """The labels of the rows: the label column, or answers that are labels; None when there are none."""
    if any(texts.labels):
        return texts.labels
    return [answer.strip() for answer in texts.answers] if texts.are_labels else None


def evenness(counts: Counter[str]) -> float:
    """Shannon entropy over its maximum: 1 = all labels equally common, towards 0 = one label has nearly all."""
    total = sum(counts.values())
    if len(counts) < 2:
        return 1.0
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    return entropy / math.log(len(counts))


def balance(texts: Texts, values: list[str], odd: Collection[int] = ()) -> Quality:
    """Judge label counts: value is the ratio of the most common to the rarest label.

    Rows whose id is in `odd` hold no usual label (a note, a dash): they are left out of the counts, which is said.
    """
    limits = measures().balance
    usual = [value for value, row_id in zip(values, texts.row_ids, strict=True) if row_id not in odd]
    aside = len(values) - len(usual)
    values = usual or values
    counts = Counter({label: texts.scaled(count) for label, count in Counter(values).items()})
    (most, high), (least, low) = counts.most_common(1)[0], counts.most_common()[-1]
    ratio = high / max(low, 1)
    table = [
        LabelRows(label, count, max(0, limits.label_minimum - count), max(0, limits.label_recommended - count))
        for label, count in counts.most_common()
    ]
    numbers = {"counts": dict(counts.most_common()), "labels": table, "evenness": evenness(counts)}
    verdict = f"{len(counts)} labels; {most!r} has {high:,} rows, {least!r} has {low:,}."
    if aside and usual:
        verdict += f" Not counted: {texts.scaled(aside):,} rows that hold no usual label."
    rare = [row for row in table if row.to_minimum]
    if len(counts) == 1:
        return Quality("balance", "Balance", ratio, "look", f"There is only one label: {most!r}.", _ONE, numbers, (), 0)
    if rare:
        missing = sum(row.to_minimum for row in rare)
        first = f"{len(rare)} of the labels have" if len(rare) > 1 else f"{rare[0].label!r} has"
        advice = (
            f"{first} under {limits.label_minimum} rows: add {missing:,} rows in all, or join them with another label."
        )
        touched = sum(row.rows for row in rare)
        return Quality("balance", "Balance", ratio, "look", verdict, advice, numbers, (), touched)
    if ratio > limits.label_ratio:
        advice = "The most common label is far ahead: take fewer of it, or add to the rare ones."
        return Quality("balance", "Balance", ratio, "look", verdict, advice, numbers, (), high)
    return Quality("balance", "Balance", ratio, "good", verdict, "", numbers)


_ONE = "With one label there is nothing to tell apart: the model can only learn to say it."
