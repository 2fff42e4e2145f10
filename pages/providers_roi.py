"""Providers & ROI: does training pay for itself, by which route, and who is still open?"""

from datetime import date

import streamlit as st
import yaml

from engine.data.versions import current_version
from engine.facts.prices import load_prices, load_routes
from engine.fit.records import last_answers
from engine.fit.rulebook import load_rulebook
from engine.project.project import Project
from engine.providers.case import Case, CaseInputs, billable_tokens, work_out
from engine.providers.dataset_tokens import DatasetTokens, dataset_tokens
from engine.providers.records import save_case, saved_case
from pages.parts.cost_inputs import Form, draw
from pages.parts.cost_result import chart, four_cards, headline, worked_out
from pages.parts.cost_routes import routes_table
from pages.parts.cost_words import PRICE_FIELDS
from pages.parts.page import guard, next_button, page_header
from pages.parts.state import require_project
from pages.parts.today import today


def _count(version: str, _project: Project) -> DatasetTokens | None:
    return dataset_tokens(_project)


_counted = st.cache_data(show_spinner="Counting tokens", max_entries=8)(_count)


def _tokens(project: Project) -> DatasetTokens | None:
    version = current_version(project)
    return None if version is None else _counted(version.id, project)


def _start(project: Project, found: DatasetTokens | None) -> CaseInputs:
    """Saved inputs, else a start filled with what is known already: nothing is asked twice."""
    saved = saved_case(project)
    if saved is not None:
        return saved.inputs
    known: dict[str, float] = {}
    if found is not None:
        known |= {"text": max(5, round(found.prompt.mid)), "answer": max(1, round(found.answer.mid))}
    volume = last_answers(project, load_rulebook()).get("requests_per_month")
    if isinstance(volume, float) and volume > 0:
        known["requests"] = volume
    return CaseInputs.model_validate(known)


def _solve(inputs: CaseInputs, found: DatasetTokens | None, day: date) -> Case:
    return work_out(inputs, load_prices(), load_routes(), found.total if found else None, day)


def _save(project: Project, form: Form, found: DatasetTokens | None) -> None:
    with guard():
        inputs = form.read(str(st.session_state[form.key("route")]))
        save_case(project, inputs, _solve(inputs, found, today()), load_prices().as_of.isoformat())


def _own_prices(form: Form, route: str, found: DatasetTokens | None) -> None:
    """Ask for the numbers that no dated source gives for this route."""
    blank = form.read(route).model_copy(update=dict.fromkeys(PRICE_FIELDS))
    unknown = _solve(blank, found, today()).missing
    if unknown:
        st.markdown("**Not known from a dated source**")
        for name in unknown:
            form.own_price(name, route)
    if route.startswith("local/"):
        form.own_price("hosting_per_hour", route)
        st.caption("Power and hardware of your own computer count as 0 until you type what an hour costs you.")


def _about_tokens(found: DatasetTokens | None) -> None:
    if found is None:
        st.caption("There is no dataset in this project yet, so the lengths are typed numbers, filled with an example.")
        return
    st.caption(
        f"Your dataset: {found.rows:,} rows, about {found.total.low:,.0f} to {found.total.high:,.0f} tokens "
        "(characters / 4, 20% either way)."
    )


def _seen(project: Project, inputs: CaseInputs, case: Case) -> None:
    """Going on from the result keeps it, unchanged assumptions too: the step is done."""
    if saved_case(project) is None and case.decision is not None:
        save_case(project, inputs, case, load_prices().as_of.isoformat())


def _next(project: Project, inputs: CaseInputs, case: Case) -> None:
    split = project.records.pointer("split") is not None
    label, page = ("Next: train a model", "train") if split else ("Next: bring your examples", "data_studio")
    next_button(label, page, before=lambda: _seen(project, inputs, case))  # safe: one of our own labels


def main() -> None:
    """Draw the page."""
    project = require_project()
    catalogue, routes, found = load_prices(), load_routes(), _tokens(project)
    page_header("Providers & ROI", "Does training pay for itself, against the best alternative? Prices are dated rows.")
    form = Form(project.id, _start(project, found), lambda: _save(project, form, found))
    left, right = st.columns([3, 8], gap="medium")
    with left, st.container(border=True, gap="small"):
        _about_tokens(found)
        draw(form, catalogue, routes, rows_known=found is not None)
        route = str(st.session_state[form.key("route")])
        _own_prices(form, route, found)
    inputs = form.read(route)
    case = _solve(inputs, found, today())
    with right:
        headline(case)
        if case.decision is not None:
            four_cards(case.decision)
            chart(case.decision, inputs.horizon)
        worked_out(case, inputs, catalogue)
        with st.container(horizontal=True):
            _next(project, inputs, case)
            if case.scenario is not None:
                text = yaml.safe_dump(case.scenario, sort_keys=False, allow_unicode=True)
                st.download_button("Scenario file", text, "scenario.yml", help="For: tuneworth cost scenario\\.yml")
    routes_table(catalogue, routes, billable_tokens(inputs, found.total if found else None))


main()
