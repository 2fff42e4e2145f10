"""Is a candidate new? Compared with every row there is, the sealed test rows too, and with the other candidates.

A made row that repeats a test row would let the test be learned by heart, so those are refused without being shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from engine.data.clusters import close_questions
from engine.data.encoders import Report, silent
from engine.data.exact_duplicates import text_key
from engine.data.grow.candidate import REWORDED, Candidate, Refused
from engine.data.grow.rulebook import grow_rules
from engine.data.messages import answer_of, prompt_of, prompts_and_answers
from engine.data.near_pairs import Load


def novel(
    candidates: Sequence[Candidate],
    frame: pd.DataFrame,
    sealed: Collection[int] = (),
    *,
    load: Load | None = None,
    encoder: str = "minilm",
    report: Report = silent,
) -> tuple[list[Candidate], list[Refused]]:
    """Divide candidates into new ones and refused ones. With `load` meaning is compared too, else only wording.

    A reworded row may be close in meaning to others with the same answer: that is its purpose. No row may be close to
    one with another answer, nor to a sealed one; all other rows may not say again what is there.
    """
    known = _Known(frame, sealed)
    fresh: list[Candidate] = []
    refused: list[Refused] = []
    here: dict[str, str] = {}
    for candidate in candidates:
        question, answer = prompt_of(candidate.messages), answer_of(candidate.messages)
        key = text_key(question)
        problem = _empty(candidate, question, answer) or known.same_question(candidate, key)
        if problem is None and key in here:
            problem = _twice(candidate, same_answer=here[key] == text_key(answer))
        if problem is None:
            here[key] = text_key(answer)
            fresh.append(candidate)
        else:
            refused.append(problem)
    if load is None or not fresh:
        return fresh, refused
    kept, near = known.by_meaning(fresh, load, encoder, report)
    return kept, refused + near


def _empty(candidate: Candidate, question: str, answer: str) -> Refused | None:
    if question.strip() and answer.strip():
        return None
    return Refused(candidate, "empty", "Question or answer is empty.")


def _twice(candidate: Candidate, *, same_answer: bool) -> Refused:
    if same_answer:
        return Refused(candidate, "copy", "Another new row says the same.")
    return Refused(candidate, "contradiction", "Another new row says the same and is answered differently.")


class _Known:
    """The rows there are, by the key of their question; a sealed row wins over another with the same question."""

    def __init__(self, frame: pd.DataFrame, sealed: Collection[int]) -> None:
        self.prompts, answers = prompts_and_answers(frame)
        self.answers = [text_key(answer) for answer in answers]
        self.ids = [int(row_id) for row_id in frame["row_id"]]
        self.sealed = [row_id in sealed for row_id in self.ids]
        self.by_key: dict[str, int] = {}
        for row, prompt in enumerate(self.prompts):
            key = text_key(prompt)
            if key not in self.by_key or self.sealed[row]:
                self.by_key[key] = row

    def same_question(self, candidate: Candidate, key: str) -> Refused | None:
        """Why a candidate whose question is there letter by letter is refused, or None."""
        row = self.by_key.get(key)
        if row is None:
            return None
        if self.sealed[row]:
            return Refused(candidate, "test row", "It repeats a row of the sealed test part.")
        if self.answers[row] == text_key(answer_of(candidate.messages)):
            return Refused(candidate, "copy", "The same row is there already.", self.ids[row])
        return Refused(candidate, "contradiction", "A row asks the same and answers differently.", self.ids[row])

    def by_meaning(
        self, fresh: list[Candidate], load: Load, encoder: str, report: Report
    ) -> tuple[list[Candidate], list[Refused]]:
        """Compare the meaning of questions: closest pairs decide first."""
        first = len(self.prompts)
        close = close_questions([*self.prompts, *(prompt_of(new.messages) for new in fresh)], load, encoder, report)
        answers = [text_key(answer_of(new.messages)) for new in fresh]
        refused: dict[int, Refused] = {}
        for left, right, score, _ in sorted(close.pairs, key=lambda pair: -pair[2]):
            a, b = sorted((close.rows[left][0], close.rows[right][0]))
            new, other = b - first, a - first
            if new < 0 or new in refused or other in refused:
                continue
            if other >= 0:
                found = _beside(fresh[new], score, same_answer=answers[new] == answers[other])
            else:
                found = self._near(fresh[new], close.rows[left] + close.rows[right], answers[new], score)
            if found is not None:
                refused[new] = found
        return [new for place, new in enumerate(fresh) if place not in refused], list(refused.values())

    def _near(self, candidate: Candidate, rows: Sequence[int], answer: str, score: float) -> Refused | None:
        known = [row for row in rows if row < len(self.ids)]
        if any(self.sealed[row] for row in known):
            return Refused(candidate, "test row", "It says the same as a row of the sealed test part.")
        for row in known:
            if self.answers[row] != answer:
                return Refused(
                    candidate, "contradiction", "A row says the same and is answered differently.", self.ids[row]
                )
        if candidate.method not in REWORDED or score >= grow_rules().copy_from:
            return Refused(candidate, "copy", "A row says the same already.", self.ids[known[0]])
        return None


def _beside(candidate: Candidate, score: float, *, same_answer: bool) -> Refused | None:
    """A candidate close to an earlier one."""
    if same_answer and candidate.method in REWORDED and score < grow_rules().copy_from:
        return None
    return _twice(candidate, same_answer=same_answer)
