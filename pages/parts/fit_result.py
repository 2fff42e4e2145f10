"""The result side of Fit Check: reasons, what would change it, approaches, how it is worked out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.fit.rulebook import Rule, Rulebook
from engine.fit.sizing import Sizing
from engine.fit.verdict import TRAINS, Verdict
from engine.fit.what_if import Change
from pages.parts.page import Card, Tone, cards, section
from pages.parts.safe_text import escape, show_rows
from pages.parts.words import number

MOST_CHANGES = 5
SIZE_HELP = "Good examples for your kind of task, times the number of categories. The table is under the rules below."


def tone_of(verdict: Verdict) -> Tone:
    """Green when training is advised, orange while something is missing."""
    return "good" if verdict.name in TRAINS else "caution"


def figures(verdict: Verdict) -> None:
    """Equal cards: how sure, and how many examples of those recommended."""
    size = verdict.sizing
    answered = f"{len(verdict.unanswered)} left open" if verdict.unanswered else "all answered"
    have = "?" if size.have is None else number(size.have)
    cards(
        [
            Card("Confidence", verdict.confidence_word.capitalize(), answered, "A rough mark, not a probability."),
            Card("Good examples", have, _missing(size), SIZE_HELP),
        ]
    )


def _missing(size: Sizing) -> str:
    if size.missing:
        return f"{number(size.missing)} short of {number(size.go_from)}"
    return f"{number(size.recommended[0])} recommended"


def reasons(verdict: Verdict) -> None:
    """For and against as two lists; then limits and contradictions, if any."""
    for_column, against_column = st.columns(2, gap="medium")
    with for_column:
        _reason_list("Speaks for training", ":green[:material/add_circle:]", verdict.reasons("for"))
    with against_column:
        _reason_list("Speaks against it", ":orange[:material/do_not_disturb_on:]", verdict.reasons("against"))
    for title, effect in (("What it means for the routes", "limits"), ("Please check", "check")):
        if verdict.reasons(effect):
            _reason_list(title, ":gray[:material/info:]", verdict.reasons(effect))


def _reason_list(title: str, icon: str, rules: Sequence[Rule]) -> None:
    with st.container(gap="xsmall"):
        st.subheader(escape(title), anchor=False)
        for rule in rules:
            st.markdown(f"{icon} {escape(rule.text)}")  # safe: icon is one of ours
        if not rules:
            st.caption("Nothing so far.")


def what_would_change(changes: Sequence[Change]) -> None:
    """The single answers that lead elsewhere."""
    section("What would change this")
    for change in changes[:MOST_CHANGES]:
        st.markdown(f":gray[:material/swap_horiz:] {escape(change.text)}")
    if not changes:
        st.caption("No single answer would. Several things stand in the way at once.")


def approaches(verdict: Verdict, book: Rulebook) -> None:
    """All approaches side by side; the one to start with is marked."""
    section("The approaches side by side")
    with st.grid(len(book.approaches), min_column_width=150):
        for approach in book.approaches:
            start = verdict.name in approach.start_for
            with st.container(border=True, gap="xsmall", height="stretch"):
                st.markdown(f"**{escape(approach.name)}**" + (" :primary-badge[Start here]" if start else ""))
                st.caption(f":material/add: {escape(approach.good)}")
                st.caption(f":material/remove: {escape(approach.bad)}")


def worked_out(verdict: Verdict, book: Rulebook) -> None:
    """The rules that applied, the sizes, and where they come from."""
    with st.expander("How this is worked out", icon=":material/function:"):
        st.markdown(
            "The rules are read from top to bottom. The first one that decides gives the verdict; "
            "when none decides, fine-tuning is worth trying."
        )
        decided = verdict.decided_by.id if verdict.decided_by else None
        rows = [
            {
                "Rule": rule.id,
                "Effect": rule.effect,
                "Decides": "yes" if rule.id == decided else "",
                "Reason": rule.text,
            }
            for rule in verdict.fired
        ]
        show_rows(pd.DataFrame(rows), width="stretch")
        st.caption(escape(f"{book.source} Checked {book.checked}. File: assets/rules/fit.yml", 500))
        sizes = [
            {
                "Task": name,
                "Minimum per category": f"{size.minimum[0]:,} to {size.minimum[1]:,}",
                "Recommended": f"{size.recommended[0]:,} to {size.recommended[1]:,}",
            }
            for name, size in book.sizes.items()
            if not name.startswith("unknown")
        ]
        show_rows(pd.DataFrame(sizes), width="stretch")
