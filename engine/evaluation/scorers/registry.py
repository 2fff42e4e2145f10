"""All scorers by their standard name."""

from __future__ import annotations

from engine.errors import InputError
from engine.evaluation.scorers.base import Scorer
from engine.evaluation.scorers.exact import Contains, Edit, Exact, Normalised
from engine.evaluation.scorers.json_answers import JsonAnswer
from engine.evaluation.scorers.labels import Accuracy, MacroF1
from engine.evaluation.scorers.overlap import NgramOverlap, RougeL
from engine.evaluation.scorers.translation import Bleu, ChrF

_ALL: tuple[Scorer, ...] = (
    Exact(),
    Normalised(),
    Contains(),
    Accuracy(),
    MacroF1(),
    NgramOverlap("f1", "Shared words (F1)", 1),
    NgramOverlap("rouge1", "ROUGE-1", 1),
    NgramOverlap("rouge2", "ROUGE-2", 2),
    RougeL(),
    ChrF(),
    Bleu(),
    Edit(),
    JsonAnswer("json", "JSON fields right (F1)", "fields"),
    JsonAnswer("json_same", "JSON all right", "same"),
    JsonAnswer("json_valid", "Valid JSON", "valid"),
)
SCORERS: dict[str, Scorer] = {scorer.name: scorer for scorer in _ALL}


def scorer(name: str) -> Scorer:
    """Return the scorer of that name. Raises InputError naming the known ones."""
    if name not in SCORERS:
        raise InputError(f"There is no metric {name[:40]!r}.", f"Choose one of: {', '.join(SCORERS)}.")
    return SCORERS[name]
