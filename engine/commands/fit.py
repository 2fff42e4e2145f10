"""`tuneworth fit ANSWERS.yml`: is fine-tuning the right tool?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.fit.answers import load_answers
from engine.fit.rulebook import Rulebook, load_rulebook
from engine.fit.verdict import Verdict, judge, reason_document
from engine.fit.what_if import Change, would_change

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


class _Help(argparse.Action):
    """Help with all questions; the rule book is read only when help is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.description = _help(load_rulebook())
        parser.print_help()
        parser.exit()


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "fit",
        help="is fine-tuning the right tool?",
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-h", "--help", action=_Help, nargs=0, help="show the questions and their answers, and exit")
    parser.add_argument("answers", type=Path, metavar="ANSWERS.yml", help="the answers file")
    parser.set_defaults(run=run_fit)


def run_fit(args: argparse.Namespace) -> Outcome:
    """Judge one answers file. Raises InputError naming key, value, choices and line."""
    book = load_rulebook()
    answers = load_answers(args.answers, book)
    verdict, changes = judge(answers, book), would_change(answers, book)
    return Outcome(fit_document(verdict, changes, book), _text(verdict, changes))


def fit_document(verdict: Verdict, changes: list[Change], book: Rulebook) -> dict[str, Any]:
    """Return the contract's JSON, with a few fields more."""
    return {
        "verdict": verdict.name,
        "confidence": verdict.confidence,
        "confidence_word": verdict.confidence_word,
        "sentence": verdict.sentence,
        "reasons_for": [reason_document(rule) for rule in verdict.reasons("for")],
        "reasons_against": [reason_document(rule) for rule in verdict.reasons("against")],
        "limits": [reason_document(rule) for rule in verdict.reasons("limits")],
        "contradictions": [reason_document(rule) for rule in verdict.reasons("check")],
        "decided_by": verdict.decided_by.id if verdict.decided_by else None,
        "would_change": [change.document() for change in changes],
        "next_step": verdict.next_step,
        "next_page": verdict.next_page,
        "unanswered": verdict.unanswered,
        "sizing": verdict.sizing.document(),
        "approaches": [
            approach.model_dump(exclude={"start_for"}) | {"start_here": verdict.name in approach.start_for}
            for approach in book.approaches
        ],
        "rules_checked": book.checked.isoformat(),
    }


def _text(verdict: Verdict, changes: list[Change]) -> str:
    lines = [verdict.sentence, f"Confidence: {verdict.confidence_word} ({verdict.confidence:.2f}).", ""]
    for title, effect in (("For", "for"), ("Against", "against"), ("Limits", "limits"), ("Please check", "check")):
        rules = verdict.reasons(effect)
        lines += [f"{title}:"] + [f"  - {rule.text}" for rule in rules] if rules else []
    if changes:
        lines += ["What would change this:"] + [f"  - {change.text}" for change in changes[:6]]
    if verdict.unanswered:
        lines.append(f"Not answered: {', '.join(verdict.unanswered)}.")
    return "\n".join([*lines, "", f"Next: {verdict.next_step}"])


def _help(book: Rulebook) -> str:
    lines = [
        "Reads a YAML file of `question: answer` lines and says whether fine-tuning is the right tool.",
        "Leave out what you do not know: it is listed, and the verdict becomes less certain.",
        "Exit code: 0 for every verdict, 2 for a file that cannot be used.",
        "",
        "questions:",
    ]
    for question in book.questions:
        choices = ", ".join(option.id for option in question.options) or question.kind
        kind = "one or more of: " if question.kind == "several" else ""
        lines.append(f"  {question.id}: {kind}{choices}\n      {question.text}")
    lines += ["", "example:", "  failure_mode: [format, style]", "  prompting: plateau", "  examples: 800"]
    return "\n".join(lines).replace("%", "%%")
