"""What the dataset is like: numbers with a sentence and advice each, as data for the page. Source: domain.md 2."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.messages import prompts_and_answers
from engine.data.rules import rules
from engine.data.text_keys import canonical_key
from engine.data.tokens import tokens_per_row

Level: TypeAlias = Literal["good", "look", "poor"]


@dataclass(frozen=True)
class Quality:
    """One measure. `value` is a number or share, `numbers` what a chart or table needs."""

    name: str
    title: str
    value: float
    level: Level
    verdict: str
    advice: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)


def measure_quality(frame: pd.DataFrame) -> list[Quality]:
    """Measure canonical rows; an empty frame gives only its size."""
    if frame.empty:
        return [Quality("size", "Rows", 0, "poor", "There are no rows.", "Choose a file.")]
    prompts, answers = prompts_and_answers(frame)
    labels = answers_are_labels(answers)
    found = [_size(len(frame)), _lengths(frame, prompts, answers), _diversity(prompts)]
    if labels or (frame["label"] != "").any():
        values = frame["label"].tolist() if (frame["label"] != "").any() else answers
        found.append(_balance(values))
    found.append(_format(answers, labels))
    if not labels:
        found += [_repeated(answers), _openings(answers)]
    return found


def _size(rows: int) -> Quality:
    limit = rules().quality.fewest_rows
    if rows < limit:
        advice = f"Collect at least {limit} good rows before training; 100 great rows beat 1,000 noisy ones."
        return Quality("size", "Rows", rows, "poor", f"{rows} rows are few.", advice)
    return Quality("size", "Rows", rows, "good", f"{rows:,} rows are enough to start.")


def _lengths(frame: pd.DataFrame, prompts: Sequence[str], answers: Sequence[str]) -> Quality:
    tokens = tokens_per_row(frame)
    middle, longest = statistics.median(tokens), max(tokens)
    numbers = {
        "prompt_characters": [len(text) for text in prompts],
        "answer_characters": [len(text) for text in answers],
        "tokens": tokens,
    }
    verdict = f"Half of the rows have under {middle:,.0f} tokens (estimate); the longest has about {longest:,}."
    if longest > 20 * max(middle, 1) and longest > 1000:
        advice = "Look at the longest rows: they cost most and may be cut by the model."
        return Quality("lengths", "Length", middle, "look", verdict, advice, numbers)
    return Quality("lengths", "Length", middle, "good", verdict, "", numbers)


def _diversity(prompts: Sequence[str]) -> Quality:
    limits = rules().quality
    openings = Counter(canonical_key(prompt)[: limits.prefix_characters] for prompt in prompts)
    share = len(openings) / len(prompts)
    numbers = {"most_common": openings.most_common(5)}
    verdict = f"{share:.0%} of the questions start differently (first {limits.prefix_characters} characters)."
    if share < limits.diversity:
        advice = "Many questions look alike. Add other wordings and rare cases, unless a template is meant."
        return Quality("diversity", "Variety", share, "look", verdict, advice, numbers)
    return Quality("diversity", "Variety", share, "good", verdict, "", numbers)


def _balance(labels: Sequence[str]) -> Quality:
    limits = rules().quality
    counts = Counter(labels)
    (most, high), (least, low) = counts.most_common(1)[0], counts.most_common()[-1]
    ratio = high / low
    numbers = {"counts": dict(counts.most_common())}
    verdict = f"{len(counts)} labels; {most!r} has {high:,} rows, {least!r} has {low:,}."
    rare = sum(count < limits.smallest_label for count in counts.values())
    if rare:
        advice = f"{rare} labels have under {limits.smallest_label} rows: add rows, or join them with another label."
        return Quality("balance", "Balance", ratio, "look", verdict, advice, numbers)
    if ratio > limits.label_ratio:
        advice = "The most common label is far ahead: take fewer of it, or add to the rare ones."
        return Quality("balance", "Balance", ratio, "look", verdict, advice, numbers)
    return Quality("balance", "Balance", ratio, "good", verdict, "", numbers)


def _format(answers: Sequence[str], labels: bool) -> Quality:
    kinds = Counter(answer_format(answer) for answer in answers)
    if labels:
        known = Counter(answer.strip() for answer in answers)
        odd = [value for value in known if _twin(value, known)]
        share = 1 - sum(known[value] for value in odd) / len(answers)
        numbers: dict[str, Any] = {"odd": odd[:20]}
        verdict = f"All answers are labels, {share:.0%} of them written the same way."
        name = "label"
    else:
        name, count = kinds.most_common(1)[0]
        share, numbers = count / len(answers), {"kinds": dict(kinds.most_common())}
        verdict = f"{share:.0%} of the answers have the same form ({name})."
    if share < rules().quality.format_consistency:
        advice = "Bring all answers into one form: the model copies the mix."
        return Quality("format", "Consistency", share, "look", verdict, advice, {**numbers, "majority": name})
    return Quality("format", "Consistency", share, "good", verdict, "", {**numbers, "majority": name})


def _twin(value: str, known: Counter[str]) -> bool:
    """Whether a more common label differs only in case or punctuation."""
    key = canonical_key(value)
    return any(other != value and canonical_key(other) == key and known[other] >= known[value] for other in known)


_SQL = re.compile(r"(?is)(select|insert|update|delete|with)\b.*\b(from|into|set|as)\b")
_FORMS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("JSON", lambda text: text[:1] in "{[" and _parses(text)),
    ("XML or HTML", lambda text: re.match(r"<[A-Za-z!?][^>]*>", text) is not None and text.endswith(">")),
    (
        "SQL",
        lambda text: (
            re.match(r"(?i)(select|insert|update|delete|with)\b.*\b(from|into|set|as)\b", text, re.S) is not None
        ),
    ),
    ("code block", lambda text: text.startswith("```")),
    ("list", lambda text: re.match(r"([-*\u2022]|\d+[.)])\s", text) is not None),
    ("number", lambda text: re.fullmatch(r"[-+]?[\d.,]+\s?%?", text) is not None),
    ("one word", lambda text: re.fullmatch(r"[\w-]+", text) is not None),
)


def answer_format(answer: str) -> str:
    """Name the form of an answer: JSON, XML, SQL, code block, list, number, one word, text, empty."""
    text = answer.strip()
    if not text:
        return "empty"
    return next((name for name, fits in _FORMS if fits(text)), "text")


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _repeated(answers: Sequence[str]) -> Quality:
    text, count = Counter(canonical_key(answer) for answer in answers).most_common(1)[0]
    share = count / len(answers)
    verdict = f"The most common answer makes up {share:.0%} of all."
    if count > 1 and share > rules().quality.repeated_answer:
        advice = "One answer dominates: the model will learn to say it always. Leave some of these rows out."
        return Quality("repeated", "Repetition", share, "look", verdict, advice, {"answer": text[:200], "count": count})
    return Quality("repeated", "Repetition", share, "good", verdict, "", {"answer": text[:200], "count": count})


def _openings(answers: Sequence[str]) -> Quality:
    size = rules().quality.answer_prefix_characters
    openings = Counter(canonical_key(answer)[:size] for answer in answers)
    share = len(openings) / len(answers)
    verdict = f"{share:.0%} of the answers start differently (first {size} characters)."
    numbers = {"most_common": openings.most_common(5)}
    if share < rules().quality.diversity:
        advice = "Many answers start with the same words. Fine for a fixed form; else vary them."
        return Quality("openings", "Openings", share, "look", verdict, advice, numbers)
    return Quality("openings", "Openings", share, "good", verdict, "", numbers)
