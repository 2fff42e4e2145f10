"""All measures of a dataset in one call."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.data.quality.balance import balance, labels_of
from engine.data.quality.consistency import consistency, no_labels
from engine.data.quality.contradictions import contradictions
from engine.data.quality.finding import Quality
from engine.data.quality.language import language
from engine.data.quality.lengths import lengths
from engine.data.quality.prefixes import diversity, openings
from engine.data.quality.repetition import repeated
from engine.data.quality.size import size
from engine.data.quality.texts import Texts, read_texts


@dataclass(frozen=True)
class Measured:
    """All measures, and how a sample was drawn when not every row was measured (else empty)."""

    found: list[Quality]
    note: str


def measured(frame: pd.DataFrame, hidden: frozenset[int] = frozenset()) -> Measured:
    """Measure canonical rows, with the note on the sample."""
    texts = read_texts(frame, hidden)
    return Measured(measure_texts(texts), texts.note)


def measure_quality(frame: pd.DataFrame, hidden: frozenset[int] = frozenset()) -> list[Quality]:
    """Measure canonical rows; an empty frame gives only its size. `hidden` rows are counted, never quoted."""
    return measure_texts(read_texts(frame, hidden))


def measure_texts(texts: Texts) -> list[Quality]:
    """Measure rows that were read."""
    found = [size(texts.whole)]
    if not len(texts):
        return found
    found += [lengths(texts), diversity(texts)]
    form, values = consistency(texts), labels_of(texts)
    if values is not None:
        given = any(texts.labels)
        found.append(balance(texts, values, () if given else no_labels(form)))
    found += [form, repeated(texts), contradictions(texts), language(texts)]
    if not texts.are_labels:
        found.append(openings(texts))
    return found
