"""Columns of the file that steer a split: dates, what stays together, what is spread evenly; each with its facts."""

from __future__ import annotations

import streamlit as st

from engine.data.column_values import column_values
from engine.data.mapping import Mapping
from engine.data.rules import rules
from engine.data.split_columns import DateFacts, GroupFacts, date_facts, group_facts, likely_dates
from engine.data.split_plan import SplitPlan
from pages.parts.data_cache import ids_of
from pages.parts.page import problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import percent, plural

NOTHING = ""
LOOKED_AT = 500  # rows that tell which columns hold dates
TALK = ("messages", "user", "assistant", "system")


def last_plan(studio: Studio) -> SplitPlan:
    """What was asked for the last time, so that nothing is asked twice; the usual plan before the first split."""
    split = studio.split
    plan = split.plan if split is not None else None
    if split is None or plan is None or any(name not in studio.read.columns for name in plan.columns()):
        return SplitPlan() if split is None else SplitPlan(ratios=split.ratios, seed=split.seed)
    return plan


def date_choice(studio: Studio) -> tuple[str | None, bool | None, bool]:
    """The column with dates, whether the day comes first, and whether the choice can be used."""
    columns = studio.read.columns
    likely = _likely_kept(str(studio.project.path), studio.source.id, studio)
    if not likely:
        st.caption("No column looks like dates at a first glance: choose the one that holds them.")
    key = f"split-time-{studio.source.id}"
    first = last_plan(studio).time or (likely[0] if likely else None)
    chosen = st.selectbox(
        "Column with dates", columns, index=columns.index(first) if first else None, key=key, width=420
    )
    if chosen is None:
        return None, None, False
    facts = _dates_kept(str(studio.project.path), studio.version.id, chosen, None, studio)
    day_first: bool | None = None
    if facts.order in ("open", "mixed"):
        day_first = _ask_order(facts, f"{key}-order")
        if day_first is None:
            return chosen, None, False
        facts = _dates_kept(str(studio.project.path), studio.version.id, chosen, day_first, studio)
    return chosen, day_first, _date_words(facts, studio.version.rows)


def group_choice(studio: Studio) -> tuple[str | None, bool]:
    """Column whose equal values stay on one side (None as mapped, '' none), and whether rows can be divided so."""
    mapping = _mapping(studio)
    mapped = next(iter(mapping.columns("group")), NOTHING)
    last = last_plan(studio).group
    start = mapped if last is None else last
    options = [NOTHING, *(name for name in studio.read.columns if mapping.roles.get(name, "ignore") not in TALK)]
    chosen = st.selectbox(
        "Keep together rows with the same",
        options,
        index=options.index(start) if start in options else 0,
        format_func=lambda name: name or "nothing (only copies)",
        key=f"split-group-{studio.source.id}",
        help="For example the customer or the document. If rows of one customer stand on both sides, "
        "the test measures memory and not skill.",
    )
    if not chosen:
        return (NOTHING if mapped else None), True
    facts = _groups_kept(str(studio.project.path), studio.version.id, chosen, studio)
    return (None if chosen == mapped else chosen), _group_words(facts)


def balance_choice(studio: Studio, *, by_date: bool) -> tuple[bool, str | None]:
    """Whether values are spread evenly, and of which column (None: the label)."""
    if by_date:
        st.caption("The dates decide which row is where, so labels are not spread evenly.")
        return True, None
    mapping = _mapping(studio)
    label, nothing = "the label, when there is one", "nothing"
    others = [name for name in studio.read.columns if mapping.roles.get(name, "ignore") not in TALK]
    places: list[int] = list(range(-2, len(others)))  # -2 the label, -1 nothing, then the columns
    last = last_plan(studio)
    start = others.index(last.label) if last.label in others else -2 if last.stratify else -1
    chosen = st.selectbox(
        "Spread evenly over the parts",
        places,
        index=places.index(start),
        format_func=lambda place: label if place == -2 else nothing if place == -1 else others[place],
        key=f"split-balance-{studio.source.id}",
        help="Each value gets its share of training, validation and test (stratified split).",
    )
    return chosen != -1, others[chosen] if chosen >= 0 else None


def _ask_order(facts: DateFacts, key: str) -> bool | None:
    if facts.order == "mixed":
        problem(
            f"The dates are written both ways: {facts.contradiction[0]} and {facts.contradiction[1]}.",
            "Say which way is right; rows written the other way then count as rows without a date.",
            tone="caution",
        )
        readings = ("Day first", "Month first")
    else:
        readings = facts.readings
    chosen = st.segmented_control(
        f"Is {escape(facts.example, 30)} ...", [0, 1], format_func=lambda place: escape(readings[place]), key=key
    )
    return None if chosen is None else chosen == 0


def _date_words(facts: DateFacts, rows: int) -> bool:
    if facts.dated < rules().split.dated_share * rows or facts.first == facts.last:
        same = facts.dated and facts.first == facts.last
        told = "All dates in this column are the same." if same else f"Only {plural(facts.dated, 'row')} have a date."
        problem(told, "Choose another column, or let chance decide.", tone="caution")
        return False
    missing = f" {plural(facts.undated, 'row')} without a date stay in training." if facts.undated else ""
    st.caption(f"From {escape(facts.first)} to {escape(facts.last)}.{missing}")
    return True


def _group_words(facts: GroupFacts) -> bool:
    if facts.impossible:
        problem("All rows have the same value here, so nothing could be divided.", "Choose another.", tone="caution")
        return False
    empty = f" {plural(facts.empty, 'row')} without a value stand alone." if facts.empty else ""
    st.caption(f"{plural(facts.groups, 'group')}, the largest with {plural(facts.largest_rows, 'row')}.{empty}")
    if facts.largest_share > 0.5:
        st.caption(f"One group holds {percent(facts.largest_share)} of the rows: it decides how large each part gets.")
    return True


def _mapping(studio: Studio) -> Mapping:
    return Mapping.model_validate(studio.versions[0].step.settings)


def _values(studio: Studio, column: str) -> list[str]:
    ids = ids_of(studio.project, studio.version.id)["row_id"].to_numpy()
    return column_values(studio.project, studio.source, column, ids, studio.read)


def _likely(folder: str, source_id: str, _studio: Studio) -> list[str]:
    return likely_dates(_studio.read.head(LOOKED_AT))


def _groups(folder: str, version_id: str, column: str, _studio: Studio) -> GroupFacts:
    return group_facts(_values(_studio, column))


def _dates(folder: str, version_id: str, column: str, day_first: bool | None, _studio: Studio) -> DateFacts:
    return date_facts(_values(_studio, column), day_first=day_first)


_likely_kept = st.cache_data(max_entries=8, show_spinner=False)(_likely)
_groups_kept = st.cache_data(max_entries=16, show_spinner="Counting the groups")(_groups)
_dates_kept = st.cache_data(max_entries=16, show_spinner="Reading the dates")(_dates)
