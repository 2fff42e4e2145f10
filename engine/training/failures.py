"""Turn what torch and its friends raise into one sentence. By text, so that this file needs none of them."""

from __future__ import annotations

import errno

from engine.errors import JobError, StorageError, TuneworthError
from engine.training.words import HALF_BATCH

_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")
_NO_DISK = ("no space left", "disk quota exceeded", "pytorchstreamwriter failed", "unexpected pos", "iostream error")


def explain_failure(error: BaseException, step: int) -> TuneworthError | None:
    """Return the sentence for a known failure at `step` (0 = before the first), or None for an unknown one."""
    if isinstance(error, TuneworthError):
        return error
    text = f"{type(error).__name__} {error}".lower()
    if "outofmemoryerror" in text or isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY):
        device = "graphics card" if "cuda" in text or "outofmemoryerror" in text else "computer"
        return JobError(f"The {device} ran out of memory {_at(step)}.", HALF_BATCH)
    full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    if full or any(words in text for words in _NO_DISK):
        return StorageError(
            f"The disk is full: the checkpoint {_at(step)} could not be written.",
            "Free some space, then resume: the run goes on from the checkpoint before.",
        )
    return None


def not_finite(step: int, name: str) -> JobError:
    """The sentence for a loss that is no number any more."""
    which = "validation loss" if name == "eval_loss" else "loss"
    return JobError(
        f"The {which} stopped being a number at step {step}: the model broke down.",
        "Lower the learning rate (half is a good try) and look at the rows for broken text, then start again.",
    )


def _at(step: int) -> str:
    return f"at step {step}" if step else "before the first step"
