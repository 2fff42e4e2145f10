"""Guess what each column is for, with a reason, so that the user only has to agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.mapping import Mapping, Role
from engine.data.shapes import TALK_COLUMNS, is_talk

NAMES: dict[Role, tuple[str, ...]] = {
    "system": ("system", "system_prompt", "system_message", "persona"),
    "user": (
        "prompt", "user", "question", "instruction", "query", "text", "input", "request", "message", "utterance",
        "ticket", "body", "sentence", "email", "context", "subject", "title", "description", "content", "document",
        "article", "review", "comment", "source_text", "frage", "anfrage", "pregunta",
    ),
    "assistant": (
        "completion", "assistant", "answer", "output", "response", "reply", "chosen", "target", "expected", "summary",
        "translation", "solution", "resolution", "sql", "antwort", "respuesta", "reponse", "target_text", "gold",
    ),
    "label": (
        "label", "labels", "category", "class", "intent", "queue", "topic", "tag", "sentiment", "type", "kategorie",
        "department", "team", "routing",
    ),
    "rejected": ("rejected",),
    "source": ("source", "origin", "channel", "file", "url"),
    "weight": ("weight", "sample_weight"),
    "group": (
        "group", "group_id", "customer", "customer_id", "client_id", "user_id", "conversation_id", "thread_id",
        "session_id", "document_id", "doc_id", "account_id",
    ),
    "ignore": (
        "id", "row_id", "row", "index", "uuid", "created", "created_at", "updated_at", "date", "time", "timestamp",
        "split", "lang", "language", "rating", "unnamed",
    ),
}  # fmt: skip
SAMPLE = 1000
NEARLY = 0.05  # an answer column with a few gaps still is one; a half-empty note is not
LONG = 15  # mean characters from which a column reads as text


@dataclass(frozen=True)
class ColumnGuess:
    """One column's role; `confidence` 0..1 is ours, not a probability."""

    column: str
    role: Role
    reason: str
    confidence: float


@dataclass(frozen=True)
class Guess:
    """The shape of the file and a role per column."""

    shape: str
    columns: list[ColumnGuess]

    @property
    def roles(self) -> dict[str, Role]:
        """Role by column name, in file order."""
        return {guess.column: guess.role for guess in self.columns}

    def mapping(self) -> Mapping:
        """The guess as a mapping that can be applied or edited."""
        return Mapping(roles=self.roles)


def guess_columns(frame: pd.DataFrame) -> Guess:
    """Look at names and at the first 1,000 rows."""
    sample = frame.head(SAMPLE)
    talk = _talk_column(sample)
    if talk:
        reason = "Each cell holds a whole conversation."
        return Guess(
            "chat",
            [
                ColumnGuess(name, "messages", reason, 0.99) if name == talk else _extra(name)
                for name in map(str, sample.columns)
            ],
        )
    named = {str(name): _by_name(str(name)) for name in sample.columns}
    guesses = {name: guess for name, guess in named.items() if guess}
    _settle_answer(guesses, sample)
    _settle_question(guesses, sample)
    ordered = [guesses.get(str(name)) or _ignored(str(name)) for name in sample.columns]
    return Guess(_shape({guess.column.lower() for guess in ordered}, ordered), ordered)


def _talk_column(sample: pd.DataFrame) -> str | None:
    names = [str(name) for name in sample.columns]
    for name in sorted(names, key=lambda n: n.lower() not in TALK_COLUMNS):
        cells = [cell for cell in sample[name].head(20) if cell.strip()]
        if cells and cells[0].lstrip()[:1] in "[{" and sum(map(is_talk, cells)) * 2 > len(cells):
            return name
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()).strip("_")


def _by_name(name: str) -> ColumnGuess | None:
    plain = _plain(name)
    for role, names in NAMES.items():
        if plain in names:
            return ColumnGuess(name, role, f"The name {name!r} usually means this.", 0.9)
    return None


def _extra(name: str) -> ColumnGuess:
    """Beside a conversation only the book-keeping columns count."""
    guess = _by_name(name)
    if guess and guess.role in ("label", "source", "weight", "group"):
        return guess
    return _ignored(name)


def _ignored(name: str) -> ColumnGuess:
    return ColumnGuess(name, "ignore", "Not needed to ask or to answer.", 0.5)


def _settle_answer(guesses: dict[str, ColumnGuess], sample: pd.DataFrame) -> None:
    """Exactly one answer: by name, else the label column, else the last column that reads like answers."""
    found = [name for name, guess in guesses.items() if guess.role == "assistant"]
    for extra in found[1:]:
        guesses[extra] = ColumnGuess(extra, "ignore", f"The answer is taken from {found[0]!r}.", 0.5)
    if found:
        return
    labels = [name for name, guess in guesses.items() if guess.role == "label"]
    if labels:
        reason = "There is no other answer: the category is what the model should say."
        guesses[labels[0]] = ColumnGuess(labels[0], "assistant", reason, 0.8)
        return
    free = [str(name) for name in sample.columns if str(name) not in guesses and _filled(sample[name])]
    questions = [name for name, guess in guesses.items() if guess.role == "user"]
    if len(free) + len(questions) >= 2 and free:
        few = [name for name in free if answers_are_labels(sample[name].tolist())]
        texts = [name for name in free if _mean_length(sample[name]) >= LONG]
        candidates = few or texts or free
        fullest = max(_share_filled(sample[name]) for name in candidates)
        chosen = [name for name in candidates if _share_filled(sample[name]) >= fullest - NEARLY][-1]
        reason = "Few different short values." if few else "The last column with text."
        guesses[chosen] = ColumnGuess(chosen, "assistant", reason, 0.6 if few else 0.4)
    elif len(questions) >= 2:
        guesses[questions[-1]] = ColumnGuess(questions[-1], "assistant", "The later of two text columns.", 0.4)


def _settle_question(guesses: dict[str, ColumnGuess], sample: pd.DataFrame) -> None:
    """At least one question: by name (instruction + input both count), else the longest other column."""
    found = [name for name, guess in guesses.items() if guess.role == "user"]
    plain = {_plain(name): name for name in found}
    pairs = ({"instruction", "input"}, {"context", "question"}, {"subject", "body"}, {"title", "body"})
    together = next((pair for pair in pairs if pair <= plain.keys()), None)
    if together:
        keep = [plain[name] for name in together]
    else:
        keep = sorted(found, key=lambda name: NAMES["user"].index(_plain(name)))[:1]
    for extra in found:
        if extra not in keep:
            guesses[extra] = ColumnGuess(extra, "ignore", f"The question is taken from {keep[0]!r}.", 0.5)
    if found:
        return
    free = [str(name) for name in sample.columns if str(name) not in guesses and _filled(sample[name])]
    if free:
        longest = max(free, key=lambda name: _mean_length(sample[name]))
        guesses[longest] = ColumnGuess(longest, "user", "The column with the longest text.", 0.5)


def _filled(column: pd.Series) -> bool:
    return bool((column.str.strip() != "").any()) and not bool(column.str.fullmatch(r"[\d.,\s-]*").all())


def _share_filled(column: pd.Series) -> float:
    return float((column.str.strip() != "").mean())


def _mean_length(column: Any) -> float:
    return float(column.str.len().mean())


def _shape(names: set[str], guesses: list[ColumnGuess]) -> str:
    if {"chosen", "rejected"} <= names:
        return "preference"
    if {"prompt", "completion"} <= names:
        return "prompt_completion"
    if {"instruction", "output"} <= names:
        return "instruction"
    roles = {guess.role for guess in guesses}
    return "table" if {"user", "assistant"} <= roles else "unknown"
