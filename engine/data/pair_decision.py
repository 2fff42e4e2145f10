"""One decision for one pair of texts: remove, ask or keep, with a readable reason. Used wherever pairs are judged.

Lanes (facts "Data" 6): remove = same wording, or cosine >= .90 and every guard passes; ask = .80-.90 and guards pass,
or >= .90 and a guard fails, or nearly the same letters; keep = the rest.
A pair that differs in a number is never removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapidfuzz import fuzz

from engine.data.features import Features, features
from engine.data.guards import first_failed
from engine.data.rules import rules
from engine.data.text_keys import canonical_key

Lane: TypeAlias = Literal["remove", "ask", "keep"]


@dataclass(frozen=True)
class PairDecision:
    """`score` 0..1 (cosine, or letter similarity without one); `guard` names the guard that failed, if any.

    `same` tells whether the pair says the same thing: close enough and every guard passed.
    """

    lane: Lane
    score: float
    reason: str
    guard: str = ""
    same: bool = False


@dataclass(frozen=True)
class Thresholds:
    """Score from which a pair is removed, and from which a person is asked."""

    remove: float
    ask: float


def minilm_thresholds() -> Thresholds:
    """Defaults for MiniLM cosines."""
    near = rules().near
    return Thresholds(near.remove_cosine, near.ask_cosine)


def static_thresholds() -> Thresholds:
    """Defaults for the static model deciding alone."""
    near = rules().near
    return Thresholds(near.static_remove, near.static_ask)


def decide(
    a: str, b: str, cosine: float | None = None, static: float | None = None, thresholds: Thresholds | None = None
) -> PairDecision:
    """Judge two texts. `cosine` is MiniLM's, `static` the static model's; without both only letters are compared."""
    if _same_key(a, b):
        return PairDecision("remove", 1.0, "same wording", same=True)
    left, right = features(a), features(b)
    if not left.words or not right.words:
        return PairDecision("keep", 0.0, "no words to compare")
    letters = letter_similarity(left, right)
    if left.foreign or right.foreign:
        return _lexical(left, right, letters, "not English: only letters and numbers were compared")
    if cosine is not None:
        return _judge(left, right, cosine, letters, thresholds or minilm_thresholds())
    if static is not None:
        return _judge(left, right, static, letters, thresholds or static_thresholds())
    return _lexical(left, right, letters, "only letters and numbers were compared")


def letter_similarity(a: Features, b: Features) -> float:
    """Normalised Indel similarity 0..1 of the joined words; two texts without words are not alike."""
    if not a.words or not b.words:
        return 0.0
    return fuzz.ratio(a.joined, b.joined) / 100


def _judge(a: Features, b: Features, score: float, letters: float, limits: Thresholds) -> PairDecision:
    by_letters = letters >= rules().near.levenshtein
    score = min(max(score, 0.0), 1.0)
    if score < limits.ask and not by_letters:
        return PairDecision("keep", score, "different")
    failed = first_failed(a, b)
    if failed:
        guard, reason = failed
        lane: Lane = "ask" if score >= limits.remove else "keep"
        return PairDecision(lane, score, f"kept: {reason}", guard)
    if score >= limits.remove:
        wording = "same wording" if letters >= rules().near.levenshtein else "paraphrase"
        return PairDecision("remove", score, f"{wording} {_short(score)}", same=True)
    if score >= limits.ask:
        return PairDecision("ask", score, f"maybe the same: similar {_short(score)}", same=True)
    return PairDecision("ask", score, f"nearly the same letters {_short(letters)}", same=True)


def _lexical(a: Features, b: Features, letters: float, note: str) -> PairDecision:
    if letters < rules().near.levenshtein:
        return PairDecision("keep", letters, f"different ({note})")
    failed = first_failed(a, b)
    if failed:
        return PairDecision("keep", letters, f"kept: {failed[1]}", failed[0])
    return PairDecision("ask", letters, f"nearly the same letters {_short(letters)} ({note})", same=True)


def _same_key(a: str, b: str) -> bool:
    if a == b:
        return True
    key = canonical_key(a)
    return key != "" and key == canonical_key(b)


def _short(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")
