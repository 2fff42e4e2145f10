"""From answers to the record: scores per contestant, the paired verdict, warnings. Pure; no model, no files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from engine.evaluation.answer_log import Reply
from engine.evaluation.answers import Answer
from engine.evaluation.compare import Comparison, compare
from engine.evaluation.formats import AnswerFormat
from engine.evaluation.records import ContestantResult, FewShotChoice, Score, VerdictRecord
from engine.evaluation.scorers.base import Pair
from engine.evaluation.scoring import score_answers
from engine.evaluation.settings import TITLES, EvaluationSettings
from engine.evaluation.statistics import wilson
from engine.evaluation.thresholds import evaluation_rules
from engine.evaluation.words import Names

FORMAT = "format"
SECONDARY = {"exact": ("normalised",), "json": ("json_valid", "json_same"), "rougeL": ("normalised", "edit")}


@dataclass(frozen=True)
class Summary:
    """Everything that follows from the answers."""

    contestants: tuple[ContestantResult, ...]
    verdict: VerdictRecord | None


def pairs_of(replies: Sequence[Reply]) -> list[Pair]:
    """Return what was expected and what came, in row order."""
    return [Pair(reply.expected, reply.answer) for reply in replies]


def summarise(
    settings: EvaluationSettings,
    metric: str,
    shape: AnswerFormat,
    replies: Sequence[Reply],
    choice: FewShotChoice | None,
) -> Summary:
    """Return scores and verdict. Raises InputError when the metric does not fit the expected answers."""
    sides: dict[str, list[Reply]] = {
        name: sorted((reply for reply in replies if reply.contestant == name), key=lambda reply: reply.row_id)
        for name in settings.live_contestants()
    }
    shown = {"prompted": choice.count if choice else 0}
    results = tuple(_contestant(name, side, metric, shape, shown.get(name, 0)) for name, side in sides.items())
    return Summary(results, _verdict(results, sides, metric, settings.margin))


def _contestant(
    name: str, replies: Sequence[Reply], metric: str, shape: AnswerFormat, examples: int
) -> ContestantResult:
    pairs = pairs_of(replies)
    scores = [_score(one, pairs) for one in (metric, *SECONDARY.get(metric, ()))]
    if shape.kind != "free":
        kept = [shape.fits(pair.answer) for pair in pairs]
        band = wilson(sum(kept), len(kept))
        scores.insert(1, Score(metric=FORMAT, value=band.value, low=band.low, high=band.high, n=len(kept)))
    return ContestantResult(
        name=name,
        title=TITLES[name] if examples or name != "prompted" else "Base, best prompt (no examples)",
        examples=examples,
        scores=tuple(scores),
        hit_limit=sum(reply.hit_limit for reply in replies),
        too_long=sum(reply.too_long for reply in replies),
        seconds=sum(reply.seconds for reply in replies),
    )


def _score(metric: str, pairs: Sequence[Pair]) -> Score:
    found = score_answers(metric, pairs)
    band = found.interval
    return Score(metric=metric, value=band.value, low=band.low, high=band.high, n=found.n, unreadable=found.unreadable)


def _verdict(
    results: Sequence[ContestantResult], sides: dict[str, list[Reply]], metric: str, margin: float
) -> VerdictRecord | None:
    rivals = [result for result in results if result.name != "tuned"]
    if "tuned" not in sides or not rivals:
        return None
    best = max(rivals, key=lambda result: result.scores[0].value)
    base = "your best prompt" if best.name == "prompted" and best.examples else "the base model"
    found = compare(_answers(sides[best.name]), _answers(sides["tuned"]), metric, margin, Names(base=base))
    return verdict_record(found, best.name)


def verdict_record(found: Comparison, baseline: str) -> VerdictRecord:
    """Return a comparison as it is saved."""
    return VerdictRecord(
        baseline=baseline,
        verdict=found.verdict,
        sentence=found.sentence,
        difference=found.difference.value,
        low=found.difference.low,
        high=found.difference.high,
        p=found.p,
        n=found.n,
        margin=found.margin,
        better_rows=found.better_rows,
        worse_rows=found.worse_rows,
        anecdote=found.anecdote,
        visible_gap=found.visible_gap,
        rows_needed=found.rows_needed,
    )


def _answers(replies: Sequence[Reply]) -> list[Answer]:
    return [Answer(str(reply.row_id), reply.prompt, reply.expected, reply.answer) for reply in replies]


def rows_hash(replies: Sequence[Reply]) -> str:
    """Return the hash of row ids and expected answers: two evaluations with the same hash used the same rows."""
    rows = sorted({(reply.row_id, reply.expected) for reply in replies})
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def warnings_for(contestants: Sequence[ContestantResult], uses: int, leaks: int) -> list[str]:
    """Return what weakens the result, in words."""
    rules = evaluation_rules()
    found = []
    if uses > rules.test_set.looks_before_warning:
        found.append(
            f"These test rows were used {uses} times. Choosing by them over and over makes the result look better than "
            "it is: set fresh rows aside."
        )
    if leaks:
        found.append(
            f"{leaks} test rows are nearly the same as training rows: the tuned model may have learned them by heart."
        )
    for result in contestants:
        if result.too_long:
            rows = result.scores[0].n
            found.append(
                f"{result.title}: {result.too_long} of {rows} prompts are longer than the model can read; not asked."
            )
    endless = [
        f"{result.title} {result.hit_limit:,}"
        for result in contestants
        if result.hit_limit > rules.generation.endless_share * result.scores[0].n
    ]
    if endless:
        rows = contestants[0].scores[0].n
        found.append(f"Answers that did not end by themselves and were cut, of {rows:,}: {', '.join(endless)}.")
    return found
