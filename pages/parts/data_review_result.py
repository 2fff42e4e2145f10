"""What the reading showed: share of wrong rows, reasons, agreement, disagreements to settle, and applying it."""

from __future__ import annotations

import streamlit as st

from engine.data.review.apply import apply_review, plan_review
from engine.data.review.desk import Desk, stop_reading
from engine.data.review.records import Action, Judgement
from engine.data.review.resolution import Disagreement, agreements, disagreements
from engine.data.review.result import ReviewResult, measure
from engine.data.review.rules import review_rules
from engine.data.review.verdicts import Opinion, resolve, take_back, talk_parts
from engine.project.project import Project
from pages.parts import data_review_moves as moves
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_rows, show_text
from pages.parts.studio import Studio
from pages.parts.words import number, percent, plural


def results(studio: Studio, desk: Desk, rater: str) -> None:
    """Shown when the reader is done; before that folded away. Hidden from all while one of several still reads."""
    if desk.waiting_for:
        _blind(studio, desk, rater)
        return
    if not any(desk.book.of(name) for name in desk.raters):
        return
    if desk.finished(rater):
        st.subheader("What the reading showed", anchor=False)
        _all(studio, desk)
    else:
        with st.expander("Result so far", icon=":material/insights:"):
            _all(studio, desk)


def _blind(studio: Studio, desk: Desk, rater: str) -> None:
    rows = len(desk.open_items)
    told = ", ".join(f"{escape(name, 40)} {rows - len(desk.left(name)):,} of {rows:,}" for name in desk.raters)
    st.markdown(
        f":material/visibility_off: Verdicts of others are shown when every reader is done. Read so far: {told}."
    )
    for place, name in enumerate(desk.waiting_for):
        if desk.book.of(name):
            st.button(
                f"{escape(name, 40)} stops here", key=f"review-stop-{place}", on_click=moves.attempt,
                args=(stop_reading, studio.project, desk.queue, name),
                help="The rows read so far count; the others keep the verdict of one person.",
            )  # fmt: skip


def _all(studio: Studio, desk: Desk) -> None:
    found = measure(desk)
    st.markdown(f"**{escape(found.sentence, 400)}**")
    if found.open_disagreements:
        st.markdown(f"{plural(found.open_disagreements, 'row')} read differently do not count before you settle them.")
    if found.flagged_read:
        st.markdown(
            f"Of {plural(found.flagged_read, 'flagged row')}, {number(found.flagged_wrong)} were wrong. They were "
            "chosen for being odd, so they do not count for the share."
        )
    for line in found.advice:
        st.markdown(f"- {escape(line, 400)}")
    _reasons(found)
    for first, second, said in agreements(desk):
        st.markdown(f"**{escape(first, 40)} and {escape(second, 40)}:** {escape(said.words, 900)}")
    _disagreements(studio, desk)
    _apply(desk)


def _reasons(found: ReviewResult) -> None:
    if not found.shares:
        return
    import pandas as pd

    titles = review_rules().reasons
    rows = [
        {
            "What was wrong": titles[share.reason].title,
            "Rows": share.count,
            "Share": percent(share.rate.value, 1),
            "Most likely between": f"{percent(share.rate.low, 1)} and {percent(share.rate.high, 1)}",
        }
        for share in found.shares
    ]
    with st.expander("Show the numbers by reason"):
        show_rows(pd.DataFrame(rows))
        st.caption("Wilson intervals at 95% over the rows drawn at random.")


def _disagreements(studio: Studio, desk: Desk) -> None:
    found = disagreements(desk)
    if not found:
        return
    unsettled = [item for item in found if item.joint is None]
    st.markdown(f"**{plural(len(found), 'disagreement')}**, {number(len(unsettled))} to settle.")
    if unsettled:
        _settle(studio, desk, unsettled[0])
    settled = [item for item in found if item.joint is not None]
    if settled:
        with st.expander(f"{plural(len(settled), 'row')} settled together"):
            for item in settled[:50]:
                _settled(studio, item)


def _settle(studio: Studio, desk: Desk, item: Disagreement) -> None:
    with st.container(border=True, gap="small"):
        _, question, answer = talk_parts(desk.messages(item.row_id))
        st.caption(escape(studio.line(item.row_id)))
        show_text(question, limit=3000)
        st.caption("Answer")
        show_text(answer, limit=3000)
        for place, (column, line) in enumerate(zip(st.columns(len(item.lines)), item.lines, strict=True)):
            with column:
                _said(line)
                st.button(
                    f"Take {escape(line.rater, 40)}'s verdict", key=f"review-take-{item.row_id}-{place}",
                    on_click=_resolve, args=(studio.project, item.row_id, line.action, line),
                )  # fmt: skip
        _third_way(studio, item)


def _said(line: Judgement) -> None:
    reason = f", {review_rules().reasons[line.reason].title.lower()}" if line.reason else ""
    st.markdown(f"**{escape(line.rater, 40)}: {escape(line.action + reason)}** {escape(line.note)}")
    if line.messages is not None:
        st.caption("Corrected answer")
        show_text(talk_parts(line.messages)[2], limit=2000)


def _settled(studio: Studio, item: Disagreement) -> None:
    if item.joint is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        reason = review_rules().reasons[item.joint.reason].title.lower() if item.joint.reason else ""
        words = f"{studio.line(item.row_id)}: {item.joint.action} {reason}"
        st.markdown(escape(words))
        st.button("Open again", key=f"review-reopen-{item.row_id}", on_click=_reopen, args=(studio.project, item.joint))


def _third_way(studio: Studio, item: Disagreement) -> None:
    """What neither said: keep the row as it is, or leave it out for the reason one of them gave."""
    said = {line.action for line in item.lines}
    wrong = next((line for line in item.lines if line.reason), item.lines[0])
    with st.container(horizontal=True):
        if "keep" not in said:
            st.button(
                "Neither: keep it as it is", key=f"review-keep-{item.row_id}", on_click=_resolve,
                args=(studio.project, item.row_id, "keep", wrong),
            )  # fmt: skip
        if "drop" not in said:
            st.button(
                "Neither: leave it out", key=f"review-drop-{item.row_id}", on_click=_resolve,
                args=(studio.project, item.row_id, "drop", wrong),
            )  # fmt: skip


def _resolve(project: Project, row_id: int, action: Action, line: Judgement) -> None:
    opinion = Opinion(action, line.reason, line.note, line.messages)
    moves.attempt(resolve, moves.desk_of(project), row_id, opinion)


def _reopen(project: Project, line: Judgement) -> None:
    moves.attempt(take_back, moves.desk_of(project), line)


def _apply(desk: Desk) -> None:
    plan = plan_review(desk)
    if plan.changed:
        problem(
            f"{plural(len(plan.changed), 'row')} got another text after you read them. They are left as they are.",
            "They are open again in this review: read them once more.",
            tone="caution",
        )
    if desk.applied:
        st.markdown(
            f":green[:material/check_circle:] Applied: {plural(len(desk.applied), 'verdict')}. History takes it back."
        )
    if not plan.edits:
        return
    fixes = f"{plural(plan.fixes, 'row')} corrected" if plan.fixes else ""
    drops = f"{plural(plan.drops, 'row')} left out" if plan.drops else ""
    words = ", ".join(part for part in (fixes, drops) if part)
    if st.button(f"Apply: {escape(words)}", icon=":material/done_all:", key="review-apply"):
        apply_review(desk)
        st.rerun()
    if plan.open_disagreements:
        st.caption(f"{plural(plan.open_disagreements, 'open disagreement')} will be left as they are.")
