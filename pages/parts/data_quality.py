"""Quality: one page of the dataset. Verdict, tiles, what to do first, then the parts one can open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from engine.data.quality.finding import Level, Quality, by_name
from engine.data.quality.meaning import MeaningReport
from engine.data.quality.measure import Measured
from engine.data.quality.odd_rows import Outlier, odd_rows
from engine.data.quality.recommend import Recommendation, recommend
from engine.data.quality.six_questions import SixAnswer, answers_of, six_questions
from engine.data.quality.start import meaning_of
from pages.parts.data_cache import quality_of
from pages.parts.data_quality_charts import chart
from pages.parts.data_quality_look import Look
from pages.parts.data_quality_meaning import meaning_part
from pages.parts.data_quality_odd import odd_part
from pages.parts.data_quality_six import six_part
from pages.parts.data_quality_size import size_part
from pages.parts.data_quality_todo import todo
from pages.parts.page import verdict
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural

TILES = ("lengths", "balance", "repeated", "format", "diversity")
CHARTS = ("lengths", "balance", "format", "diversity", "repeated", "language", "openings")
ICONS: dict[Level, str] = {
    "good": ":green[:material/check_circle:]",
    "look": ":orange[:material/error_outline:]",
    "poor": ":red[:material/block:]",
}
PART = "quality-part"
OVERVIEW = "Overview"


@dataclass(frozen=True)
class Part:
    """A part of the tab."""

    name: str
    draw: Callable[[Look], None]


def quality(studio: Studio) -> None:
    """Draw the tab."""
    look = look_at(studio)
    _verdict(look.known["size"], look.todo)
    if len(look.known) == 1:
        return
    parts = {part.name: part.draw for part in PARTS}
    st.session_state.setdefault(PART, OVERVIEW)
    chosen = st.segmented_control(
        "Part of the quality page",
        list(parts),  # safe: names are a table of ours
        required=True,
        key=PART,
        label_visibility="collapsed",
    )
    parts.get(str(chosen), _overview)(look)
    if look.note:
        st.caption(f":material/info: {escape(look.note)}")


def look_at(studio: Studio) -> Look:
    """Everything the parts need, measured once per version."""
    sealed = studio.sealed
    split_id = studio.split.id if studio.split else ""
    kept: Measured = quality_of(studio.project, studio.version.id, split_id, sealed)
    meaning: MeaningReport | None = meaning_of(studio.project, studio.version.id)
    odd: list[Outlier] = odd_rows(kept.found, meaning)
    given = answers_of(studio.project, studio.source.id)
    answers: list[SixAnswer] = six_questions(kept.found, meaning, studio.fresh_split, given, studio.version.id)
    todo_list: list[Recommendation] = recommend(kept.found, meaning, odd, answers)
    return Look(studio, by_name(kept.found), meaning, odd, answers, todo_list, sealed, kept.note)


def _verdict(size: Quality, tips: Sequence[Recommendation]) -> None:
    if not size.value:
        verdict("There are no rows to measure.", "Undo a step in Cleaning.", tone="caution")
        return
    grave = [tip for tip in tips if tip.gravity > 1]
    if size.level == "poor":
        verdict(size.verdict, size.advice, tone="caution")
    elif grave:
        verdict(
            f"{plural(len(grave), 'thing')} would make these rows better. First: {_lower(grave[0].title)}.",
            "In order of effect below; each has a button.",
            tone="caution",
        )
    else:
        more = f"{plural(len(tips), 'thing is', 'things are')} still open below." if tips else "Nothing is left to do."
        verdict("Nothing in these rows stands in the way of training.", more, tone="good")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _overview(look: Look) -> None:
    shown = [look.known[name] for name in TILES if name in look.known][:4]
    with st.grid(4, min_column_width=150):
        for item in shown:
            _tile(item)
    todo(look)
    charts = [name for name in CHARTS if name in look.known]
    name = st.segmented_control(
        "Look closer",
        charts,
        default=charts[0],
        required=True,
        format_func=lambda name: look.known[name].title,
        key="quality-chart",
    )
    chart(look.known.get(str(name), look.known[charts[0]]), look)


def _tile(item: Quality) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"{ICONS[item.level]} **{escape(item.title)}**")  # safe: icons are a table of ours
        st.subheader(escape(_figure(item)), anchor=False)
        st.markdown(escape(item.verdict, 300))
        st.caption(escape(f"What to do: {item.advice}" if item.advice else "Nothing to do.", 300))


def _figure(item: Quality) -> str:
    if item.name == "lengths":
        return f"about {number(item.value)} tokens"
    if item.name == "balance":
        return f"{number(item.value, 0 if item.value >= 10 else 1)} to 1"
    return percent(item.value)


PARTS: tuple[Part, ...] = (
    Part(OVERVIEW, _overview),
    Part("Six questions", six_part),
    Part("Meaning", meaning_part),
    Part("Rows that stand out", odd_part),
    Part("How many rows", size_part),
)
