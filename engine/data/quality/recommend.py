"""What to do about the dataset, in order of effect: graver findings first, then those that touch more rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.data.quality.finding import Quality, by_name
from engine.data.quality.meaning import MeaningReport
from engine.data.quality.odd_rows import Outlier
from engine.data.quality.rules import measures
from engine.data.quality.six_questions import SixAnswer

# What a button does: open a tab, write labels one way, take fewer of a label, show the odd rows, compare meanings.
Act: TypeAlias = Literal[
    "cleaning", "view", "split", "collect", "spelling", "fewer", "fewer_answers", "odd", "meaning", "answer"
]
_GRAVITY = {"poor": 3, "look": 2, "good": 1}


@dataclass(frozen=True)
class Recommendation:
    """One thing to do. `share` is the part of the rows it touches (0..1), `act` what its button does."""

    name: str
    title: str
    why: str
    act: Act
    gravity: int
    share: float


def recommend(
    found: Sequence[Quality],
    meaning: MeaningReport | None,
    odd: Sequence[Outlier],
    answers: Sequence[SixAnswer],
) -> list[Recommendation]:
    """Return recommendations, the most effective first; empty when nothing is to do."""
    known = by_name(list(found))
    rows = int(known["size"].value)
    if not rows:
        return []
    tips = [
        _size(known, rows),
        _tip(known, "contradictions", rows, "Decide which of the contradicting answers is right", "cleaning"),
        _copies(known, rows),
        _format(known, rows),
        _balance(known, rows),
        _repeated(known, rows),
        _tip(known, "language", rows, "Look at rows in other languages", "odd"),
        _tip(known, "lengths", rows, "See what the longest rows cost", "view"),
        _variety(known, meaning),
        _odd(odd, rows),
        *_open(answers),
    ]
    kept = [tip for tip in tips if tip is not None]
    return sorted(kept, key=lambda tip: (-tip.gravity, -tip.share))


def _tip(known: Mapping[str, Quality], name: str, rows: int, title: str, act: Act) -> Recommendation | None:
    item = known.get(name)
    if item is None or item.level == "good":
        return None
    share = min(1.0, item.affected / rows)
    return Recommendation(name, title, f"{item.verdict} {item.advice}", act, _GRAVITY[item.level], share)


def _size(known: Mapping[str, Quality], rows: int) -> Recommendation | None:
    item = known["size"]
    if item.level == "good":
        return None
    return Recommendation("size", "Collect more rows", f"{item.verdict} {item.advice}", "collect", 3, 1.0)


def _copies(known: Mapping[str, Quality], rows: int) -> Recommendation | None:
    copies = int(known["repeated"].numbers.get("copies", 0))
    if not copies:
        return None
    why = f"{copies:,} rows have the question and the answer of an earlier row. Copies count twice in training."
    return Recommendation("copies", "Leave out exact copies", why, "cleaning", 2, copies / rows)


def _repeated(known: Mapping[str, Quality], rows: int) -> Recommendation | None:
    if known["repeated"].numbers["dominant"]:
        return _tip(known, "repeated", rows, "Take fewer rows with the most common answer", "fewer_answers")
    return _tip(known, "repeated", rows, "Read answers that repeat themselves", "odd")


def _format(known: Mapping[str, Quality], rows: int) -> Recommendation | None:
    item = known["format"]
    if item.numbers.get("spellings"):
        return _tip(known, "format", rows, "Write each label one way", "spelling")
    title = (
        "Read answers that are no usual label" if item.numbers["majority"] == "label" else "Bring answers into one form"
    )
    return _tip(known, "format", rows, title, "odd")


def _balance(known: Mapping[str, Quality], rows: int) -> Recommendation | None:
    item = known.get("balance")
    if item is None or item.level == "good":
        return None
    limits, counts = measures().balance, list(item.numbers["counts"].values())
    crowded = (
        len(counts) > 1 and counts[0] > limits.label_ratio * max(counts[-1], 1) and counts[0] > limits.label_minimum
    )
    if crowded and all(count >= limits.label_minimum for count in counts):
        return _tip(known, "balance", rows, "Take fewer rows of the most common label", "fewer")
    return _tip(known, "balance", rows, "Add rows for rare labels", "collect")


def _variety(known: Mapping[str, Quality], meaning: MeaningReport | None) -> Recommendation | None:
    if meaning is None:
        if known["size"].value < measures().meaning.fewest_rows:
            return None
        why = (
            "Beginnings of texts say little. Comparing meanings shows the topics there are, and rows unlike all others."
        )
        return Recommendation("meaning", "Compare the meaning of questions", why, "meaning", 1, 1.0)
    limit = measures().meaning.spread
    if meaning.spread >= limit:
        return None
    why = (
        f"The mean distance in meaning is {meaning.spread:.2f}, under {limit:g}: the questions are about few things. "
        "Add other topics and rare cases, unless the task is that narrow."
    )
    return Recommendation("variety", "Add other kinds of questions", why, "collect", 2, 1 - meaning.spread / limit)


def _odd(odd: Sequence[Outlier], rows: int) -> Recommendation | None:
    if not odd:
        return None
    why = f"{len(odd):,} rows stand out by form, length or meaning: mistakes, or rare cases you need. You can tell."
    return Recommendation("odd", "Read the rows that stand out", why, "odd", 1, len(odd) / rows)


def _open(answers: Sequence[SixAnswer]) -> list[Recommendation]:
    tips = []
    for item in answers:
        if item.name == "separate" and item.state != "good":
            tips.append(Recommendation("split", "Split the rows with a leak check", item.verdict, "split", 1, 0.9))
    waiting = [item.title for item in answers if item.asked and item.reply in (None, "no")]
    if waiting:
        why = f"Still open or answered with no: {', '.join(waiting).lower()}. Reading 100 rows answers all of them."
        tips.append(Recommendation("answers", "Read a sample and answer the quality questions", why, "answer", 1, 0.8))
    return tips
