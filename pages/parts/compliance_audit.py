"""The audit log: a timeline with a filter, a check, an anchor to write down, an export."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from engine.errors import InputError
from engine.facts.yaml_file import asset_path
from engine.project.audit import parse_anchor
from engine.project.files import safe_name
from engine.project.project import Project
from pages.parts.compliance_words import GROUPS, PROVES_NOT, action_words, details_words, in_group, verdict_words
from pages.parts.page import problem, section
from pages.parts.safe_text import escape, show_code
from pages.parts.words import number, plural

PAGE_SIZE = 12
MORE = "audit-shown"
RESULT = "audit-result"
ANCHOR = "audit-anchor"


def audit_log(project: Project) -> None:
    """Draw the log of a project."""
    events = project.audit.events()
    section("Audit log", "Who did what to which data, in order. Each entry is sealed with the one before it.")
    left, right = st.columns([2, 1], gap="large")
    with left:
        _timeline(events)
    with right:
        _seal(project)
        _export(project)
        with st.expander("What this log does not prove", icon=":material/help:"):
            for sentence in PROVES_NOT:
                st.markdown(sentence)  # safe: constant of ours


def _timeline(events: list[dict[str, Any]]) -> None:
    group = st.segmented_control("Show", list(GROUPS), default="Everything", required=True, key="audit-group")
    chosen = [event for event in reversed(events) if in_group(event["action"], group or "Everything")]
    shown = chosen[: st.session_state.get(MORE, PAGE_SIZE)]
    day = ""
    with st.container(gap="small"):
        for event in shown:
            moment = time.localtime(event["ts"])
            today = time.strftime("%d %b %Y", moment).lstrip("0")
            if today != day:
                day = today
                st.caption(f"{day}, by {escape(event['actor'])}")  # safe: day is a date
            _entry(event, time.strftime("%H:%M", moment))
    if not shown:
        st.caption("Nothing of this kind yet.")
    if len(shown) < len(chosen):
        st.button(f"Show older ({number(len(chosen) - len(shown))} more)", key="audit-more", on_click=_more)


def _entry(event: dict[str, Any], clock: str) -> None:
    when, what = st.columns([1, 11], gap="small")
    when.markdown(f":gray[{escape(clock)}]")
    words = details_words(event)
    tail = f"  \n:gray[{escape(words, 170)}]" if words else ""
    what.markdown(f"**{escape(action_words(event))}**{tail}")


def _more() -> None:
    st.session_state[MORE] = st.session_state.get(MORE, PAGE_SIZE) + 4 * PAGE_SIZE


def _seal(project: Project) -> None:
    head = project.audit.head()
    with st.container(border=True, gap="small"):
        st.subheader("Anchor", anchor=False)
        st.caption(
            f"Write this down outside this computer: in an e-mail to yourself, on paper. "
            f"It seals all {plural(head.seq, 'event')} up to now."
        )
        show_code(f"{head.hash[:16]}@{head.seq}")
        st.text_input("An anchor you wrote down earlier", key=ANCHOR, placeholder="16 digits and letters, @, a number")
        st.button("Check the log", key="audit-check", icon=":material/verified_user:", on_click=_check, args=(project,))
        _show_result(project)


def _check(project: Project) -> None:
    typed = str(st.session_state.get(ANCHOR) or "").strip()
    try:
        anchors = [parse_anchor(typed)] if typed else []
    except InputError as error:
        st.session_state[RESULT] = (project.id, False, f"{error.message} {error.hint}")
        return
    verdict = project.audit.verify(anchors)
    st.session_state[RESULT] = (project.id, verdict.ok, verdict_words(verdict, bool(anchors)))


def _show_result(project: Project) -> None:
    found = st.session_state.get(RESULT)
    if found is None or found[0] != project.id:
        return
    if found[1]:
        st.success(escape(found[2], 600), icon=":material/check_circle:")
    else:
        problem(found[2])


def _export(project: Project) -> None:
    lines = "".join(f"{line}\n" for line in project.audit.lines())
    with st.container(horizontal=True):
        st.download_button(
            "Export the log",
            lines,
            file_name=f"audit-{safe_name(project.title, 'project')}.jsonl",
            mime="application/jsonl",
            key="audit-export",
            icon=":material/download:",
            help="JSON lines: one event each, with hashes and counts and no content.",
            on_click="ignore",
        )
        st.download_button(
            "Checker",
            asset_path("verify_audit.py").read_bytes(),
            file_name="verify_audit.py",
            mime="text/x-python",
            key="audit-checker",
            icon=":material/terminal:",
            help="A small program that checks an exported log without Tuneworth. It needs only Python.",
            on_click="ignore",
        )
