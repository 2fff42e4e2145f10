"""The right side of Providers & ROI: sentence, cards, chart, and how it is worked out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.costs.break_even import rule_of_thumb
from engine.costs.decide import Decision
from engine.costs.scenario import TUNED
from engine.facts.prices import Catalogue
from engine.providers.case import Case, CaseInputs, rows_used
from engine.providers.catalogue import row_today
from pages.parts.charts import lines, numbers
from pages.parts.cost_words import LABELS, training_words
from pages.parts.page import Card, cards, verdict
from pages.parts.safe_text import escape, plain, show_rows
from pages.parts.today import today
from pages.parts.words import money, number, percent

STILL = "It can still win on quality, privacy or speed: Evaluate measures that."


def headline(case: Case) -> None:
    """The result in one sentence, or what has to be looked up first."""
    decision = case.decision
    if decision is None:
        names = ", ".join(LABELS[name].lower() for name in case.missing)
        verdict(
            "One number is missing before this can be worked out."
            if len(case.missing) == 1
            else "Some numbers are missing.",
            f"No dated source gives: {names}. Type them in on the left. Unknown prices never count as zero.",
            tone="caution",
        )
        return
    pays = decision.payback_month is not None
    verdict(
        decision.sentence, decision.horizon_reason + ("" if pays else f" {STILL}"), tone="good" if pays else "caution"
    )


def four_cards(decision: Decision) -> None:
    """Payback, cost per month, best alternative, chance."""
    month, monthly = decision.payback_month, decision.monthly()
    best = decision.comparison.best_alternative
    draws = decision.uncertainty
    cards(
        [
            Card("Paid back", f"Month {month}" if month else "Never", f"{money(decision.one_off)} once", PAYBACK_HELP),
            Card("Tuned, a month", money(monthly[TUNED]), _saved(decision.saving), SAVING_HELP),
            Card("Best other", money(monthly[best]), plain(best, 60), "The cheapest way without training."),
            Card("Chance it pays", percent(draws.probability), f"{number(draws.draws)} draws", CHANCE_HELP),
        ]
    )


def _saved(saving: float) -> str:
    return f"{money(saving)} less than the best other" if saving >= 0 else f"{money(-saving)} more than the best other"


PAYBACK_HELP = "First whole month in which the money saved reaches the money spent at the start."
SAVING_HELP = "Against the best alternative, errors included. Hosting, storage and retraining are counted in."
CHANCE_HELP = "Volume is drawn from half to double, lengths 20% around, people's time from half to double."


def chart(decision: Decision, horizon: int) -> None:
    """Money spent so far, per scenario; the tuned line ends when its base model is shut down."""
    rows = [
        {"month": month, "scenario": plain(name, 40), "spent": spent}
        for name, series in decision.series(horizon).items()
        for month, spent in enumerate(series)
        if name != TUNED or month <= max(1, decision.horizon_months)
    ]
    frame = pd.DataFrame(rows)
    last = "; ".join(f"{name} {money(series[-1])}" for name, series in decision.series(horizon).items())
    lines(
        frame,
        x="month",
        y="spent",
        series="scenario",
        x_title="Month",
        y_title="Spent so far (USD)",
        alt_text=f"Money spent after {horizon} months: {last}.",
        height=300,
    )
    if decision.horizon_months < horizon:
        st.caption("The tuned line ends where its base model is shut down.")
    numbers(frame.pivot(index="month", columns="scenario", values="spent").reset_index().round(2))


def worked_out(case: Case, inputs: CaseInputs, catalogue: Catalogue) -> None:
    """Formula, price per request, drivers, and every row with its date."""
    decision = case.decision
    with st.expander("How this is worked out", icon=":material/function:"):
        st.markdown(FORMULA)
        st.markdown(
            f"Training on this route, one round: **{escape(training_words(case.training))}** "
            f"({escape(case.training.formula or 'not known')})."
        )
        if decision is not None:
            _per_scenario(decision)
            _drivers(decision)
            _simple_rule(decision, inputs, catalogue)
        _rows(case, catalogue)


FORMULA = (
    "One request costs (new tokens × input price + cached tokens × cached price + answer tokens × output price) / 1M. "
    "A month is requests × that + hosting + storage + retraining spread over the year. "
    "The saving is always measured against the *cheapest* other scenario, never against today's prompt alone. "
    "A prompt below 1,024 fixed tokens is not cached (unverified minimum)."
)


def _per_scenario(decision: Decision) -> None:
    table = [
        {"Scenario": plain(entry["name"], 60), "USD per 1,000 requests": round(entry["per_request"] * 1000, 4)}
        | {"USD per month": round(entry["monthly"], 2), "USD once": round(entry["one_off"], 2)}
        for entry in decision.document()["scenarios"]
    ]
    show_rows(pd.DataFrame(table), width="stretch")
    volume = decision.break_even_requests
    text = f"Break-even volume: {number(volume)} requests a month." if volume is not None else "No volume breaks even."
    st.markdown(escape(text))


DRIVERS = {
    "requests_per_month": "Requests per month",
    "tuned.prompt_tokens": "Prompt after training (tokens)",
    "tuned.answer_tokens": "Answer (tokens)",
    "one_off.engineering": "People's time, once",
    "one_off.training": "Training, one round",
}


def _drivers(decision: Decision) -> None:
    st.markdown("**What matters most** (net result over the horizon, each input alone from low to high):")
    bars = [bar for bar in decision.uncertainty.tornado if bar.high - bar.low >= 1]
    table = [
        {"Input": DRIVERS.get(bar.input, bar.input), "Low (USD)": round(bar.low), "High (USD)": round(bar.high)}
        for bar in bars
    ]
    show_rows(pd.DataFrame(table), width="stretch")


def _simple_rule(decision: Decision, inputs: CaseInputs, catalogue: Catalogue) -> None:
    price = catalogue.row(inputs.base_row).numbers.input or 0.0
    now, after = inputs.instructions_now + inputs.text, inputs.instructions_after + inputs.text
    rule = rule_of_thumb(now, after, inputs.requests, price, decision.one_off)
    answer = (
        f"pays back after {rule.payback_months:,.1f} months" if rule.payback_months is not None else "never pays back"
    )
    st.caption(
        escape(
            f"The old rule of thumb (tuned price twice the base, no answers, no caching) would say: {answer}. "
            "It is shown because you will meet it elsewhere; it leaves out what usually decides."
        )
    )


def _rows(case: Case, catalogue: Catalogue) -> None:
    st.markdown("**Price rows used**")
    seen = [row_today(row, today()) for row in rows_used(case, catalogue)]
    table = [
        {"Row": each.row.id, "Checked": each.row.retrieved or "no date", "Age": each.badge, "Source": each.row.source}
        for each in seen
    ]
    show_rows(pd.DataFrame(table), width="stretch")
    stale = [each.row.id for each in seen if each.needs_confirming]
    if stale:
        st.caption(f":orange[:material/error_outline:] Please confirm before relying on it: {escape(', '.join(stale))}")
