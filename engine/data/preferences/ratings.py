"""Pairs from ratings: of several answers to one question the best against the worst, with a gap between them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from engine.data.messages import loads
from engine.data.preferences.pair import Pair, prompt_key, split_talk
from engine.data.review.rules import review_rules
from engine.errors import InputError

_NUMBER = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*(?:%|/\s*\d+|(?:out )?of \d+|stars?|points?)?$")


@dataclass
class RatedPairs:
    """Pairs and what gave none. Counts of questions: one rated answer only, all alike (ties), gap too small.

    `tied_best` questions had several best answers: the first one counts. `unreadable` cells are listed by value.
    """

    pairs: list[Pair] = field(default_factory=list)
    questions: int = 0
    single: int = 0
    ties: int = 0
    small_gap: int = 0
    tied_best: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What came of the questions, in words."""
        parts = [f"{self.questions:,} questions with two or more rated answers gave {len(self.pairs):,} pairs"]
        parts += [f"{self.ties:,} are ties"] if self.ties else []
        parts += [f"{self.small_gap:,} differ by less than the gap"] if self.small_gap else []
        parts += (
            [f"in {self.tied_best:,} several answers share the best rating, the first one counts"]
            if (self.tied_best)
            else []
        )
        parts += [f"{self.single:,} questions have one rated answer only"] if self.single else []
        return "; ".join(parts) + "."


def rating_of(cell: str) -> float | None:
    """A rating as a number: `4`, `4,5`, `4/5`, `80 %`, `4 stars`, drawn stars, up = 1, down = 0; None for others."""
    text = _plain(cell)
    stars = text.count("★") + text.count("⭐")
    if stars and not text.strip("★⭐☆ \ufe0f"):
        return float(stars)
    rules = review_rules().pairs
    if is_word(cell):
        return 1.0 if text in rules.up else 0.0
    found = _NUMBER.match(text)
    return float(found.group(1).replace(",", ".")) if found else None


def is_word(cell: str) -> bool:
    """Whether the rating is an up or down."""
    rules = review_rules().pairs
    return _plain(cell) in rules.up | rules.down


def _plain(cell: str) -> str:
    return " ".join(cell.replace("_", " ").lower().split())


def rating_columns(frame: pd.DataFrame, skip: Sequence[str] = ()) -> list[str]:
    """Columns of a file that look like ratings, those with a telling name first."""
    rules = review_rules().pairs
    found = []
    for name in frame.columns:
        cells = [cell for cell in frame[name].head(2000) if cell.strip()]
        values = [rating_of(cell) for cell in cells]
        known = {value for value in values if value is not None}
        good = sum(value is not None for value in values) >= rules.mostly * len(cells) > 0
        if name not in skip and good and 2 <= len(known) <= 101 and len(known) < len(cells):
            found.append(str(name))
    return sorted(found, key=lambda name: not any(word in name.lower() for word in rules.rating_names))


def pairs_from_ratings(frame: pd.DataFrame, cells: Mapping[int, str], minimum_gap: float) -> RatedPairs:
    """Pair best against worst per question. `cells` = rating as written, by row id; empty cells are no rating.

    Raises InputError when numbers and up/down words are mixed in the column, since they have no common scale.
    """
    result = RatedPairs()
    by_question: dict[str, list[tuple[float, int, tuple[tuple[str, str], ...], str]]] = defaultdict(list)
    words = numbers = ""
    for row_id, text in zip(frame["row_id"], frame["messages"], strict=True):
        cell = cells.get(int(row_id), "")
        score = rating_of(cell)
        if score is None:
            if cell.strip():
                result.unreadable[cell.strip()[:40]] = result.unreadable.get(cell.strip()[:40], 0) + 1
            continue
        if is_word(cell):
            words = words or cell.strip()
        elif score not in (0.0, 1.0):
            numbers = numbers or cell.strip()
        talk = loads(text)
        prompt, answer = split_talk(talk)
        key = prompt_key([{"role": role, "content": content} for role, content in prompt])
        by_question[key].append((score, int(row_id), prompt, answer))
    if words and numbers:
        raise InputError(
            f"The ratings mix words ({words[:20]!r}) and numbers ({numbers[:20]!r}).", "Use one kind in the column."
        )
    for answers in by_question.values():
        _pair(answers, minimum_gap, result)
    return result


def _pair(
    answers: list[tuple[float, int, tuple[tuple[str, str], ...], str]], minimum_gap: float, result: RatedPairs
) -> None:
    if len(answers) < 2:
        result.single += 1
        return
    result.questions += 1
    best = max(answers, key=lambda answer: (answer[0], -answer[1]))
    worst = min(answers, key=lambda answer: (answer[0], answer[1]))
    gap = best[0] - worst[0]
    if gap == 0:
        result.ties += 1
    elif gap < minimum_gap:
        result.small_gap += 1
    else:
        result.tied_best += sum(answer[0] == best[0] for answer in answers) > 1
        result.pairs.append(Pair(best[2], best[3], worst[3], "ratings", best[1]))
