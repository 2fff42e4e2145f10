"""How alike must two rows be to count as the same? A slider over known pairs, what it would do, and one button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from engine.data.near_lanes import Forced
from engine.data.near_redecide import LaneCounts, choices_of, lane_counts, redecide, undo_redecide
from engine.data.near_store import near_version
from engine.data.near_threshold import Proposal, accept, accepted, propose, still_needed
from engine.data.near_votes import PairVote, forced_pairs, row_keys, votes_of
from engine.data.records import DatasetVersion
from engine.project.project import Project
from pages.parts.data_cache import pairs_of, rows_of
from pages.parts.data_votes import told
from pages.parts.page import guard
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural


def threshold(studio: Studio) -> None:
    """Slider, what it would do, and what this project's decisions say about it."""
    near = near_version(studio.versions)
    if near is None:
        return
    with st.expander("How alike must two rows be?", icon=":material/tune:", key="near-threshold"), guard():
        votes = votes_of(studio.project)
        _slider(studio, near, votes)
        _learnt(studio.project, near, votes)
        _language(near)


def _slider(studio: Studio, near: DatasetVersion, votes: Sequence[PairVote]) -> None:
    settings = near.step.settings
    used = float(settings.get("threshold", 0.9))
    left, right = st.columns([3, 2], vertical_alignment="center")
    chosen = left.slider(
        "A row is left out when another one is at least this much alike",
        min(0.8, used), 1.0, used, 0.01,
        key=f"near-slider-{near.id}",
        help="1.00 means the same meaning. Rows that differ in a number, a name or a 'not' stay at any value.",
    )  # fmt: skip
    wording = right.toggle(
        "and has nearly the same letters",
        bool(settings.get("same_wording")),
        key=f"near-wording-{near.id}",
        help="On for categories: other words for the same thing are good examples for a model.",
    )
    pairs, forced = pairs_of(studio.project, near), _forced(studio.project, near, votes)
    labels = bool(settings.get("labels"))
    now = choices_of(near)
    then = replace(now, threshold=chosen, same_wording=wording)
    counts = lane_counts(near.step.rows_in, pairs, then, forced, labels=labels)
    changed = abs(chosen - used) > 1e-9 or wording != bool(settings.get("same_wording"))
    before = lane_counts(near.step.rows_in, pairs, now, forced, labels=labels) if changed else None
    st.markdown(_sentence(counts, before))  # safe: numbers and words of ours
    with st.container(horizontal=True):
        st.button(
            "Use this", key="near-use", disabled=not changed, on_click=_use, args=(studio.project, chosen, wording)
        )
        if counts.not_asked:
            more = (now.most or 0) + 100
            st.button(
                "Ask me about 100 more", key="near-more", on_click=_use, args=(studio.project, chosen, wording, more)
            )
        if settings.get("replaces") and studio.version.id == near.id:
            st.button(
                "Back to how it was", key="near-back", icon=":material/undo:", on_click=_back, args=(studio.project,)
            )


def _sentence(counts: LaneCounts, before: LaneCounts | None) -> str:
    was = f" (now {number(before.removed)})" if before else ""
    words = f"**{plural(counts.removed, 'row')}** left out{was}, **{number(counts.kept)}** kept, "
    words += f"**{plural(counts.ask, 'pair')}** for you to look at, {plural(counts.conflicts, 'contradiction')}."
    if counts.not_asked:
        words += f" {number(counts.not_asked)} more pairs are alike and are kept without asking."
    return words


def _forced(project: Project, near: DatasetVersion, votes: Sequence[PairVote]) -> Forced:
    if not votes or near.parent is None:
        return {}
    return forced_pairs(row_keys(rows_of(project, near.parent)), pairs_of(project, near), votes)


def _learnt(project: Project, near: DatasetVersion, votes: Sequence[PairVote]) -> None:
    """What people decided so far says where the line is in this project."""
    encoder = str(near.step.settings.get("encoder", "minilm"))
    proposal = propose(votes, encoder)
    if proposal is None:
        st.caption(_needed(still_needed(votes, encoder)))  # safe: numbers and words of ours
        return
    known = accepted(project, encoder)
    with st.container(border=True, key="near-proposal"):
        words = f"**Your decisions point to {proposal.threshold:.2f}.** {_evidence(proposal)}"
        st.markdown(words)  # safe: numbers and words of ours
        if known is not None and abs(known.threshold - proposal.threshold) < 5e-5:
            st.caption("This project uses it, for the next file too.")
        else:
            st.button(
                f"Use {proposal.threshold:.2f} in this project",
                key="near-accept",
                on_click=_accept,
                args=(project, encoder, proposal),
            )


def _evidence(found: Proposal) -> str:
    return (
        f"From there on you called {found.above_same} of {plural(found.above, 'pair')} the same, below it "
        f"{found.below_different} of {number(found.below)} different. With {found.votes} decisions the line may lie "
        f"anywhere from {found.low:.2f} to {found.high:.2f}."
    )


def _needed(needed: tuple[int, int, int]) -> str:
    every, same, different = needed
    parts = [f"{plural(max(every, same + different), 'more decision')}"]
    if same or different:
        kinds = [f"{count} {word}" for count, word in ((same, "same"), (different, "different")) if count]
        parts.append(f"among them at least {' and '.join(kinds)}")
    return f"After {', '.join(parts)}, this project can learn its own value from you."


def _language(near: DatasetVersion) -> None:
    rows, foreign = near.step.rows_in, int(near.step.settings.get("foreign", 0))
    share = f"{number(foreign)} of {number(rows)} rows ({percent(foreign / max(rows, 1), 1)})"
    other = f"{share} seem to be in another language: there only letters and numbers decide."
    none = "No row seems to be in another language."
    words = "Names, 'not' and exchanged words are only understood in English."
    st.caption(f"{words} {other if foreign else none}")  # safe: numbers and words of ours


def _use(project: Project, chosen: float, wording: bool, most: int | None = None) -> None:
    with told():
        redecide(project, chosen, same_wording=wording, most=most)


def _back(project: Project) -> None:
    with told():
        undo_redecide(project)


def _accept(project: Project, encoder: str, proposal: Proposal) -> None:
    with told():
        redecide(project, proposal.threshold)
        accept(project, encoder, proposal)
