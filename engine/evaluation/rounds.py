"""Rounds of questions: who is asked what, in batches by length, without asking twice.

The model comes in as an argument.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.data.messages import Message
from engine.evaluation.answer_log import AnswerLog, Reply


@dataclass(frozen=True)
class Generated:
    """One answer and whether it was cut because it reached the longest length."""

    text: str
    hit_limit: bool


class Model(Protocol):
    """What a round needs from a model; `positions` is the longest prompt and answer together, in tokens."""

    positions: int

    def encode(self, turns: Sequence[Message]) -> list[int]:
        """Return token ids of a talk that waits for its next answer."""
        ...

    def answer(self, prompts: Sequence[list[int]], *, tuned: bool, max_new_tokens: int) -> Sequence[Generated]:
        """Answer prompts in one batch."""
        ...


@dataclass(frozen=True)
class Question:
    """One row as it is asked: its id, the talk, the text for the screen, and the expected answer."""

    row_id: int
    turns: tuple[Message, ...]
    prompt: str
    expected: str


@dataclass(frozen=True)
class Round:
    """One contestant's questions."""

    contestant: str
    questions: Sequence[Question]
    tuned: bool = False


def ask(
    model: Model, task: Round, log: AnswerLog, *, batch_size: int, max_new_tokens: int, before: Callable[[int], None]
) -> None:
    """Answer every question that has no answer yet. `before(done)` is called before each batch and may raise to stop.

    Prompts that do not fit the model together with the longest answer are written down as not asked.
    """
    waiting = [question for question in task.questions if not log.has(task.contestant, question.row_id)]
    encoded = [(question, model.encode(question.turns)) for question in waiting]
    room = model.positions - max_new_tokens
    log.add([_reply(task, question, "", 0.0, too_long=True) for question, ids in encoded if len(ids) > room])
    fitting = sorted(
        (item for item in encoded if len(item[1]) <= room), key=lambda item: (-len(item[1]), item[0].row_id)
    )
    done = len(task.questions) - len(fitting)
    for batch in _batches(fitting, batch_size):
        before(done)
        start = time.perf_counter()
        answers = model.answer([ids for _, ids in batch], tuned=task.tuned, max_new_tokens=max_new_tokens)
        each = (time.perf_counter() - start) / len(batch)
        log.add(
            [
                _reply(task, question, found.text, each, hit_limit=found.hit_limit)
                for (question, _), found in zip(batch, answers, strict=True)
            ]
        )
        done += len(batch)


def _batches(items: Sequence[tuple[Question, list[int]]], size: int) -> Iterator[Sequence[tuple[Question, list[int]]]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _reply(
    task: Round, question: Question, answer: str, seconds: float, *, hit_limit: bool = False, too_long: bool = False
) -> Reply:
    return Reply(
        question.row_id, task.contestant, question.prompt, question.expected, answer, seconds, hit_limit, too_long
    )
