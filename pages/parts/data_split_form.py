"""The form of a split: shares, by chance or by date, what stays together, what is spread evenly; then one button."""

from __future__ import annotations

import streamlit as st

from engine.data.recipe import SplitPlan
from engine.data.rules import rules
from engine.data.split import make_split
from engine.data.start import start_split
from pages.parts.data_clean import can_compare
from pages.parts.data_source import upload_zone
from pages.parts.data_split_columns import balance_choice, date_choice, group_choice, last_plan
from pages.parts.page import guard, problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import plural

Shares = tuple[float, float, float]
RATIOS: dict[str, Shares] = {
    "80 / 10 / 10": (0.8, 0.1, 0.1),
    "70 / 15 / 15": (0.7, 0.15, 0.15),
    "70 / 10 / 20": (0.7, 0.1, 0.2),
    "90 / 5 / 5": (0.9, 0.05, 0.05),
}
OTHER = "Other"
AT_ONCE = 30_000  # rows divided in about a second
CHANCE, NEWEST = "By chance, evenly", "The newest rows"


def split_form(studio: Studio, *, primary: bool, label: str = "Split the rows") -> None:
    """Ask everything a split needs; sensible answers are chosen already."""
    if studio.version.rows < rules().split.fewest_rows:
        _too_few(studio)
        return
    compare = can_compare(studio.project)
    with st.container(border=True, gap="small", key="split-form"):
        ratios, seed = _shares(last_plan(studio))
        time, day_first, able = _way(studio)
        left, right = st.columns(2)
        with left:
            group, possible = group_choice(studio)
        with right:
            stratify, labels = balance_choice(studio, by_date=time is not None)
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
            disabled=not (able and possible and ratios),
        )
    if pressed and ratios:
        plan = SplitPlan(
            ratios=ratios, seed=seed, stratify=stratify, label=labels, group=group, time=time, day_first=day_first,
            compare=careful,
        )  # fmt: skip
        with guard(), st.spinner("Splitting the rows"):
            begin_split(studio, plan)
            st.rerun()


def begin_split(studio: Studio, plan: SplitPlan) -> None:
    """Split now, or in a job when meanings are compared or there are many rows."""
    if plan.compare or studio.version.rows > AT_ONCE:
        start_split(studio.project, plan)
    else:
        make_split(studio.project, plan, read=studio.read if plan.columns() else None)


def _shares(last: SplitPlan) -> tuple[Shares | None, int]:
    """Shares of the three parts and the seed; None while the shares are impossible."""
    ratio, seed = st.columns([3, 1])
    known = next((name for name, shares in RATIOS.items() if shares == last.ratios), OTHER)
    chosen = ratio.segmented_control(
        "Shares of training, validation and test",
        [*RATIOS, OTHER],
        default=known,
        required=True,
        key="split-ratios",
        help="The model learns from the training rows. Validation rows tell when to stop. "
        "Test rows stay sealed until the final measurement.",
    )
    number = seed.number_input(
        "Seed", 0, 2**31 - 1, last.seed, key="split-seed", help="The same number gives the same split again."
    )
    if chosen != OTHER:
        return RATIOS.get(str(chosen)), int(number)
    return _other_shares(last.ratios), int(number)


def _other_shares(last: Shares) -> Shares | None:
    left, right = st.columns(2)
    validation = left.number_input(
        "Validation, percent of the rows", 0.0, 90.0, round(last[1] * 100, 2), 1.0, key="split-validation"
    )
    test = right.number_input("Test, percent of the rows", 0.0, 90.0, round(last[2] * 100, 2), 1.0, key="split-test")
    train = 100 - validation - test
    if train <= 0:
        problem("Nothing would be left for training.", "Make validation or test smaller.", tone="caution")
        return None
    st.caption(f"Training gets {train:.4g} percent.")
    if test == 0:
        st.caption("Without test rows the model cannot be measured on rows it has never seen.")
    return round(train / 100, 6), round(validation / 100, 6), round(test / 100, 6)


def _way(studio: Studio) -> tuple[str | None, bool | None, bool]:
    """Column with dates and their order when the newest rows are the test; whether that is settled."""
    way = st.segmented_control(
        "Rows of the test",
        [CHANCE, NEWEST],
        default=NEWEST if last_plan(studio).time else CHANCE,
        required=True,
        key="split-way",
        help="By chance is right when all rows are alike. The newest rows are right when the world changes: "
        "the model is then measured on what came after everything it learned from.",
    )
    return date_choice(studio) if way == NEWEST else (None, None, True)


def _too_few(studio: Studio) -> None:
    rows, fewest = studio.version.rows, rules().split.fewest_rows
    problem(
        f"{plural(rows, 'row')} {'is' if rows == 1 else 'are'} too few to divide: at least {fewest} are needed.",
        "Bring a file with more rows; for a result you can trust, 100 or more.",
        tone="caution",
    )
    upload_zone(studio.project, key="more")
