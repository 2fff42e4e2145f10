"""The verdict in one or two plain sentences. No p values, no jargon: what to expect in 100 rows like these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.evaluation.scorers.base import Unit
from engine.evaluation.statistics import Interval

Verdict = Literal["better", "better_small", "cannot_tell", "worse"]


@dataclass(frozen=True)
class Names:
    """How the two sides are called inside a sentence."""

    tuned: str = "the tuned model"
    base: str = "the base model"


@dataclass(frozen=True)
class Findings:
    """What a sentence is made from; gaps, margin and target are 0..1."""

    verdict: Verdict
    unit: Unit
    title: str
    n: int
    gap: Interval
    discordant: int
    margin: float
    anecdote: bool
    visible_gap: float | None
    target: float
    rows_needed: int | None
    most_right: float = 1.0
    hopeless: bool = False


def sentence(found: Findings, names: Names) -> str:
    """Return the verdict in words for a person who knows no statistics."""
    tuned = names.tuned[0].upper() + names.tuned[1:]
    if found.verdict == "better":
        text = f"{tuned} is better than {names.base}. {expect(found)}"
    elif found.verdict == "better_small":
        text = (
            f"{tuned} is better than {names.base}, but maybe too little to matter. {expect(found)} "
            f"You asked for at least {points(found.margin)}."
        )
    elif found.verdict == "worse":
        text = f"{tuned} is worse than {names.base}. {expect(found)}"
        if found.gap.low > -found.margin:
            text += f" That is less than the {points(found.margin)} that matter to you."
    elif found.hopeless:
        share = "any" if not found.most_right else f"more than {found.most_right:.1%}"
        text = (
            f"Neither model got {share} of the {found.n:,} rows right, so there is nothing to compare. "
            "Train longer, or look at the rows: the expected answers may need another measure."
        )
    else:
        text = f"Cannot tell yet. {_luck(found, names)} {_settle(found)}".strip()
    return f"Only {found.n} rows: an anecdote, not a measurement. {text}" if found.anecdote else text


def expect(found: Findings) -> str:
    """Return what the gap means for rows to come."""
    low, value, high = sorted((abs(found.gap.low), abs(found.gap.value), abs(found.gap.high)))
    up = found.gap.value > 0
    if found.unit == "score":
        word = "higher" if up else "lower"
        return f"Expect {found.title} {_span(low, high, 100)} points {word} (best guess {_round(value, 100)}, of 100)."
    per = 100 if low * 100 >= 0.95 else 1000
    word = "more" if up else "fewer"
    return (
        f"In {per:,} rows like these expect {_span(low, high, per)} {word} right answers "
        f"(best guess {_round(value, per)})."
    )


def points(gap: float) -> str:
    """Return a gap (0..1) as points of 100: `4 points`, `1 point`, `0.4 points`."""
    number = _round(abs(gap), 100)
    return f"{number} point" if number == "1" else f"{number} points"


def _round(value: float, per: int) -> str:
    scaled = value * per
    return f"{scaled:.0f}" if scaled >= 0.95 or scaled == 0 else f"{scaled:.1f}"


def _span(low: float, high: float, per: int) -> str:
    first, last = _round(low, per), _round(high, per)
    return first if first == last else f"{first} to {last}"


def _luck(found: Findings, names: Names) -> str:
    if found.discordant == 0:
        return f"Both scored the same on all {found.n:,} rows."
    if found.gap.value == 0:
        return f"They differ on {found.discordant} rows, as often one way as the other."
    side = names.tuned if found.gap.value > 0 else names.base
    text = f"The gap ({points(found.gap.value)}, for {side}) could be luck"
    rows = "1 row differs" if found.discordant == 1 else f"{found.discordant} rows differ"
    return f"{text}: only {rows}." if found.discordant < 6 else f"{text}."


def _settle(found: Findings) -> str:
    parts = []
    if found.visible_gap is not None:
        parts.append(f"With {found.n:,} rows we can only see gaps of about {points(found.visible_gap)} or more.")
    elif found.discordant:
        parts.append(f"{found.n:,} rows are too few to show a gap when so few differ.")
    if found.rows_needed is not None:
        parts.append(f"To see a gap of {points(found.target)} you need about {round_up(found.rows_needed):,} rows.")
    elif max(abs(found.gap.low), abs(found.gap.high)) < found.target:
        parts.append(f"A gap of {points(found.target)} or more is unlikely; more rows would hardly change that.")
    if found.margin and found.gap.low > -found.margin:
        parts.append(f"It is not worse by more than {points(found.margin)}.")
    return " ".join(parts)


def round_up(rows: int) -> int:
    """Return a number of rows rounded up to two digits, since it is an estimate: 626 becomes 630."""
    step: int = 10 ** max(0, len(str(rows)) - 2)
    return -(-rows // step) * step
