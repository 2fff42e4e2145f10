from __future__ import annotations

import errno

import pytest

from engine.errors import JobError, StorageError
from engine.training.failures import explain_failure, not_finite
from engine.training.words import HALF_BATCH, Ending, StepWords, ending_sentence, gains_nothing, listed


def ending(validation: list[float], training: list[float] | None = None, **facts: object) -> Ending:
    steps = range(10, 10 * len(validation) + 1, 10)
    curve = training or [2 - 0.01 * step for step in range(1, 10 * len(validation) + 1)]
    values: dict[str, object] = {"steps": 10 * len(validation), "planned": 100, **facts}
    return Ending(
        validation=list(zip(steps, validation, strict=True)),
        training=list(enumerate(curve, start=1)),
        **values,  # type: ignore[arg-type]
    )


def test_memorising_is_named() -> None:
    sentence = ending_sentence(ending([1.0, 0.8, 0.9, 1.0, 1.1], ended_early=True))
    assert sentence == "Best at step 20; after that it began to memorise, so we kept step 20."


def test_a_flat_end_is_not_called_memorising() -> None:
    assert "no longer got better and the run ended early" in ending_sentence(
        ending([1.0, 0.8, 0.8, 0.801, 0.8], ended_early=True)
    )


def test_training_loss_that_rises_too_is_not_memorising() -> None:
    sentence = ending_sentence(ending([1.0, 0.8, 0.9, 1.0], training=[1.0] * 20 + [3.0] * 20))
    assert "memorise" not in sentence


def test_best_at_the_end_suggests_more() -> None:
    assert "more passes may help" in ending_sentence(ending([1.0, 0.9, 0.8]))


def test_best_at_the_end_but_flat_does_not() -> None:
    assert "nearly levelled off" in ending_sentence(ending([1.0, 0.3, 0.26, 0.255, 0.254]))


def test_without_validation_it_says_so() -> None:
    bare = Ending(steps=7, planned=7, validation=[], training=[(1, 1.0)])
    assert "Without validation rows" in ending_sentence(bare)


def test_a_stop_says_what_is_saved() -> None:
    sentence = ending_sentence(ending([1.0, 0.9], stopped=True))
    assert sentence.startswith("Stopped at step 20 of 100. Everything up to there is saved (best so far: step 20)")


@pytest.mark.parametrize(
    ("values", "patience", "expected"),
    [
        ([1.0, 0.9, 0.8], 3, False),
        ([0.8, 0.9, 1.0, 1.1], 3, True),
        ([0.8, 0.8, 0.8, 0.8], 3, True),
        ([0.8, 0.9, 1.0, 0.7], 3, False),
        ([0.8, 0.9, 1.0], 3, False),
        ([0.8, 0.9, 1.0, 1.1], 0, False),
        ([], 3, False),
    ],
)
def test_when_to_end_early(values: list[float], patience: int, expected: bool) -> None:
    assert gains_nothing(list(enumerate(values)), patience) is expected


def test_rows_are_listed_short() -> None:
    assert listed([5]) == "row 5"
    assert listed(list(range(30))).endswith("18, 19 and 10 more")


def test_progress_in_words() -> None:
    words = StepWords(step=40, planned=120, epoch=1.01, epochs=3)
    assert str(words) == "Pass 2 of 3, step 40 of 120"
    assert str(StepWords(step=120, planned=120, epoch=3.0, epochs=3)) == "Pass 3 of 3, step 120 of 120"


class OutOfMemoryError(RuntimeError):
    """Named as torch names it."""


@pytest.mark.parametrize(
    ("error", "device"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "graphics card"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate"), "computer"),
        (MemoryError(), "computer"),
    ],
)
def test_out_of_memory_offers_half_the_batch(error: Exception, device: str) -> None:
    found = explain_failure(error, 3)
    assert isinstance(found, JobError)
    assert found.message == f"The {device} ran out of memory at step 3."
    assert found.hint == HALF_BATCH


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:659] . PytorchStreamWriter failed writing file data/3"),
        RuntimeError("basic_ios::clear: iostream error"),
        ValueError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_named(error: Exception) -> None:
    found = explain_failure(error, 0)
    assert isinstance(found, StorageError)
    assert "disk is full" in found.message


def test_an_unknown_failure_is_not_dressed_up() -> None:
    assert explain_failure(RuntimeError("boom"), 3) is None


def test_a_broken_loss_names_the_step() -> None:
    assert "at step 12" in not_finite(12, "loss").message
    assert "validation loss" in not_finite(12, "eval_loss").message


def test_less_than_one_pass_is_never_called_levelled_off() -> None:
    flat = [1.0, 0.3, 0.26, 0.255, 0.254]
    sentence = ending_sentence(ending(flat, passes=0.25))
    assert "only 25% of the rows once: a longer run will do better" in sentence
    assert "levelled" not in sentence
