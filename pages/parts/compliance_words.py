"""Events of the audit log and results of a check in plain words."""

from __future__ import annotations

from typing import Any

from engine.privacy.entities import words
from engine.project.audit import Verdict
from pages.parts.words import number, plural

ACTIONS = {
    "project.create": "Project made",
    "project.export": "Project exported",
    "project.import": "Project imported",
    "source.import": "File read",
    "dataset.create": "Rows made from the file",
    "dataset.clean": "Rows changed",
    "dataset.undo": "Step undone",
    "dataset.redo": "Step done again",
    "dataset.use": "Prepared rows taken into use",
    "dataset.redact": "Personal data replaced",
    "split.create": "Rows split",
    "review.start": "Review by people started",
    "review.import": "Verdicts taken over from a file",
    "pairs.create": "Pairs of better and worse answers kept",
    "test.look": "Test rows looked at",
    "run.start": "Training started",
    "run.end": "Training ended",
    "evaluation.start": "Evaluation started",
    "evaluation.end": "Evaluation ended",
    "export.write": "File exported",
    "privacy.scan": "Scanned for personal data",
    "fit.answer": "Fit Check answered",
    "cost.save": "Costs calculated",
}
GROUPS = {
    "Everything": (),
    "Data": ("source", "dataset", "split", "test", "review", "pairs"),
    "Privacy": ("privacy", "consent"),
    "Training": ("run", "search", "train"),
    "Evaluation": ("evaluation", "vote", "judge"),
    "Project": ("project", "fit", "cost", "export", "settings"),
}
PROVES_NOT = (
    "It does not prove that an event was true or complete, that it happened at that time, or that it was that person: "
    "the clock and the user name come from this computer.",
    "Somebody who can write to the project folder can rewrite the whole log so that it fits together again. "
    "Only an anchor that you wrote down somewhere else shows that.",
    "Events after your last anchor can be cut off without a trace.",
)


def action_words(event: dict[str, Any]) -> str:
    """`dataset.clean` -> `Rows changed`."""
    action = str(event["action"])
    if action == "dataset.clean" and event["details"].get("step") == "map":
        return "Rows made from the file"
    return ACTIONS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def in_group(action: str, group: str) -> bool:
    """Whether an action belongs to a filter."""
    nouns = GROUPS.get(group, ())
    return not nouns or action.partition(".")[0] in nouns


def details_words(event: dict[str, Any]) -> str:
    """Counts of an event in one line; hashes stay in the export."""
    details = event["details"]
    if event["action"] == "privacy.scan":
        kinds = ", ".join(f"{number(count)} {words(name)}" for name, count in details.get("counts", {}).items())
        return f"{plural(int(details.get('rows', 0)), 'row')}: {kinds or 'no patterns found'}"
    if {"rows_in", "rows_out"} <= set(details):
        name = f"{str(details['step']).replace('_', ' ')}: " if details.get("step", "map") != "map" else ""
        return f"{name}{number(details['rows_in'])} rows in, {number(details['rows_out'])} out"
    told = [(key, value) for key, value in details.items() if value not in (None, False, "", {}, [])]
    return ", ".join(f"{key.replace('_', ' ')}: {_value(value)}" for key, value in told[:5])


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, dict):
        return " / ".join(f"{key} {_value(item)}" for key, item in list(value.items())[:4])
    return str(value)[:60]


def verdict_words(verdict: Verdict, anchored: bool) -> str:
    """Result of a check in one or two sentences."""
    if not verdict.ok:
        return f"The log was changed: {verdict.reason} First at event {number(verdict.first_bad or 0)}."
    whole = f"The log is whole: {plural(verdict.events, 'event')}, each linked to the one before."
    return f"{whole} Your anchor fits." if anchored else f"{whole} Without an anchor this cannot show a cut end."
