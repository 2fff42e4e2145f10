"""The table of routes: open, closing, closed, each with date, source and age."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.costs.tokens import TokenRange
from engine.costs.training_cost import route_training_cost
from engine.facts.prices import Catalogue, Route, RouteList
from engine.providers.catalogue import age_badge, age_days, availability_today, state_sentence
from pages.parts.cost_words import training_words
from pages.parts.page import section
from pages.parts.safe_text import escape, show_rows
from pages.parts.today import today

STATES = {"All": "", "Open": "open", "Closing or restricted": "closing", "Closed": "closed"}
WIDTHS = {"Route": 330, "Today": 290, "Source": 320, "Data use": 320, "Limits": 320}
AGES = {"fresh": "fresh", "ageing": "getting old", "stale": "old: confirm"}


def routes_table(catalogue: Catalogue, routes: RouteList, tokens: TokenRange) -> None:
    """Draw the table; training cost is for one round over `tokens`."""
    section("Routes", "Who trains models today, until when, and what one training round of your examples costs there.")
    wanted = st.segmented_control("Show", list(STATES), default="All", key="routes-state", label_visibility="collapsed")
    rows = [_row(route, catalogue, tokens) for route in routes.routes]
    kept = [row for row in rows if not STATES[wanted or "All"] or row["_group"] == STATES[wanted or "All"]]
    kept.sort(key=lambda row: ("open", "closing", "closed").index(row["_group"]))
    frame = pd.DataFrame(kept).drop(columns="_group")
    show_rows(
        frame,
        width="stretch",
        height=420,
        column_config={name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
    )
    counts = {group: sum(row["_group"] == group for row in rows) for group in ("open", "closing", "closed")}
    words = f"{counts['open']} open, {counts['closing']} closing or restricted, {counts['closed']} closed on {today()}."
    st.caption(escape(f"{words} Closed routes stay in the list so that nobody plans with them."))


def _row(route: Route, catalogue: Catalogue, tokens: TokenRange) -> dict[str, str]:
    state = availability_today(route, today())
    cost = route_training_cost(route, catalogue, tokens.as_tuple())
    age = age_badge(age_days(route.checked, today()))
    closing = state != "open" or route.new_jobs_until is not None
    return {
        "Route": route.name,
        "Today": state_sentence(route, today()),
        "Training, one round": "closed" if state == "closed" else training_words(cost),
        "Checked": route.checked or "no date",
        "Age": AGES[age],
        "Source": route.source,
        "Your rows": "leave this computer" if route.data_leaves else "stay on this computer",
        "Data use": route.data_use,
        "Methods": ", ".join(method.upper() for method in route.methods),
        "Limits": route.limits,
        "_group": "closed" if state == "closed" else "closing" if closing else "open",
    }
