"""What is wrong with the words themselves, whatever the target: loops, odd forms, two spellings, missing instructions.

Rules: facts "Domain" 2. Pure functions over canonical rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from engine.data.answers import answers_are_labels
from engine.data.check.finding import Finding
from engine.data.check.rulebook import check_rules
from engine.data.clean import tidy
from engine.data.messages import Message, answer_of, system_of
from engine.data.text_keys import canonical_key

SHOWN = 160  # characters of a value that are kept
_PIECE = re.compile(r"[^.!?\n]+[.!?\n]*")


def content_findings(row_ids: Sequence[int], talks: Sequence[list[Message]], forms: Sequence[str]) -> Iterator[Finding]:
    """Findings of all rows; `forms` names the form of each answer (JSON, list, text, ...)."""
    answers = [answer_of(talk) for talk in talks]
    yield from _untidy(row_ids, talks)
    yield from _missing_instructions(row_ids, talks)
    if answers_are_labels(answers):
        yield from _label_spelling(row_ids, answers)
        return
    yield from _loops(row_ids, answers)
    yield from _odd_forms(row_ids, answers, forms)


def _untidy(row_ids: Sequence[int], talks: Sequence[list[Message]]) -> Iterator[Finding]:
    for row_id, talk in zip(row_ids, talks, strict=True):
        wrong = next((turn for turn in talk if tidy(turn["content"]) != turn["content"]), None)
        if wrong is not None:
            place = {"system": "instructions", "assistant": "answer"}.get(wrong["role"], "question")
            message = "There are stray spaces, odd line ends or invisible characters."
            yield Finding("untidy", row_id, place, wrong["content"][:SHOWN], message, "Tidy them.", "warning")  # type: ignore[arg-type]


def _missing_instructions(row_ids: Sequence[int], talks: Sequence[list[Message]]) -> Iterator[Finding]:
    systems = [system_of(talk).strip() for talk in talks]
    missing = sum(not text for text in systems)
    if not 0 < missing < len(systems) / 2:
        return
    for row_id, text in zip(row_ids, systems, strict=True):
        if not text:
            message = f"The row has no instructions; {len(systems) - missing:,} others have."
            hint = "Give it the same, or take them from all rows."
            yield Finding("missing_instructions", row_id, "instructions", "", message, hint, "warning")


def main_spelling(answers: Sequence[str]) -> dict[str, str]:
    """The most common spelling of every label that is written in another way too; keys are the other spellings."""
    known = Counter(answer.strip() for answer in answers)
    best: dict[str, str] = {}
    for value, _ in known.most_common():
        best.setdefault(canonical_key(value), value)
    return {value: best[canonical_key(value)] for value in known if best[canonical_key(value)] != value}


def _label_spelling(row_ids: Sequence[int], answers: Sequence[str]) -> Iterator[Finding]:
    twins = main_spelling(answers)
    for row_id, answer in zip(row_ids, answers, strict=True):
        other = twins.get(answer.strip())
        if other is not None:
            message = f"Most rows write this label {other[:60]!r}."
            yield Finding("label_spelling", row_id, "answer", answer[:SHOWN], message, "Write it the same.", "warning")


def loop_in(answer: str) -> str | None:
    """The sentence or line that fills an answer by being repeated, or None."""
    rules = check_rules()
    if len(answer) < rules.loop_characters:
        return None
    pieces = [canonical_key(piece) for piece in _PIECE.findall(answer)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < rules.loop_repeats:
        return _word_loop(answer)
    piece, times = Counter(pieces).most_common(1)[0]
    share = times * len(piece) / sum(map(len, pieces))
    return piece if times >= rules.loop_repeats and share >= rules.loop_share else _word_loop(answer)


def _word_loop(answer: str) -> str | None:
    """The same one to four words again and again without a full stop."""
    rules = check_rules()
    words = canonical_key(answer).split()
    for size in range(1, 5):
        run = 1
        for place in range(size, len(words) - size + 1, size):
            run = run + 1 if words[place : place + size] == words[place - size : place] else 1
            if run > rules.loop_repeats and run * size >= rules.loop_share * len(words):
                return " ".join(words[place : place + size])
    return None


def _loops(row_ids: Sequence[int], answers: Sequence[str]) -> Iterator[Finding]:
    for row_id, answer in zip(row_ids, answers, strict=True):
        piece = loop_in(answer)
        if piece is not None:
            message = f"{piece[:60]!r} is said again and again."
            yield Finding("looping_answer", row_id, "answer", answer[:SHOWN], message, "Leave the row out.", "warning")


def _odd_forms(row_ids: Sequence[int], answers: Sequence[str], forms: Sequence[str]) -> Iterator[Finding]:
    if not forms:
        return
    major, count = Counter(forms).most_common(1)[0]
    if count == len(forms) or count < check_rules().odd_format_share * len(forms):
        return
    for row_id, answer, form in zip(row_ids, answers, forms, strict=True):
        if form not in (major, "empty"):
            message = f"The answer is {form}; {count / len(forms):.0%} of the answers are {major}."
            yield Finding(
                "odd_format", row_id, "answer", answer[:SHOWN], message, "Correct it or leave it out.", "warning"
            )
