"""Which languages the questions are in: a light offline guess from scripts and small words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import cache
from typing import Any

from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.rules import languages, measures
from engine.data.quality.texts import Texts

UNCLEAR = "not clear"
READ = 600  # characters of a text that are looked at
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@cache
def _weights() -> dict[str, dict[str, float]]:
    """Map word -> language -> weight: a word that n languages share counts 1/n for each."""
    held: dict[str, set[str]] = {}
    for language, words in languages().words.items():
        for word in words.split():
            held.setdefault(word, set()).add(language)
    return {word: dict.fromkeys(names, 1 / len(names)) for word, names in held.items()}


@cache
def _ranges() -> tuple[list[int], list[int], list[str]]:
    rows = sorted((low, high, name) for name, parts in languages().scripts.items() for low, high in parts)
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def _script(char: str) -> str | None:
    lows, highs, names = _ranges()
    place = bisect_right(lows, ord(char)) - 1
    return names[place] if place >= 0 and ord(char) <= highs[place] else None


def guess_language(text: str) -> str:
    """Name the language of a text, or `not clear`."""
    text = text[:READ]
    if not text.isascii():
        scripts = Counter(name for char in text if char.isalpha() and (name := _script(char)))
        letters = sum(char.isalpha() for char in text)
        if "Japanese" in scripts and sum(scripts.values()) > 0.3 * letters:
            return "Japanese"  # kana among Chinese characters
        if scripts and scripts.most_common(1)[0][1] > 0.3 * letters:
            return scripts.most_common(1)[0][0]
    scores: Counter[str] = Counter()
    for word in _WORD.findall(text.casefold()):
        for name, weight in _weights().get(word, {}).items():
            scores[name] += weight  # type: ignore[assignment]
    return _best(scores)


def _best(scores: Counter[str]) -> str:
    limits = measures().language
    (name, first), *rest = scores.most_common(2) or [("", 0)]
    second = rest[0][1] if rest else 0
    return name if first >= limits.fewest_hits * 0.75 and first >= limits.lead * second else UNCLEAR


def language(texts: Texts) -> Quality:
    """Share of each language among the questions; rows of rare ones are listed."""
    limits = measures().language
    named = [guess_language(prompt) for prompt in texts.prompts]
    counts = Counter(named)
    clear = Counter({name: count for name, count in counts.items() if name != UNCLEAR})
    numbers: dict[str, Any] = {"counts": {name: texts.scaled(count) for name, count in counts.most_common()}}
    if not clear:
        verdict = "The language of the questions is not clear: they have too few words."
        return Quality("language", "Languages", 0.0, "good", verdict, "", numbers)
    main, count = clear.most_common(1)[0]
    share = count / clear.total()
    unclear = counts[UNCLEAR] / len(named)
    rare = {name for name, number in clear.items() if number / clear.total() < limits.minority}
    rows = [
        OddRow(row_id, "other language", f"{name}, most are {main}")
        for row_id, name in zip(texts.row_ids, named, strict=True)
        if name in rare
    ]
    verdict = f"{share:.0%} of the questions whose language is clear are {main}; {unclear:.0%} are not clear."
    listed = tuple(rows[: measures().sample.listed_rows])
    others = clear.total() - count
    numbers["main"] = main
    if others and len(clear) > 1 and share < 1 - limits.minority:
        advice = f"Make sure each of the {len(clear)} languages has enough rows. Meaning is only compared in English."
        return Quality("language", "Languages", share, "look", verdict, advice, numbers, listed, texts.scaled(others))
    return Quality("language", "Languages", share, "good", verdict, "", numbers, listed, texts.scaled(len(rows)))
