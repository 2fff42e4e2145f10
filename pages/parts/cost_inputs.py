"""The left side of Providers & ROI: what the calculator asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from engine.facts.prices import Catalogue, PriceRow, RouteList
from engine.providers.case import CaseInputs
from engine.providers.catalogue import availability_today, state_sentence
from pages.parts.cost_words import LABELS, PRICE_FIELDS
from pages.parts.safe_text import escape, plain
from pages.parts.today import today
from pages.parts.words import money

VOLUMES = [1e2, 2e2, 5e2, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7]
Changed = Callable[[], None]
SHARES = {"cache_hits", "batch_share", "error_now", "error_tuned"}
RANGES: dict[str, tuple[int, int, int]] = {
    "instructions_now": (0, 12_000, 50),
    "text": (5, 4000, 5),
    "instructions_after": (0, 4000, 10),
    "answer": (1, 2000, 1),
}


class Form:
    """The widgets of one project; they keep their values in the session under one prefix."""

    def __init__(self, project_id: str, start: CaseInputs, changed: Changed) -> None:
        self.prefix = f"cost-{project_id}-"
        self.start = start
        self.changed = changed

    def key(self, name: str) -> str:
        """Session key of an input."""
        return self.prefix + name

    def put(self, name: str, value: Any) -> dict[str, Any]:
        """Fill a widget once, and return the options all widgets share."""
        st.session_state.setdefault(self.key(name), value)
        help_text = CaseInputs.model_fields[name].description
        return {"key": self.key(name), "on_change": self.changed, "help": help_text}

    def slider(self, name: str) -> None:
        """A slider in whole numbers whose range reaches the present value."""
        low, high, step = RANGES[name]
        value = int(getattr(self.start, name))
        st.slider(LABELS[name], low, max(high, value), step=step, format="localized", **self.put(name, value))

    def percent(self, name: str) -> None:
        """A slider in percent for a share of 0 to 1."""
        value = round(getattr(self.start, name) * 100)
        st.slider(LABELS[name], 0, 100, format="%d%%", **self.put(name, value))

    def typed(self, name: str, *, low: float = 0.0, high: float = 1e9, step: float = 1.0) -> None:
        """A number field."""
        value = float(getattr(self.start, name))
        st.number_input(LABELS[name], min_value=low, max_value=high, step=step, format="%.10g", **self.put(name, value))

    def own_price(self, name: str, route: str) -> None:
        """A number that only the user can give, kept for each route; empty means unknown."""
        value = getattr(self.start, name) if route == self.start.route else None
        options = self.put(name, None) | {"key": self.key(f"{name}@{route}")}
        st.session_state.setdefault(options["key"], value)
        st.number_input(LABELS[name], min_value=0.0, max_value=1e9, step=0.1, format="%.10g", **options)

    def read(self, route: str) -> CaseInputs:
        """Return what is on the screen, else what it started with. Price fields belong to one route each."""
        values: dict[str, Any] = {}
        for name in CaseInputs.model_fields:
            own = name in PRICE_FIELDS
            raw = st.session_state.get(self.key(f"{name}@{route}" if own else name))
            if raw is None or (own and not raw):
                values[name] = None if own and route != self.start.route else getattr(self.start, name)
            else:
                values[name] = raw / 100 if name in SHARES else raw
            if name == "other_row":
                values[name] = raw
        return CaseInputs.model_validate(values)


def draw(form: Form, catalogue: Catalogue, routes: RouteList, rows_known: bool) -> None:
    """Draw the models, the sliders and the closed section with the rest."""
    _models(form, catalogue, routes)
    start = form.start
    options = sorted({*VOLUMES, start.requests})
    st.select_slider(
        LABELS["requests"], options, format_func=lambda value: f"{value:,.0f}", **form.put("requests", start.requests)
    )
    for name in RANGES:
        form.slider(name)
    with st.expander("Caching, work, upkeep, errors", key=form.key("more")):
        for name in ("cache_hits", "batch_share"):
            form.percent(name)
        st.slider(LABELS["horizon"], 1, 60, **form.put("horizon", start.horizon))
        form.typed("work", step=500.0)
        if not rows_known:
            form.typed("rows", step=100.0)
        form.typed("epochs", low=1.0, high=25.0)
        form.typed("cycles", low=1.0, high=20.0)
        form.typed("upkeep_per_year", high=365.0)
        form.typed("upkeep_cost", step=50.0)
        for name in ("error_now", "error_tuned"):
            form.percent(name)
        form.typed("error_cost", step=0.1)
        form.typed("hosting_hours", high=744.0)


def _models(form: Form, catalogue: Catalogue, routes: RouteList) -> None:
    rows = {
        row.id: row
        for row in catalogue.rows
        if row.kind == "inference" and row.numbers.output is not None and availability_today(row, today()) != "closed"
    }
    open_routes = {each.id: each for each in routes.routes if availability_today(each, today()) != "closed"}
    start = form.start
    base = start.base_row if start.base_row in rows else next(iter(rows))
    st.selectbox(
        LABELS["base_row"], list(rows), format_func=lambda name: _price(rows[name]), **form.put("base_row", base)
    )
    st.selectbox(
        LABELS["other_row"],
        list(rows),
        format_func=lambda name: _price(rows[name]),
        index=None,
        placeholder="None",
        **form.put("other_row", start.other_row if start.other_row in rows else None),
    )
    st.selectbox(
        LABELS["route"],
        list(open_routes),
        format_func=lambda name: plain(open_routes[name].name),
        **form.put("route", start.route if start.route in open_routes else next(iter(open_routes))),
    )
    chosen = open_routes[str(st.session_state[form.key("route")])]
    st.caption(escape(f"{state_sentence(chosen, today())}. {chosen.data_use}"))


def _price(row: PriceRow) -> str:
    numbers = row.numbers
    return plain(f"{row.model} · {money(numbers.input or 0)} / {money(numbers.output or 0)}")
