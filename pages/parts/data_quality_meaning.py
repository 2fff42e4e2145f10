"""Meaning: how far apart the questions are, which groups there are, with example rows; computed in a job."""

from __future__ import annotations

import streamlit as st

from engine.data.messages import prompt_of
from engine.data.quality.meaning import MeaningGroup, MeaningReport
from engine.data.quality.rules import measures
from engine.data.quality.start import meaning_job, start_meaning
from pages.parts.data_cache import some_rows
from pages.parts.data_clean import can_compare
from pages.parts.data_quality_look import Look
from pages.parts.data_quality_map import meaning_map
from pages.parts.jobs import show_job
from pages.parts.page import Card, cards, guard, problem
from pages.parts.safe_text import escape, plain
from pages.parts.words import number, percent, plural

SHOWN = 5
METHOD = (
    "How this is worked out: a sentence model on this computer (MiniLM, English; the first 256 tokens count) "
    "turns each question into a point; distance is 1 minus the cosine. Groups are found by spherical k-means; of "
    "2 to 12 groups the number with the clearest separation is taken (simplified silhouette). A row is far from "
    "all others when its closeness to its 5 nearest rows lies more than 3 interquartile ranges below the lower "
    "quartile."
)


def meaning_part(look: Look) -> None:
    """The job, or its result."""
    report = look.meaning
    if report is None:
        _start(look)
        return
    if not report.rows:
        st.markdown("There are no questions to compare.")
        return
    _words(report)
    left, right = st.columns([1, 1], gap="large")
    with left:
        _groups(look, report)
    with right:
        meaning_map(report)
    st.caption(METHOD)


def _start(look: Look) -> None:
    job = meaning_job(look.studio.project, look.studio.version.id)
    if job is not None:
        show_job(job.id)
        if not job.ended_state:
            return
    if not can_compare(look.studio.project):
        problem("Comparing meanings is not installed here.", "Run `make setup`, part [semantic].", tone="caution")
        return
    most = measures().meaning.rows
    rows = min(look.studio.version.rows, most)
    st.markdown(
        f"Which topics are in these rows, how different are they, and which rows are unlike all others? "
        f"{plural(rows, 'question')} are compared on this computer; quick after the similar rows were cleaned, else "
        "about a minute."
    )
    if st.button("Compare meanings", key="meaning-start", icon=":material/scatter_plot:"):
        with guard():
            start_meaning(look.studio.project)
            st.rerun()


def _words(report: MeaningReport) -> None:
    limit = measures().meaning.spread
    varied = "varied" if report.spread >= limit else "about few things"
    clear = report.silhouette >= measures().meaning.clear
    st.markdown(
        f"**The questions are {varied}.** "
        + (
            f"{plural(len(report.groups), 'group')} of meaning stand apart."
            if clear
            else "No groups stand clearly apart."
        )
    )
    part = report.rows < report.whole and report.spread_off > 0
    drawn = f"of {number(report.whole)}, drawn at random" if part else f"of {number(report.whole)}"
    most = ", the most looked for" if len(report.groups) == measures().meaning.most_groups else ""
    off = f"±{report.spread_off:.2f} (sample)" if report.spread_off else "all rows compared"
    cards(
        [
            Card(
                "Mean distance in meaning",
                f"{report.spread:.2f}",
                off,
                f"0 = all the same; {limit:g} and more = varied.",
            ),
            Card(
                "Groups",
                number(len(report.groups)),
                f"separation {report.silhouette:.2f}{most}",
                f"Silhouette from -1 to 1; from {measures().meaning.clear:g} on the groups stand apart.",
            ),
            Card("Unlike all others", number(len(report.lone)), "listed under Rows that stand out"),
            Card("Rows compared", number(report.rows), drawn),
        ]
    )


def _groups(look: Look, report: MeaningReport) -> None:
    wanted = {row for item in report.groups for row in item.examples} - look.sealed
    found = some_rows(look.studio.project, look.studio.version.id, sorted(wanted))
    texts = dict(zip(found["row_id"].astype(int), found["messages"], strict=True))
    st.markdown("**Groups and their most typical rows**")
    for place, item in enumerate(report.groups[:SHOWN], start=1):
        _group(look, item, place, report.rows, texts)
    if len(report.groups) > SHOWN:
        with st.expander(f"{plural(len(report.groups) - SHOWN, 'smaller group')}"):
            for place, item in enumerate(report.groups[SHOWN:], start=SHOWN + 1):
                _group(look, item, place, report.rows, texts)


def _group(look: Look, item: MeaningGroup, place: int, rows: int, texts: dict[int, str]) -> None:
    with st.container(gap="xxsmall"):
        share = percent(item.rows / rows)
        st.markdown(f"**{place:d}. {escape(_name(item), 120)}** :gray[{plural(item.rows, 'row')}, {share}]")
        for row in [row for row in item.examples if row in texts][: measures().meaning.examples]:
            st.text(f"{look.studio.line(row)}: {plain(prompt_of(texts[row]), 110)}")


def _name(item: MeaningGroup) -> str:
    return ", ".join(item.words) or "no common words"
