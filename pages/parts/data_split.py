"""Split: train, validation and a sealed test part; what the test can show, and whether anything leaks across."""

from __future__ import annotations

import streamlit as st

from engine.data.detectable import detectable_sentence
from engine.data.recipe import SplitPlan
from engine.data.records import DatasetVersion, Split
from engine.data.rules import rules
from engine.data.split import looks, make_split
from engine.data.start import start_split
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from pages.parts.data_clean import can_compare
from pages.parts.data_source import upload_zone
from pages.parts.page import Card, cards, guard, problem
from pages.parts.safe_text import escape
from pages.parts.words import number, percent, plural, when

RATIOS: dict[str, tuple[float, float, float]] = {
    "80 / 10 / 10": (0.8, 0.1, 0.1),
    "70 / 15 / 15": (0.7, 0.15, 0.15),
    "70 / 10 / 20": (0.7, 0.1, 0.2),
    "90 / 5 / 5": (0.9, 0.05, 0.05),
}


def split_job(project: Project, split: Split | None) -> Job | None:
    """The splitting job worth showing: running, or ended badly and nothing newer was made."""
    jobs = JobManager(project).list("split")
    if not jobs or jobs[-1].state == "succeeded":
        return None
    old = jobs[-1].ended is not None and split is not None and split.created > jobs[-1].created
    return None if old else jobs[-1]


def split_form(project: Project, version: DatasetVersion, *, primary: bool, label: str = "Split the rows") -> None:
    """Shares, seed, how careful, and one button."""
    if version.rows < rules().split.fewest_rows:
        problem(
            f"{plural(version.rows, 'row')} {'is' if version.rows == 1 else 'are'} too few to divide: "
            f"at least {rules().split.fewest_rows} are needed.",
            "Bring a file with more rows; for a result you can trust, 100 or more.",
            tone="caution",
        )
        upload_zone(project, key="more")
        return
    compare = can_compare(project)
    with st.container(border=True, gap="small", key="split-form"):
        ratio, seed = st.columns([3, 1])
        shares = ratio.segmented_control(
            "Shares of training, validation and test",
            list(RATIOS),
            default=next(iter(RATIOS)),
            required=True,
            key="split-ratios",
            help="The model learns from the training rows. Validation rows tell when to stop. "
            "Test rows stay sealed until the final measurement.",
        )
        chosen = seed.number_input(
            "Seed", 0, 2**31 - 1, 0, key="split-seed", help="The same number gives the same split again."
        )
        careful = st.checkbox(
            "Keep rows that say the same on one side",
            compare,
            key="split-careful",
            disabled=not compare,
            help="Compares the meaning of questions, so that no test row is a copy of a training row in other words. "
            "Takes about a minute for 10,000 rows. Without it only equal questions are kept together.",
        )
        pressed = st.button(
            escape(label),
            key="split-start",
            type="primary" if primary else "secondary",
            icon=":material/call_split:",
        )
    if pressed:
        with guard(), st.spinner("Splitting the rows"):
            _start(project, SplitPlan(ratios=RATIOS[str(shares)], seed=int(chosen)), careful=careful)
            st.rerun()


def split_result(project: Project, split: Split) -> None:
    """Three parts, what the test can show, and the leak check."""
    total = sum(split.counts.values()) or 1
    parts = (
        ("Training", "train", "the model learns from these"),
        ("Validation", "validation", "tell when to stop"),
        ("Test", "test", "sealed until the evaluation"),
    )
    leaks = sum(split.leaks.get(kind, 0) for kind in ("exact", "near"))
    cards(
        [
            *(
                Card(name, number(split.counts[part]), note, f"{percent(split.counts[part] / total, 1)} of the rows")
                for name, part, note in parts
            ),
            Card("Copies across", number(leaks), "in test or validation", leak_words(split)),
        ]
    )
    st.markdown(escape(leak_words(split), 600))
    opened = looks(project, split)
    st.markdown(
        f":material/lock: The test rows are sealed: no page shows them before the evaluation, and every look is "
        f"counted. Looks so far: {number(opened)}."
    )
    st.caption(f"Made {when(split.created)} with seed {split.seed:d}. {escape(_how(split), 300)}")


def split_sentence(split: Split) -> str:
    """`3,050 / 381 / 381. No copies across. With 381 test rows we can see differences of about 6 points or more.`"""
    counts = " / ".join(number(split.counts[part]) for part in ("train", "validation", "test"))
    found = split.leaks.get("exact", 0) + split.leaks.get("near", 0)
    across = "No copies across." if not found else f"{plural(found, 'copy', 'copies')} across."
    return f"{counts}. {across} {detectable_sentence(split.counts['test'])}"


def leak_words(split: Split) -> str:
    """What the leak check looked for and found."""
    exact, prefix, near = (split.leaks.get(kind, 0) for kind in ("exact", "prefix", "near"))
    meaning = f"{number(near)} that say the same in other words" if split.near_checked else "meaning was not compared"
    start = f"Leak check of test and validation against training: {number(exact)} with the same question, {meaning}"
    return f"{start}, {number(prefix)} that begin with the same 50 characters (normal in templated texts)."


def _how(split: Split) -> str:
    parts = []
    if split.stratified:
        parts.append("Every label is spread evenly")
    if split.grouped:
        parts.append("rows of one group stay together")
    parts.append(f"{plural(split.clusters, 'group')} of rows were placed as a whole")
    return "; ".join(parts) + "."


def _start(project: Project, plan: SplitPlan, *, careful: bool) -> None:
    if careful:
        start_split(project, plan)
    else:
        make_split(project, plan)
