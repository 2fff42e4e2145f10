"""How differently questions and answers begin. Source: domain.md 2 (first 50 and 20 characters, warn under 0.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.data.quality.finding import Quality
from engine.data.quality.texts import Texts
from engine.data.rules import rules
from engine.data.text_keys import canonical_key

SHOWN = 5


def diversity(texts: Texts) -> Quality:
    """Share of different question beginnings (1 = every one differs)."""
    limits = rules().quality
    share, numbers = _shares(texts, texts.prompts, limits.prefix_characters)
    verdict = f"{share:.0%} of the questions start differently (first {limits.prefix_characters} characters)."
    if share < limits.diversity:
        advice = "Many questions look alike. Add other wordings and rare cases, unless a template is meant."
        return Quality("diversity", "Variety", share, "look", verdict, advice, numbers, (), _repeating(share, texts))
    return Quality("diversity", "Variety", share, "good", verdict, "", numbers)


def openings(texts: Texts) -> Quality:
    """Share of different answer beginnings; only said of free text."""
    limits = rules().quality
    share, numbers = _shares(texts, texts.answers, limits.answer_prefix_characters)
    verdict = f"{share:.0%} of the answers start differently (first {limits.answer_prefix_characters} characters)."
    if share < limits.diversity:
        advice = "Many answers start with the same words. Fine for a fixed form; else vary them."
        return Quality("openings", "Openings", share, "look", verdict, advice, numbers, (), _repeating(share, texts))
    return Quality("openings", "Openings", share, "good", verdict, "", numbers)


def _shares(texts: Texts, values: Sequence[str], size: int) -> tuple[float, dict[str, object]]:
    keys = [canonical_key(value[: 4 * size])[:size] for value in values]
    counts = Counter(keys)
    quoted = {key for key, row_id in zip(keys, texts.row_ids, strict=True) if row_id not in texts.hidden}
    common = [(key, count) for key, count in counts.most_common(SHOWN + len(texts.hidden)) if key in quoted][:SHOWN]
    return len(counts) / len(keys), {"most_common": common}


def _repeating(share: float, texts: Texts) -> int:
    return texts.scaled(round((1 - share) * len(texts)))
