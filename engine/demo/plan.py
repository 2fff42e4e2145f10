"""The two planning steps of the sample: the fit check with sample answers, and the cost of this dataset."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.demo.sample import ASSETS
from engine.facts.prices import load_prices, load_routes
from engine.fit.answers import load_answers
from engine.fit.records import save_answers
from engine.fit.rulebook import load_rulebook
from engine.project.project import Project
from engine.providers.case import CaseInputs, work_out
from engine.providers.dataset_tokens import dataset_tokens
from engine.providers.records import save_case


def check_fit(project: Project) -> dict[str, Any]:
    """Answer the checklist as the sample's owner would; return verdict and sentence."""
    book = load_rulebook()
    verdict = save_answers(project, load_answers(ASSETS / "sample" / "fit_answers.yml", book), book)
    return {"verdict": verdict.name, "sentence": verdict.sentence}


def count_cost(project: Project) -> dict[str, Any]:
    """Work out the standard case for the project's tokens; return sentence and payback month."""
    found = dataset_tokens(project)
    known = {"text": found.prompt.mid, "answer": found.answer.mid} if found else {}
    inputs = CaseInputs.model_validate(known)
    prices = load_prices()
    case = work_out(inputs, prices, load_routes(), found.total if found else None, date.today())
    saved = save_case(project, inputs, case, prices.as_of.isoformat())
    return {"sentence": saved.sentence, "payback_month": saved.payback_month, "prices_checked": saved.prices_checked}
