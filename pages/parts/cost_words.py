"""Labels of the calculator's inputs, and money as words."""

from __future__ import annotations

from engine.costs.training_cost import TrainingCost
from pages.parts.words import money

PRICE_FIELDS = (
    "training_price",
    "tokens_per_second",
    "training_hours",
    "tuned_input",
    "tuned_output",
    "hosting_per_hour",
)
LABELS = {
    "base_row": "Model you use today",
    "other_row": "Other model to compare",
    "route": "Where the tuned model would run",
    "requests": "Requests per month",
    "instructions_now": "Instructions in today's prompt (tokens)",
    "text": "Text that differs each time (tokens)",
    "instructions_after": "Instructions after training (tokens)",
    "answer": "Answer (tokens)",
    "cache_hits": "Cached prompt is found",
    "batch_share": "Requests that may wait (batch)",
    "rows": "Examples to train on",
    "epochs": "Training passes",
    "cycles": "Training rounds",
    "work": "People's time, once (USD)",
    "upkeep_per_year": "Trained again, times per year",
    "upkeep_cost": "Training again, each (USD)",
    "error_now": "Wrong answers today",
    "error_tuned": "Wrong answers, tuned",
    "error_cost": "Cost of one wrong answer (USD)",
    "horizon": "Months to look ahead",
    "training_price": "Price of training (USD per 1M tokens)",
    "tokens_per_second": "Training speed (tokens per second)",
    "training_hours": "Hours of one training round",
    "tuned_input": "Tuned model, USD per 1M tokens sent",
    "tuned_output": "Tuned model, USD per 1M tokens answered",
    "hosting_per_hour": "Tuned model, USD per hour",
    "hosting_hours": "Hours per month it stands ready",
}


def training_words(cost: TrainingCost) -> str:
    """`$3 to $7`, `nothing but your own time`, or what has to be asked."""
    if cost.low is None or cost.high is None:
        return "price not known: look it up"
    if cost.high == 0:
        return "your own time and electricity"
    if money(cost.low) == money(cost.high):
        return money(cost.low)
    return f"{money(cost.low)} to {money(cost.high)}"
