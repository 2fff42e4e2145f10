"""Repetition: answers that come again and again, answers that repeat themselves, and rows that are copies."""

from __future__ import annotations

import re
from collections import Counter

from engine.data.exact_duplicates import repeats
from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.rules import measures
from engine.data.quality.texts import Texts
from engine.data.rules import rules
from engine.data.text_keys import canonical_key

_WORD = re.compile(r"\w+")


def repeated_share(text: str) -> float:
    """Share of a text's 4-word groups that stand in it before (0 = none). Short texts: 0. Rae et al. 2021, A1."""
    limits = measures().repetition
    words = _WORD.findall(text.casefold())
    if len(words) < limits.fewest_words:
        return 0.0
    size = limits.group_words
    groups = list(zip(*(words[start:] for start in range(size)), strict=False))
    return 1 - len(set(groups)) / len(groups)


def repeated(texts: Texts) -> Quality:
    """How much the most common answer makes up, and which answers repeat themselves."""
    limits, groups = rules().quality, measures().repetition
    keys = [canonical_key(answer) for answer in texts.answers]
    text, count = Counter(keys).most_common(1)[0]
    share = count / len(texts)
    hidden = not any(key == text and row not in texts.hidden for key, row in zip(keys, texts.row_ids, strict=True))
    rows = [
        OddRow(row_id, "repeats itself", f"{part:.0%} of its word groups stand in the answer before")
        for row_id, answer in zip(texts.row_ids, texts.answers, strict=True)
        if (part := repeated_share(answer)) > groups.repeated_share
    ]
    copies = len(repeats(texts.prompts, texts.answers))
    numbers = {
        "answer": "" if hidden else text[:200],
        "count": texts.scaled(count),
        "distinct": len(set(keys)) / len(keys),
        "copies": copies,
        "dominant": not texts.are_labels and count > 1 and share > limits.repeated_answer,
        "looping": texts.scaled(len(rows)),
    }
    verdict = f"The most common answer makes up {share:.0%} of all."
    listed = tuple(rows[: measures().sample.listed_rows])
    if numbers["dominant"]:
        advice = "One answer dominates: the model will learn to say it always. Leave some of these rows out."
        return Quality("repeated", "Repetition", share, "look", verdict, advice, numbers, listed, texts.scaled(count))
    if rows:
        verdict = f"{numbers['looping']:,} answers repeat themselves. {verdict}"
        advice = "Read these rows: a model that learns loops will write loops."
        return Quality(
            "repeated", "Repetition", share, "look", verdict, advice, numbers, listed, texts.scaled(len(rows))
        )
    return Quality("repeated", "Repetition", share, "good", verdict, "", numbers, listed, 0)
