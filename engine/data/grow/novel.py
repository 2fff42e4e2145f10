"""Is a candidate new? Compared with every row there is, the sealed test rows too, and with the other candidates.

A made row that repeats a test row would let the test be learned by heart, so those are refused without being shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from engine.data.clusters import close_questions
from engine.data.encoders import Report, silent
from engine.data.exact_duplicates import text_key
from engine.data.grow.candidate import Candidate, Refused
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

    A paraphrase may be close in meaning to its own seed row: that is its purpose. It may not be close to others' with
    another answer, nor to any sealed row.
    """
    usable, refused = _usable(candidates)
    prompts, answers = prompts_and_answers(frame)
    ids = [int(row_id) for row_id in frame["row_id"]]
    seen = {text_key(prompt): row for row, prompt in enumerate(prompts)}
    fresh: list[Candidate] = []
    here: set[str] = set()
    for candidate in usable:
        key = text_key(prompt_of(candidate.messages))
        if key in seen:
            row = seen[key]
            refused.append(_known(candidate, ids[row], same=answers[row], sealed=ids[row] in sealed))
        elif key in here:
            refused.append(Refused(candidate, "copy", "Another new row asks the same."))
        else:
            here.add(key)
            fresh.append(candidate)
    if load is None or not fresh:
        return fresh, refused
    kept, near = _by_meaning(fresh, frame, sealed, load, encoder, report)
    return kept, refused + near


def _usable(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Refused]]:
    good, bad = [], []
    for candidate in candidates:
        if not prompt_of(candidate.messages).strip() or not answer_of(candidate.messages).strip():
            bad.append(Refused(candidate, "empty", "Question or answer is empty."))
        else:
            good.append(candidate)
    return good, bad


def _known(candidate: Candidate, row_id: int, *, same: str, sealed: bool) -> Refused:
    if sealed:
        return Refused(candidate, "test row", "It repeats a row of the sealed test part.")
    if text_key(same) == text_key(answer_of(candidate.messages)):
        return Refused(candidate, "copy", "The same row is there already.", row_id)
    return Refused(candidate, "contradiction", "A row asks the same and answers differently.", row_id)


def _by_meaning(
    fresh: list[Candidate], frame: pd.DataFrame, sealed: Collection[int], load: Load, encoder: str, report: Report
) -> tuple[list[Candidate], list[Refused]]:
    prompts, answers = prompts_and_answers(frame)
    ids = [int(row_id) for row_id in frame["row_id"]]
    texts = [*prompts, *(prompt_of(candidate.messages) for candidate in fresh)]
    close = close_questions(texts, load, encoder, report)
    first = len(prompts)
    refused: dict[int, Refused] = {}
    for left, right, score, _ in sorted(close.pairs, key=lambda pair: -pair[2]):
        for a, b in ((left, right), (right, left)):
            for new in (row - first for row in close.rows[b] if row >= first):
                if new in refused:
                    continue
                for row in close.rows[a]:
                    found = _near(fresh, new, row, first, ids, answers, sealed, score, refused)
                    if found is not None:
                        refused[new] = found
                        break
    return [candidate for place, candidate in enumerate(fresh) if place not in refused], list(refused.values())


def _near(
    fresh: list[Candidate],
    new: int,
    row: int,
    first: int,
    ids: list[int],
    answers: list[str],
    sealed: Collection[int],
    score: float,
    refused: dict[int, Refused],
) -> Refused | None:
    candidate = fresh[new]
    if row >= first:
        other = row - first
        if other < new and other not in refused and fresh[other].seed_row == candidate.seed_row and score >= 0.97:
            return Refused(candidate, "copy", "Another new row says nearly the same.")
        return None
    if ids[row] in sealed:
        return Refused(candidate, "test row", "It says the same as a row of the sealed test part.")
    if text_key(answers[row]) != text_key(answer_of(candidate.messages)):
        return Refused(candidate, "contradiction", "A row says the same and is answered differently.", ids[row])
    if candidate.seed_row is None and not candidate.label:
        return Refused(candidate, "copy", "A row says the same already.", ids[row])
    return None
