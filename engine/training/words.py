"""A run in words: when it ended, which step was kept and why; and when to end early. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from engine.training.rules import training_rules

Losses = Sequence[tuple[int, float]]  # (step, loss), ascending steps
HALF_BATCH = "Run again with half the batch: the same result, a little slower."
SHOWN_ROWS = 20


@dataclass(frozen=True)
class Ending:
    """Facts the sentence is made of; steps are optimizer steps."""

    steps: int
    planned: int
    validation: Losses
    training: Losses
    stopped: bool = False
    ended_early: bool = False
    passes: float = 1.0

    @property
    def best(self) -> tuple[int, float] | None:
        """(step, loss) of the lowest validation loss, the first one when equal; None without validation."""
        return min(self.validation, key=lambda pair: (pair[1], pair[0])) if self.validation else None


def gains_nothing(validation: Losses, patience: int) -> bool:
    """Whether the last `patience` checks brought no lower validation loss than the best before them."""
    if patience <= 0 or len(validation) <= patience:
        return False
    best = min(loss for _, loss in validation[:-patience])
    return all(loss >= best for _, loss in validation[-patience:])


def ending_sentence(ending: Ending) -> str:
    """Return one or two sentences on how the run ended and what was kept."""
    if ending.stopped:
        return _stopped(ending)
    if ending.best is None:
        return f"Finished after {ending.steps} steps. Without validation rows the last step was kept unchecked."
    step, _ = ending.best
    if step >= ending.steps and ending.passes < 1:
        share = f"{ending.passes:.0%}"
        return f"Best at step {step}, the last one. It saw only {share} of the rows once: a longer run will do better."
    if step >= ending.steps:
        more = (
            "it had nearly levelled off" if _levelled(ending) else "it was still getting better; more passes may help"
        )
        return f"Best at step {step}, the last one: {more}."
    if _memorised(ending):
        return f"Best at step {step}; after that it began to memorise, so we kept step {step}."
    early = " and the run ended early" if ending.ended_early else ""
    return f"Best at step {step}; after that it no longer got better{early}, so we kept step {step}."


def _stopped(ending: Ending) -> str:
    start = f"Stopped at step {ending.steps} of {ending.planned}. Everything up to there is saved"
    kept = f" (best so far: step {ending.best[0]})" if ending.best else ""
    return f"{start}{kept}; it can go on from there."


def _levelled(ending: Ending) -> bool:
    """Whether the last check brought next to nothing of the whole gain since the first."""
    values = [loss for _, loss in ending.validation]
    if len(values) < 3:
        return False
    whole, last = values[0] - values[-1], min(values[:-1]) - values[-1]
    return last < training_rules().ending.levelled_share * whole


def _memorised(ending: Ending) -> bool:
    """Training loss kept falling after the best step while validation loss rose."""
    assert ending.best is not None
    step, low = ending.best
    after = [loss for at, loss in ending.validation if at > step]
    before = [loss for at, loss in ending.training if at <= step][-5:]
    later = [loss for at, loss in ending.training if at > step][-5:]
    if not (after and before and later):
        return False
    return after[-1] > low * (1 + training_rules().ending.memorising_rise) and sum(later) / len(later) < sum(
        before
    ) / len(before)


def rows_are(count: int) -> str:
    """`1 row is`, `3 rows are`."""
    return "1 row is" if count == 1 else f"{count:,} rows are"


def rows_have(count: int) -> str:
    """`1 row has`, `3 rows have`."""
    return "1 row has" if count == 1 else f"{count:,} rows have"


def listed(row_ids: list[int]) -> str:
    """`row 5`, `rows 5, 9 and 3 more`."""
    shown = ", ".join(str(row_id) for row_id in row_ids[:SHOWN_ROWS])
    more = f" and {len(row_ids) - SHOWN_ROWS} more" if len(row_ids) > SHOWN_ROWS else ""
    return f"row{'s' if len(row_ids) > 1 else ''} {shown}{more}"


class StepWords(BaseModel):
    """Where a run is, for the progress line."""

    step: int
    planned: int
    epoch: float
    epochs: float

    def __str__(self) -> str:
        passes = max(1, -(-int(self.epochs * 1000) // 1000))
        current = min(passes, int(self.epoch) + 1) if self.step < self.planned else passes
        return f"Pass {current} of {passes}, step {self.step} of {self.planned}"
