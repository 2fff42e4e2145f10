"""Exports that are recognised as a whole: preference pairs, turns in rows, lists of messages, Label Studio."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from engine.data.guess import ColumnGuess, Guess, by_name, ignored, plain_name
from engine.data.label_studio import AGREEMENT, ALL, ANNOTATORS, PREFIX
from engine.data.mapping_model import Role
from engine.data.shapes import SPEAKERS, is_talk
from engine.data.turns import Turns, guess_speakers

LOOKED_AT = 20
FEW_SPEAKERS = 12
ID_NAMES = (
    "conversation_id", "conversation", "conv_id", "thread_id", "thread", "session_id", "dialog_id", "dialogue_id",
    "chat_id", "ticket_id", "case_id", "call_id", "gespraech_id",
)  # fmt: skip
ROLE_NAMES = ("role", "speaker", "sender", "author", "from", "participant", "author_type", "sender_type", "who")
TEXT_NAMES = ("text", "content", "message", "body", "utterance", "value", "turn_text", "message_text")
ORDER_NAMES = (
    "turn", "turn_id", "turn_number", "turn_index", "order", "position", "index", "sequence", "seq", "step",
    "timestamp",
    "created_at", "sent_at", "time", "date", "message_index",
)  # fmt: skip


def recognise(sample: pd.DataFrame) -> Guess | None:
    """The guess for a known export, or None for a plain table or a column of conversations."""
    tests: tuple[Callable[[pd.DataFrame, dict[str, str]], Guess | None], ...] = (
        _label_studio, _preference, _message_lists, _turns,
    )  # fmt: skip
    names = {plain_name(str(name)): str(name) for name in reversed(list(sample.columns))}
    return next((guess for test in tests if (guess := test(sample, names)) is not None), None)


def extra_column(name: str) -> ColumnGuess:
    """Beside a conversation only the book-keeping columns count."""
    if plain_name(name) in ("tools", "functions"):
        return ColumnGuess(name, "tools", "What the model may call.", 0.9)
    guess = by_name(name)
    if guess and guess.role in ("label", "source", "weight", "group", "system"):
        return guess
    return ignored(name)


def _guess(sample: pd.DataFrame, shape: str, roles: dict[str, tuple[Role, str]], **more: object) -> Guess:
    columns = [
        ColumnGuess(name, *roles[name], 0.95) if name in roles else extra_column(name)
        for name in map(str, sample.columns)
    ]
    return Guess(shape, columns, **more)  # type: ignore[arg-type]


def _preference(sample: pd.DataFrame, names: dict[str, str]) -> Guess | None:
    """Columns chosen and rejected, with a prompt column or with the prompt inside both (TRL's two forms)."""
    if not {"chosen", "rejected"} <= names.keys():
        return None
    roles: dict[str, tuple[Role, str]] = {
        names["chosen"]: ("assistant", "The answer people preferred."),
        names["rejected"]: ("rejected", "The answer people liked less."),
    }
    prompt = next((names[name] for name in ("prompt", "question", "instruction", "input") if name in names), None)
    if prompt is not None:
        roles[prompt] = ("user", "What both answers are about.")
    talks = any(_talks(sample[names[name]]) for name in ("chosen", "rejected")) or (
        prompt is not None and _talks(sample[prompt])
    )
    return _guess(sample, "preference", roles, cells="talk" if talks or prompt is None else "text")


def _message_lists(sample: pd.DataFrame, names: dict[str, str]) -> Guess | None:
    """Prompt and completion as lists of messages."""
    for asked, answered in (("prompt", "completion"), ("prompt", "response")):
        if {asked, answered} <= names.keys() and _talks(sample[names[asked]]) and _talks(sample[names[answered]]):
            roles: dict[str, tuple[Role, str]] = {
                names[asked]: ("user", "Messages before the answer."),
                names[answered]: ("assistant", "Messages of the answer."),
            }
            return _guess(sample, "prompt_completion", roles, cells="talk")
    return None


def _label_studio(sample: pd.DataFrame, names: dict[str, str]) -> Guess | None:
    """Tasks flattened by `label_studio`: the data's longest text asks, the first annotation answers."""
    columns = [str(name) for name in sample.columns]
    marks = [name for name in columns if name.startswith(PREFIX)]
    if not marks or not {ANNOTATORS, AGREEMENT, ALL} <= set(columns):
        return None
    roles: dict[str, tuple[Role, str]] = {marks[0]: ("assistant", "What people marked.")}
    data = [name for name in columns if name not in (*marks, ANNOTATORS, AGREEMENT, ALL)]
    named = [name for name in data if (guess := by_name(name)) and guess.role == "user"]
    if data:
        longest = max(named or data, key=lambda name: float(sample[name].str.len().mean()))
        roles[longest] = ("user", "What people looked at.")
    return _guess(sample, "label_studio", roles)


def _turns(sample: pd.DataFrame, names: dict[str, str]) -> Guess | None:
    """One row per turn: an id that repeats, a column of few speakers, a text."""
    found_id, role, text = (_first(names, group) for group in (ID_NAMES, ROLE_NAMES, TEXT_NAMES))
    if found_id is None or role is None or text is None:
        return None
    ids = sample[found_id]
    speakers = list(dict.fromkeys(sample[role]))
    if ids.nunique() == len(ids) or len(speakers) > FEW_SPEAKERS:
        return None
    known = {SPEAKERS.get(value.strip().lower()) for value in speakers} | set(guess_speakers(speakers).values())
    if not {"user", "assistant"} <= known:
        return None
    turns = Turns(
        id_column=found_id, role_column=role, text_column=text, order_column=_first(names, ORDER_NAMES) or "",
        speakers=guess_speakers(speakers),
    )  # fmt: skip
    used = dict.fromkeys(turns.columns(), ("ignore", "Used to put the conversation together."))
    return _guess(sample, "turns", used, turns=turns)  # type: ignore[arg-type]


def _first(names: dict[str, str], wanted: Sequence[str]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)


def _talks(column: pd.Series) -> bool:
    cells = [cell for cell in column.head(LOOKED_AT) if cell.strip()]
    if cells and sum(cell.startswith("\n\nHuman:") for cell in cells) * 2 > len(cells):
        return True
    return bool(cells) and sum(cell.lstrip()[:1] in "[{" and is_talk(cell) for cell in cells) * 2 > len(cells)
