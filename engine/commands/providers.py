"""`tuneworth providers list` and `tuneworth prices check`."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from engine.commands.outcome import Outcome
from engine.errors import InputError
from engine.facts.prices import load_prices, load_routes
from engine.providers.catalogue import RowToday, route_document, row_today, state_sentence

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

CHECK_HELP = """Lists price rows that a person should look up again: read more than 90 days ago, without a date,
marked unverified, or without a price. Rows of closed routes are left out.
Exit code 0: every row is fresh enough. Exit code 1: at least one row should be confirmed.
Nothing is fetched: this command opens no network connection."""


def register(subparsers: Subparsers) -> None:
    """Add both commands."""
    providers = subparsers.add_parser("providers", help="routes and prices, with dates")
    listing = providers.add_subparsers(dest="providers_command", required=True).add_parser(
        "list", help="every price row and route with its state today"
    )
    _shared(listing)
    listing.set_defaults(run=run_list)
    prices = subparsers.add_parser("prices", help="check how fresh the prices are")
    check = prices.add_subparsers(dest="prices_command", required=True).add_parser(
        "check",
        help="rows that are stale or unverified",
        description=CHECK_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _shared(check)
    check.set_defaults(run=run_check)


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", metavar="DATE", help="the day to judge by (default: today), as 2026-11-21")
    parser.add_argument("--provider", metavar="NAME", help="only this provider")


def run_list(args: argparse.Namespace) -> Outcome:
    """Return all rows and routes. Raises InputError for a bad date or an unknown provider."""
    today = _day(args.as_of)
    rows = _rows(today, args.provider)
    routes = [route for route in load_routes().routes if args.provider in (None, route.provider)]
    document = {
        "as_of": today.isoformat(),
        "catalogue_checked": load_prices().as_of.isoformat(),
        "rows": [row.document() for row in rows],
        "routes": [route_document(route, today) for route in routes],
    }
    lines = [f"{len(routes)} routes and {len(rows)} price rows on {today}."]
    lines += [f"  {route.name}: {state_sentence(route, today)}. Source: {route.source}." for route in routes]
    return Outcome(document, "\n".join(lines))


def run_check(args: argparse.Namespace) -> Outcome:
    """Return the rows that need a look; exit code 1 when there are any."""
    today = _day(args.as_of)
    rows = _rows(today, args.provider)
    doubtful = [row for row in rows if row.needs_confirming and row.availability_today != "closed"]
    document = {
        "ok": not doubtful,
        "as_of": today.isoformat(),
        "checked_rows": len(rows),
        "stale": [row.row.id for row in doubtful if row.badge == "stale"],
        "unverified": [row.row.id for row in doubtful if row.row.confidence == "unverified"],
        "unknown": [row.row.id for row in doubtful if not row.price_known],
        "rows": [row.document() for row in rows],
    }
    lines = [f"{len(doubtful)} of {len(rows)} price rows should be confirmed before you rely on them."]
    lines += [f"  {row.row.id}: {_reason(row)}" for row in doubtful]
    return Outcome(document, "\n".join(lines), 1 if doubtful else 0)


def _reason(row: RowToday) -> str:
    if not row.price_known:
        return "no price is known"
    if row.age_days is None:
        return f"no date; source: {row.row.source}"
    return f"read {row.age_days} days ago" if row.badge == "stale" else "marked unverified"


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--as-of is {text!r}, which is not a date.", "Write it as 2026-11-21.") from error


def _rows(today: date, provider: str | None) -> list[RowToday]:
    catalogue = load_prices()
    known = sorted({row.provider for row in catalogue.rows} | {route.provider for route in load_routes().routes})
    if provider is not None and provider not in known:
        raise InputError(f"--provider is {provider!r}, which is not known.", f"Known: {', '.join(known)}.")
    return [row_today(row, today) for row in catalogue.rows if provider in (None, row.provider)]
