"""The result: verdict first, bars with intervals, cards, what weakens it, the rows, then the numbers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.evaluation.records import ContestantResult, EvaluationRun, VerdictRecord
from engine.evaluation.scorers.registry import SCORERS
from engine.project.project import Project
from pages.parts.charts import Score, numbers, score_bars
from pages.parts.evaluate_rows import show_rows_side_by_side
from pages.parts.page import Card, Tone, cards, next_button, verdict
from pages.parts.safe_text import escape
from pages.parts.words import number, percent, plural

_TONES: dict[str, Tone] = {"better": "good", "better_small": "good", "cannot_tell": "neutral", "worse": "caution"}
_TITLES = {"format": "Format kept"}


def show_result(project: Project, record: EvaluationRun, *, primary: bool) -> None:
    """Draw one evaluation; `primary` adds the button to the next page."""
    found = record.verdict
    tone: Tone = "neutral" if found is None or found.anecdote else _TONES[found.verdict]
    verdict(record.sentence, _detail(record), tone=tone)
    if record.demo:
        st.info("Measured on the demo model: it shows how this works, not what a model of yours would do.")
    for warning in record.warnings:
        st.warning(escape(warning, 600), icon=":material/error_outline:")
    score_bars([_bar(result, record.metric) for result in record.contestants], title=metric_title(record.metric))
    cards(_cards(record))
    show_rows_side_by_side(project, record)
    numbers(_table(record))
    _how(record)
    if primary:
        next_button("Next: compliance", "compliance")


def metric_title(metric: str) -> str:
    """Return a metric's name for the screen."""
    return _TITLES.get(metric) or (SCORERS[metric].title if metric in SCORERS else metric)


def contestant_title(result: ContestantResult) -> str:
    """Return a contestant's name for the screen, with its number of examples."""
    if result.name == "prompted":
        return f"Base with {result.examples} examples" if result.examples else result.title
    return result.title


def _detail(record: EvaluationRun) -> str:
    found = record.verdict
    if found is None:
        return f"{plural(record.rows, 'row')} of the {record.part} part."
    return (
        f"{metric_title(record.metric)}: {_points(found.difference)} points "
        f"(between {_points(found.low)} and {_points(found.high)} with 95% confidence), {plural(found.n, 'test row')}, "
        "compared row by row."
    )


def _points(gap: float) -> str:
    return f"{100 * gap:+.0f}" if abs(gap) >= 0.095 or gap == 0 else f"{100 * gap:+.1f}"


def _bar(result: ContestantResult, metric: str) -> Score:
    score = result.score(metric) or result.scores[0]
    return Score(contestant_title(result), score.value, score.low, score.high, score.n)


def _cards(record: EvaluationRun) -> list[Card]:
    found = record.verdict
    last = record.contestants[-1]
    kept = last.score("format")
    first = last.scores[0]
    items = []
    if found is not None:
        items.append(_moved(found))
    if kept is not None:
        base = record.contestants[0].score("format")
        note = f"Base model {percent(base.value)}" if base and last.name != "base" else ""
        items.append(Card("Keeps the format", percent(kept.value), note, f"Expected: {record.answer_format.words}."))
    items.append(
        Card("Could not be read", number(first.unreadable), f"of {plural(first.n, 'answer')}", "Counted as not right.")
    )
    pace = last.seconds / max(1, first.n)
    items.append(Card("Time per answer", f"{1000 * pace:,.0f} ms", "on this computer", "Answers were made in batches."))
    return items


def _moved(found: VerdictRecord) -> Card:
    same = found.n - found.better_rows - found.worse_rows
    note = f"{found.worse_rows:,} worse, {same:,} the same"
    return Card("Rows that got better", number(found.better_rows), note, "Against the better of base and best prompt.")


def _table(record: EvaluationRun) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Contestant": contestant_title(result),
                "Measure": metric_title(score.metric),
                "Value": f"{score.value:.1%}",
                "From": f"{score.low:.1%}",
                "To": f"{score.high:.1%}",
                "Rows": score.n,
                "Could not be read": score.unreadable,
            }
            for result in record.contestants
            for score in result.scores
        ]
    )


def _how(record: EvaluationRun) -> None:
    with st.expander("How this was worked out", icon=":material/functions:"):
        lines = [
            "Every model answered the same rows, without chance in the answers (greedy). Rates have Wilson intervals.",
            "The difference is paired: only rows on which the two disagree count (exact McNemar test, Newcombe "
            "interval; for scores a bootstrap of 10,000 draws and sign flips).",
            f"Fingerprint of the rows {record.rows_sha256[:16]}, of the answers {record.answers_sha256[:16]}.",
            f"These test rows were opened {record.uses} time(s), this time included." if record.uses else "",
        ]
        found = record.verdict
        if found is not None:
            lines.append(f"p = {found.p:.3g}; {found.better_rows + found.worse_rows} rows disagree.")
        if record.few_shot and record.few_shot.tried:
            tried = ", ".join(f"{count}: {value:.0%}" for count, value in sorted(record.few_shot.tried.items()))
            lines.append(f"Examples in the prompt, tried on {record.few_shot.rows} rows outside the test: {tried}.")
        settings = record.settings
        lines.append(f"Longest answer {settings.get('max_new_tokens')} tokens, seed {settings.get('seed')}.")
        st.markdown("\n".join(f"- {escape(line, 600)}" for line in lines if line))
