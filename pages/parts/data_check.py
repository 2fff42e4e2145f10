"""Check rows: is every row fit for the place where it will be trained; what is wrong, where, and one-click fixes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.data.check.check import check_frame
from engine.data.check.finding import Checked, Finding, Group
from engine.data.check.fixes import apply_fix
from engine.data.check.rulebook import check_rules
from engine.data.mapping import Mapping
from engine.data.targets import targets
from engine.errors import TuneworthError
from engine.project.project import Project
from pages.parts.data_cache import looked_rows, sample_note
from pages.parts.page import problem, verdict
from pages.parts.safe_text import escape, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural

MOST_ROWS = 500  # listed per kind; the count is always whole
PLACES = {
    "question": "user",
    "answer": "assistant",
    "instructions": "system",
    "conversation": "messages",
    "label": "label",
}


def check_rows(studio: Studio) -> None:
    """Choose the format, read the verdict, fix group by group."""
    known = targets()
    target = str(
        st.selectbox(
            "Where will the rows be trained?",
            list(known),
            index=list(known).index("hf"),
            format_func=lambda name: known[name].title,
            key="check-target",
            help="Every provider has rules of its own. On this computer the Hugging Face rules hold.",
        )
    )
    checked = checked_of(studio.project, studio.version.id, target)
    _verdict(checked, known[target].title)
    if note := sample_note(studio.version):
        st.caption(f"{escape(note)} A fix changes only the rows that were looked at; the export checks every row.")
    for finding in checked.blocked:
        problem(finding.message, finding.fix, tone="caution")
    for group in checked.groups:
        if group.row_ids:
            _group(studio, checked, group)
    st.caption(
        f":material/info: Rules with source and date: assets/rules/check.yml and export_targets.yml, checked "
        f"{check_rules().checked:%Y-%m-%d}. Meaning is compared in Cleaning, personal data in Compliance."
    )


def checked_of(project: Project, version_id: str, target: str) -> Checked:
    """The check of a version, kept between runs."""
    found: Checked = _checked_kept(str(project.path), version_id, target, project)
    return found


def _verdict(checked: Checked, title: str) -> None:
    good = checked.rows - len(checked.refused)
    if checked.blocked:
        verdict(f"Not ready: {title}.", checked.blocked[0].message, tone="caution")
    elif checked.refused:
        words = f"{number(good)} of {plural(checked.rows, 'row')} fit the rules of {title}."
        detail = f"{plural(len(checked.refused), 'row')} would be refused: fix them below, or leave them out at export."
        verdict(words, detail, tone="caution")
    elif checked.doubted:
        words = f"All {plural(checked.rows, 'row')} fit the rules of {title}."
        verdict(words, f"{plural(len(checked.doubted), 'row')} deserve a look.", tone="good")
    else:
        verdict(f"All {plural(checked.rows, 'row')} fit the rules of {title}. Nothing to fix.", tone="good")


def _group(studio: Studio, checked: Checked, group: Group) -> None:
    """One kind of finding: how many, why it matters, fixes, and the rows."""
    icon = ":orange[:material/error_outline:]" if group.severity == "error" else ":gray[:material/visibility:]"
    with st.container(border=True, gap="small", key=f"check-{group.code}"):
        words, buttons = st.columns([5, 4], vertical_alignment="center")
        refused = "refused by this format" if group.severity == "error" else "worth a look"
        title = f"{icon} **{escape(group.title)}**: {plural(len(group.row_ids), 'row')}, {refused}"  # safe: our icons
        words.markdown(f"{title}  \n:gray[{escape(group.why)}]")
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if not group.fixes:
                st.caption("Decide them in Cleaning, under Contradictions.")
            for fix in group.fixes:
                _fix_button(studio, checked, group, fix)
        _example(studio, group.findings[0])
        rows = st.expander(f"See {plural(len(group.row_ids), 'row')}", key=f"rows-{group.code}", on_change="rerun")
        if rows.open:
            with rows:
                _rows(studio, group)


def _fix_button(studio: Studio, checked: Checked, group: Group, fix: str) -> None:
    st.button(
        escape(check_rules().fixes[fix]),
        key=f"fix-{group.code}-{fix}-{studio.version.id}",
        type="tertiary" if fix == "drop" else "secondary",
        help=f"Changes {plural(len(group.row_ids), 'row')} in one step that can be undone in Cleaning or History.",
        on_click=_apply,
        args=(studio.project, fix, group, checked.target),
    )


def _apply(project: Project, fix: str, group: Group, target: str) -> None:
    try:
        version = apply_fix(project, fix, group.row_ids, group.code, target)
    except TuneworthError as error:
        st.toast(escape(f"{error.message} {error.hint}"))
        return
    done = version.step.dropped or version.step.changed
    st.toast(escape(f"{plural(done, 'row')}: {check_rules().fixes[fix].lower()}. Undo is in Cleaning and in History."))


def _example(studio: Studio, finding: Finding) -> None:
    if finding.row_id is None or finding.row_id in studio.sealed:
        return
    value = f": {escape(finding.value, 90)}" if finding.value.strip() else ""
    st.markdown(f":gray[For example {escape(_place(studio, finding))}{value}. {escape(finding.message)}]")


def _rows(studio: Studio, group: Group) -> None:
    sealed = studio.sealed
    shown = [finding for finding in group.findings if finding.row_id not in sealed]
    table = pd.DataFrame(
        [
            {
                "Where": _place(studio, finding),
                "Value": finding.value,
                "What": finding.message,
                "What to do": finding.fix,
                "Other row": "" if finding.partner is None else studio.line(finding.partner),
            }
            for finding in shown[:MOST_ROWS]
        ]
    )
    if not table.empty:
        if (table["Other row"] == "").all():
            table = table.drop(columns="Other row")
        show_rows(table, key=f"table-{group.code}", height="auto" if len(table) < 9 else 318)
    if len(shown) > MOST_ROWS:
        st.caption(f"The first {number(MOST_ROWS)} of {number(len(shown))}.")
    hidden = len(group.findings) - len(shown)
    if hidden:
        st.caption(f":material/lock: Not listed, because the test part is sealed: {plural(hidden, 'row')}.")


def _place(studio: Studio, finding: Finding) -> str:
    """`Line 12, column category` in the words of the user's file."""
    line = "" if finding.row_id is None else studio.line(finding.row_id)
    mapping = studio.versions[0].step.settings
    role = PLACES.get(finding.place, "")
    try:
        names = Mapping.model_validate(mapping).columns(role)  # type: ignore[arg-type]
    except ValueError:
        names = []
    column = f", column {names[0]}" if len(names) == 1 else f", {finding.place}"
    turn = f", turn {finding.turn:d}" if finding.turn else ""
    return f"{line}{column}{turn}"


def _checked(folder: str, version_id: str, target: str, _project: Project) -> Checked:
    return check_frame(looked_rows(_project, version_id), target)


_checked_kept = st.cache_resource(max_entries=4, show_spinner="Checking every row")(_checked)
