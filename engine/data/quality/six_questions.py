"""The six quality questions of domain.md section 2: each answer is computed from the rows or asked of the user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from engine.data.quality.finding import Quality, by_name
from engine.data.quality.meaning import MeaningReport
from engine.data.quality.rules import measures
from engine.data.records import Split
from engine.errors import InputError, NotFound
from engine.project.project import Project
from engine.project.records import Record

State: TypeAlias = Literal["good", "look", "open"]
Reply: TypeAlias = Literal["yes", "no", "unsure"]
ASKED: dict[str, str] = {
    "consistent": "Would two people who know the task answer these rows alike?",
    "correct": "Has someone who knows the task read a sample of 100 rows and found the answers right?",
    "edge_cases": "Are the rare and difficult cases in the data that users will bring?",
}


class GivenAnswer(BaseModel):
    """What the user said, when, and about which rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reply: Reply
    dataset_id: str = Field(description="Version in use at the time")
    when: float = Field(description="Seconds since 1970, UTC")


class QualityAnswers(Record):
    """The user's answers for one file; its id is the source's."""

    kind: ClassVar[str] = "quality_answers"

    answers: dict[str, GivenAnswer] = Field(default_factory=dict)


@dataclass(frozen=True)
class SixAnswer:
    """One question: `verdict` says the answer and what it rests on, `asked` is what only the user can say."""

    name: str
    title: str
    state: State
    verdict: str
    asked: str = ""
    reply: Reply | None = None
    earlier: bool = False  # the reply was given for other rows


def answers_of(project: Project, source_id: str) -> dict[str, GivenAnswer]:
    """What the user said about the rows of a file."""
    try:
        return project.records.get(QualityAnswers, source_id).answers
    except NotFound:
        return {}


def save_answer(project: Project, source_id: str, dataset_id: str, name: str, reply: Reply) -> None:
    """Keep an answer. Raises InputError for a question that is not asked or another reply than yes, no, unsure."""
    if name not in ASKED or reply not in ("yes", "no", "unsure"):
        raise InputError(f"There is no quality question {name[:40]!r} with that answer.", "Answer yes, no or unsure.")
    given = GivenAnswer(reply=reply, dataset_id=dataset_id, when=time.time())
    answers = {**answers_of(project, source_id), name: given}
    project.records.save(QualityAnswers(id=source_id, answers=answers), replace=True)


def six_questions(
    found: list[Quality],
    meaning: MeaningReport | None,
    split: Split | None,
    given: Mapping[str, GivenAnswer],
    dataset_id: str,
) -> list[SixAnswer]:
    """Answer the six questions for one version. `split` is the split of these rows, if there is one."""
    known = by_name(found)
    return [
        _consistent(known, given.get("consistent"), dataset_id),
        _asked("correct", "Correct", given.get("correct"), dataset_id, "A program cannot tell."),
        _diverse(known, meaning),
        _asked("edge_cases", "Edge cases", given.get("edge_cases"), dataset_id, _edges(known, meaning)),
        _balanced(known),
        _separate(split),
    ]


def _consistent(known: Mapping[str, Quality], given: GivenAnswer | None, dataset_id: str) -> SixAnswer:
    if "contradictions" not in known:
        return _asked("consistent", "Consistent", given, dataset_id, "There are no rows.")
    against, form = known["contradictions"], known["format"]
    words = f"{against.verdict} {form.verdict}"
    asked = _asked("consistent", "Consistent", given, dataset_id, words)
    if against.level != "good" or form.level != "good":
        return SixAnswer("consistent", "Consistent", "look", words, asked.asked, asked.reply, asked.earlier)
    return asked


def _diverse(known: Mapping[str, Quality], meaning: MeaningReport | None) -> SixAnswer:
    if "diversity" not in known:
        return SixAnswer("diverse", "Diverse", "open", "There are no rows.")
    words, good = known["diversity"].verdict, known["diversity"].level == "good"
    if meaning is None:
        return SixAnswer("diverse", "Diverse", "open" if good else "look", f"{words} Meaning is not compared yet.")
    limit = measures().meaning.spread
    words = (
        f"{words} The mean distance in meaning is {meaning.spread:.2f} (0 = all the same; from {limit:g} on varied)."
    )
    return SixAnswer("diverse", "Diverse", "good" if meaning.spread >= limit else "look", words)


def _edges(known: Mapping[str, Quality], meaning: MeaningReport | None) -> str:
    rare = [row for row in known["balance"].numbers["labels"] if row.to_minimum] if "balance" in known else []
    parts = [f"{len(rare)} rare labels"] if rare else []
    parts += [f"{len(meaning.lone)} rows unlike all others"] if meaning and meaning.lone else []
    parts += (
        [f"{known['lengths'].affected} unusual lengths"] if "lengths" in known and known["lengths"].affected else []
    )
    return f"Found: {', '.join(parts)}." if parts else "Nothing unusual was found in the rows: perhaps rare cases lack."


def _balanced(known: Mapping[str, Quality]) -> SixAnswer:
    item = known.get("balance")
    if item is None:
        return SixAnswer("balanced", "Balanced", "good", "There are no labels to balance: the answers are free text.")
    even = f"Evenness {item.numbers['evenness']:.2f} (1 = all labels equally common)."
    return SixAnswer("balanced", "Balanced", "good" if item.level == "good" else "look", f"{item.verdict} {even}")


def _separate(split: Split | None) -> SixAnswer:
    title = "Test rows kept apart"
    if split is None:
        return SixAnswer("separate", title, "open", "These rows are not split yet.")
    total = sum(split.leaks.get(kind, 0) for kind in ("exact", "near"))  # a shared opening is no copy
    if total:
        return SixAnswer("separate", title, "look", f"{total:,} rows of validation or test also stand in train.")
    if not split.near_checked:
        return SixAnswer("separate", title, "open", "No copies across; rows in other words were not compared.")
    return SixAnswer("separate", title, "good", "No copies and no similar rows across train, validation and test.")


def _asked(name: str, title: str, given: GivenAnswer | None, dataset_id: str, words: str) -> SixAnswer:
    state: State = "open" if given is None or given.reply == "unsure" else "good" if given.reply == "yes" else "look"
    reply = given.reply if given else None
    return SixAnswer(
        name, title, state, words, ASKED[name], reply, given is not None and given.dataset_id != dataset_id
    )
