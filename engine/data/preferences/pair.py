"""One preference pair, the checks every pair must pass, and what the lengths give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.data.messages import Message, dumps
from engine.data.rates import Interval, wilson
from engine.data.review.rules import review_rules
from engine.data.text_keys import canonical_key

PairSource: TypeAlias = Literal["columns", "ratings", "review"]
SOURCES: tuple[PairSource, ...] = ("columns", "ratings", "review")


@dataclass(frozen=True)
class Pair:
    """`prompt` ends before the answer; `row_id` is the row of the better answer."""

    prompt: tuple[tuple[str, str], ...]
    chosen: str
    rejected: str
    source: PairSource
    row_id: int

    @property
    def messages(self) -> list[Message]:
        """The prompt as messages."""
        return [{"role": role, "content": content} for role, content in self.prompt]


@dataclass(frozen=True)
class CheckedPairs:
    """`left_out` counts by reason: equal, empty, no_question, doubled, opposite."""

    pairs: list[Pair]
    left_out: dict[str, int]


@dataclass(frozen=True)
class LengthBias:
    """In `longer` of `compared` pairs (those of unequal length in characters) the better answer is the longer one."""

    longer: int
    compared: int
    rate: Interval | None
    biased: bool
    words: str


def split_talk(messages: Sequence[Message]) -> tuple[tuple[tuple[str, str], ...], str]:
    """(prompt, last answer) of a conversation; turns after the answer are left out."""
    last = max((place for place, turn in enumerate(messages) if turn["role"] == "assistant"), default=len(messages))
    prompt = tuple((turn["role"], turn["content"]) for turn in messages[:last])
    return prompt, messages[last]["content"] if last < len(messages) else ""


def prompt_key(messages: Sequence[Message]) -> str:
    """Equal for prompts that differ in case, spacing or plain punctuation only. The system text does not count."""
    return canonical_key("\n".join(turn["content"] for turn in messages if turn["role"] != "system"))


def check_pairs(pairs: Iterable[Pair]) -> CheckedPairs:
    """Leave out pairs nothing can be learnt from: equal or empty answers, no question, twice the same, contradictions.

    When one pair says A over B and another B over A for the same prompt, both are left out (opposite).
    """
    out: Counter[str] = Counter()
    found: dict[tuple[str, str, str], Pair] = {}
    for pair in pairs:
        reason = _fault(pair)
        key = (dumps(pair.messages), pair.chosen.strip(), pair.rejected.strip())
        if reason or key in found:
            out[reason or "doubled"] += 1
        else:
            found[key] = pair
    opposite = {key for key in found if (key[0], key[2], key[1]) in found}
    if opposite:
        out["opposite"] += len(opposite)
    return CheckedPairs([pair for key, pair in found.items() if key not in opposite], dict(out))


def _fault(pair: Pair) -> str:
    if not pair.chosen.strip() or not pair.rejected.strip():
        return "empty"
    if " ".join(pair.chosen.split()) == " ".join(pair.rejected.split()):
        return "equal"
    if not any(role == "user" and content.strip() for role, content in pair.prompt):
        return "no_question"
    return ""


def length_bias(chosen: Sequence[str], rejected: Sequence[str]) -> LengthBias:
    """Does the longer answer win? Then a model learns to write more instead of better."""
    sizes = [(len(better), len(worse)) for better, worse in zip(chosen, rejected, strict=True)]
    compared = sum(a != b for a, b in sizes)
    longer = sum(a > b for a, b in sizes)
    if not compared:
        return LengthBias(0, 0, None, False, "All answers are of equal length.")
    rate = wilson(longer, compared)
    limit = review_rules().pairs.length_bias
    biased = rate.low > limit or rate.high < 1 - limit
    said = (
        f"The better answer is the longer one in {rate.value:.0%} of the pairs ({rate.low:.0%} to {rate.high:.0%}, "
        f"{compared:,} pairs of unequal length)."
    )
    if rate.low > limit:
        said += " A model would learn to write more: add pairs in which the shorter answer is better."
    elif rate.high < 1 - limit:
        said += " A model would learn to write less: add pairs in which the longer answer is better."
    return LengthBias(longer, compared, rate, biased, said)
