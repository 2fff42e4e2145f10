"""A split that was made: what the test can show, the parts, whether anything leaks across, labels per part, and how."""

from __future__ import annotations

import streamlit as st

from engine.data.detectable import LargerTest, detectable_sentence, larger_test, points, target_sentence
from engine.data.records import Split
from engine.data.split import looks
from engine.data.split_notes import joined_sentence
from engine.data.split_plan import SplitPlan
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from pages.parts.data_labels import label_chart
from pages.parts.data_leaks import leaks
from pages.parts.data_split_form import begin_split, split_form
from pages.parts.data_undated import undated
from pages.parts.page import Card, cards, guard
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural, when

PARTS = (
    ("Training", "train", "the model learns from these"),
    ("Validation", "validation", "tell when to stop"),
    ("Test", "test", "sealed until the evaluation"),
)


def split_job(project: Project, split: Split | None) -> Job | None:
    """The splitting job worth showing: running, or ended badly and nothing newer was made."""
    jobs = JobManager(project).list("split")
    if not jobs or jobs[-1].state == "succeeded":
        return None
    old = jobs[-1].ended is not None and split is not None and split.created > jobs[-1].created
    return None if old else jobs[-1]


def split_sentence(split: Split) -> str:
    """`3,050 / 381 / 381. No copies across. With 381 test rows we can see differences of about 6 points or more.`"""
    counts = " / ".join(number(split.counts[part]) for part in ("train", "validation", "test"))
    found = split.leaks.get("exact", 0) + split.leaks.get("near", 0)
    across = "No copies across." if not found else f"{plural(found, 'copy', 'copies')} across."
    return f"{counts}. {across} {detectable_sentence(split.counts['test'])}"


def split_result(studio: Studio, split: Split) -> None:
    """Everything about a split."""
    total = sum(split.counts.values()) or 1
    for note in split.notes:
        st.markdown(f":material/info: {escape(note, 400)}")
    undated(studio, split)
    found = sum(split.leaks.get(kind, 0) for kind in ("exact", "near"))
    cards(
        [
            *(
                Card(name, number(split.counts[part]), note, f"{percent(split.counts[part] / total, 1)} of the rows")
                for name, part, note in PARTS
            ),
            Card("Copies across", number(found), "in test or validation", leak_words(split)),
        ]
    )
    _test_size(studio, split, total)
    leaks(studio, split, leak_words(split))
    label_chart(studio.project, split)
    opened = looks(studio.project, split)
    st.markdown(
        f":material/lock: The test rows are sealed: no page shows them before the evaluation, and every look is "
        f"counted. Looks so far: {number(opened)}."
    )
    st.caption(f"Made {when(split.created)} with seed {split.seed:d}. {escape(_how(split), 600)}")


def leak_words(split: Split) -> str:
    """What the leak check looked for and found."""
    exact, prefix, near = (split.leaks.get(kind, 0) for kind in ("exact", "prefix", "near"))
    meaning = f"{number(near)} that say the same in other words" if split.near_checked else "meaning was not compared"
    start = f"Leak check of test and validation against training: {number(exact)} with the same question, {meaning}"
    return f"{start}, {number(prefix)} that begin with the same 50 characters (normal in templated texts)."


def split_again(studio: Studio) -> None:
    """The form for another split of the same rows."""
    with st.expander("Split again", icon=":material/call_split:"):
        split_form(studio, primary=False)


def _test_size(studio: Studio, split: Split, total: int) -> None:
    """What the test can show, and the larger test exactly when it matters."""
    better = larger_test(split.counts, split.ratios)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{escape(detectable_sentence(split.counts['test']))} {escape(target_sentence(total))}",
            help="With 80 % power at 5 % error, when the two models disagree on about a fifth of the rows "
            "(paired test, McNemar).",
        )
        if better is not None and st.button(
            escape(_larger_words(better)),
            key="split-larger-test",
            icon=":material/straighten:",
            help="Splits again with the same seed and choices: 70 % for training, 10 % for validation, 20 % for the "
            "test. The split you have now stays in the project.",
        ):
            plan = _plan_of(split).model_copy(update={"ratios": better.ratios, "compare": split.near_checked})
            with guard(), st.spinner("Splitting the rows"):
                begin_split(studio, plan)
                st.rerun()


def _larger_words(better: LargerTest) -> str:
    now = "nothing" if better.now is None else points(better.now)
    return f"Take 20% for the test: from {now} to {points(better.then)} points"


def _plan_of(split: Split) -> SplitPlan:
    return split.plan or SplitPlan(ratios=split.ratios, seed=split.seed, stratify=split.stratified)


def _how(split: Split) -> str:
    plan = _plan_of(split)
    parts = []
    if plan.time:
        parts.append(f"The newest rows by {plan.time} are the test")
    if split.stratified:
        parts.append(f"every {plan.label or 'label'} is spread evenly")
    if split.grouped:
        parts.append(f"rows of one {plan.group or 'group'} stay together")
    parts.append(f"{plural(split.clusters, 'group')} of rows were placed as a whole")
    told = "; ".join(parts)
    joined = joined_sentence(split.joined_from, near_checked=split.near_checked)
    return f"{told[0].upper()}{told[1:]}. {joined}"
