"""Say in words what a loss curve means, and the one thing to do next. Pure: a log in, a diagnosis out.

Rules, order and origin of limits: `assets/rules/diagnosis.yml`.
"""

from __future__ import annotations

import numpy as np

from engine.training import diagnose_breaks as breaks
from engine.training import diagnose_shapes as shapes
from engine.training.diagnose_findings import Diagnosis, Finding, Status, steps_of
from engine.training.diagnose_log import TrainingLog
from engine.training.diagnose_rules import diagnosis_rules

_ORDER = {"stop": 0, "warn": 1, "info": 2}


def diagnose(log: TrainingLog) -> Diagnosis:
    """Return what the log says. A stop ends the search for shapes, since a broken curve has none."""
    refusal = _cannot_judge(log)
    if refusal is not None:
        return Diagnosis("cannot_judge", None, (refusal,))
    stops = _present(breaks.no_labels(log), breaks.numbers_broke(log), breaks.diverged(log))
    if any(finding.rule == "no_labels" for finding in stops):
        stops = [stops[0]]
    if any(finding.rule == "numbers_broke" for finding in stops):
        stops = [finding for finding in stops if finding.rule != "diverged"] + _present(_before_break(log))
    found = [*stops, *_notes(log, stops)]
    if not stops:
        found += _shapes(log)
    found.sort(key=lambda finding: _ORDER[finding.severity])
    return Diagnosis(_status(found), _best_step(log, stops), tuple(found))


def _present(*findings: Finding | None) -> list[Finding]:
    return [finding for finding in findings if finding is not None]


def _cannot_judge(log: TrainingLog) -> Finding | None:
    enough = diagnosis_rules().enough
    if any("reward" in key for key in log.keys):
        return Finding(
            "not_supervised",
            "info",
            (),
            "This is not supervised fine-tuning: the log has rewards in it.",
            "These rules are for learning from answers; look at the rewards instead.",
        )
    if len(log.loss) < enough.train_points and len(log.evals) < enough.eval_points:
        return Finding(
            "too_short",
            "info",
            steps_of(log.loss.steps),
            f"Too little to judge: {len(log.loss)} training and {len(log.evals)} validation points.",
            "Log more often, or train longer.",
        )
    return None


def _before_break(log: TrainingLog) -> Finding | None:
    """Divergence seen in the numbers before they broke, as its likely cause."""
    found = breaks.diverged(log)
    return found and Finding(found.rule, "warn", found.steps, found.message, found.advice)


def _notes(log: TrainingLog, stops: list[Finding]) -> list[Finding]:
    rules = {finding.rule for finding in stops}
    hot = bool(rules & {"numbers_broke", "diverged"})
    cold = shapes.plateau(log) is not None and not stops
    return _present(
        breaks.skipped_steps(log) if "numbers_broke" not in rules and "no_labels" not in rules else None,
        breaks.eval_broken(log),
        breaks.guessing(log) if "no_labels" not in rules else None,
        breaks.rate_out_of_range(log, too_hot=hot, too_cold=cold),
        breaks.impossible_loss(log),
        _short(log) if not stops else None,
    )


def _short(log: TrainingLog) -> Finding | None:
    needed = diagnosis_rules().enough.trend_train_points
    if len(log.loss) >= needed:
        return None
    return Finding(
        "too_short",
        "info",
        steps_of(log.loss.steps),
        f"Nothing wrong so far, but {len(log.loss)} training points are too few to see a trend.",
        "Log more often, or look again later.",
    )


def _shapes(log: TrainingLog) -> list[Finding]:
    overfit = shapes.overfit(log)
    return _present(
        overfit,
        shapes.scale_mismatch(log),
        shapes.plateau(log),
        shapes.memorising(log),
        shapes.near_zero(log),
        shapes.gap(log) if overfit is None else None,
        shapes.spikes(log),
        shapes.gradient(log),
    )


def _status(found: list[Finding]) -> Status:
    severities = {finding.severity for finding in found}
    if "stop" in severities:
        return "stop"
    return "warn" if "warn" in severities else "ok"


def _best_step(log: TrainingLog, stops: list[Finding]) -> int | None:
    """Return the lowest validation loss, before any break; without validation the last sound training step."""
    broke = next((finding.steps[0] for finding in stops if finding.rule == "numbers_broke"), None)
    if any(finding.rule == "no_labels" for finding in stops):
        return None
    best = shapes.lowest(log.smooth_evals)
    if best is not None and (broke is None or best < broke):
        return best
    if any(finding.rule == "diverged" for finding in stops):
        return shapes.lowest(log.smooth)
    sound = log.loss.finite().steps
    if broke is not None:
        sound = sound[sound < broke]
    return int(np.max(sound)) if sound.size else None
