"""`tuneworth cost SCENARIO.yml`: does training pay for itself, against the best alternative?"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.outcome import Outcome
from engine.errors import InputError, Where

if TYPE_CHECKING:
    from engine.costs.decide import Decision

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

HELP = """Compares the tuned model with the best of: today, today with caching, today with batches, other models.
Money is USD, token prices are per 1,000,000 tokens. What is left out is 0 or off; cycles is 1, the horizon 24 months.

example of a scenario file:
  requests_per_month: 100000
  today: {prompt_tokens: 2200, static_prompt_tokens: 2000, answer_tokens: 100, input: 0.40, cached: 0.10, output: 1.60}
  tuned: {prompt_tokens: 300, answer_tokens: 100, input: 0.80, cached: 0.20, output: 3.20,
          hosting_per_hour: 0, hours_per_month: 0, storage_per_month: 0}
  alternatives: [{name: smaller model, prompt_tokens: 2200, static_prompt_tokens: 2000, answer_tokens: 100,
                  input: 0.10, cached: 0.01, output: 0.50}]
  cache_hit_rate: 1.0          # share of static prompt tokens billed at the cached price; left out = no caching
  minimum_cached_prefix: 1024  # below it nothing is cached
  batch_share: 0.0             # share of requests billed at half price
  retry_rate: 0.0
  one_off: {training: 5000, labelling: 0, evaluation: 0, engineering: 0}   # training counts once per cycle
  cycles: 1
  retrain: {per_year: 0, cost: 0}
  errors: {rate_today: 0, rate_tuned: 0, cost: 0}
  horizon_months: 24
  shutdown_date: null          # of the tuned base; caps the horizon
  as_of: 2026-11-21
  discount_rate: null
  uncertainty: {requests_per_month: [80000, 100000, 150000]}   # any input by its path, for example tuned.output

Instead of prices a model may name a row of the catalogue: `price_row: openai/gpt-4.1-mini/inference`.
`distribution: pert` draws smoother than the default `triangular`; `seed` fixes the draws.
Exit code: 0 when the answer could be worked out (also when it is "never"), 2 for a file that cannot be used."""


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "cost",
        help="does training pay for itself?",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenario", type=Path, metavar="SCENARIO.yml", help="the scenario file")
    parser.set_defaults(run=run_cost)


def run_cost(args: argparse.Namespace) -> Outcome:
    """Work out one scenario. Raises InputError naming key, value and line."""
    from engine.costs.decide import decide  # numpy is loaded only when it is needed
    from engine.costs.scenario import load_scenario
    from engine.facts.prices import load_prices

    scenario = load_scenario(args.scenario)
    try:
        decision = decide(scenario, load_prices())
    except InputError as error:
        where = replace(error.where or Where(), file=str(args.scenario))
        raise InputError(error.message, error.hint, where=where) from error
    return Outcome(decision.document(), _text(decision))


def _text(decision: Decision) -> str:
    lines = [decision.sentence, ""]
    for name, cost in sorted(decision.monthly().items(), key=lambda item: item[1]):
        once = f", once {decision.one_off:,.2f}" if name == "tuned" else ""
        lines.append(f"  {name}: {cost:,.2f} USD a month{once}")
    volume = decision.break_even_requests
    draws = decision.uncertainty
    lines += [
        "",
        f"Saving against {decision.comparison.best_alternative}: {decision.saving:,.2f} USD a month.",
        f"Breaks even at {volume:,.0f} requests a month." if volume is not None else "No volume breaks even.",
        f"Chance that it pays back: {draws.probability:.0%} ({draws.draws:,} draws).",
        decision.horizon_reason,
    ]
    if decision.npv is not None:
        lines.append(f"Net present value: {decision.npv:,.2f} USD.")
    lines += [f"  {bar.input}: net benefit {bar.low:,.0f} to {bar.high:,.0f} USD" for bar in draws.tornado]
    return "\n".join(lines + decision.notes)
