"""Rules per row of each target's format. Every problem says what is wrong and what to do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from engine.data.targets import NOVA_VERSION, Shape, Target
from engine.data.tokens import tokens_of_text

CHAT_KEYS = {"messages", "tools", "parallel_tool_calls"}
TURN_KEYS = {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "refusal", "audio"}
CHAT_ROLES = ("system", "developer", "user", "assistant", "tool")


@dataclass(frozen=True)
class Problem:
    """`row` is a 0-based data row, None for the whole file; `partner` the other row of a copy or contradiction.

    Warnings do not fail the validation.
    """

    row: int | None
    column: str
    code: str
    message: str
    fix: str
    severity: Literal["error", "warning"] = "error"
    partner: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the contract's fields and the severity."""
        return asdict(self)


@dataclass(frozen=True)
class _Turn:
    """A turn in the common form; `text` is None when the shape is wrong."""

    role: Any
    text: str | None
    empty_allowed: bool = False


def is_native(shape: Shape, row: dict[str, Any]) -> bool:
    """Whether a row claims to be in the target's own shape."""
    keys = {
        "chat": {"messages"},
        "nova": {"schemaVersion"},
        "prompt_completion": {"prompt", "completion"},
        "claude": {"messages"},
        "vertex": {"contents"},
        "dpo": {"prompt", "chosen", "rejected"},
    }
    return keys[shape] <= row.keys()


def check_row(target: Target, number: int, row: dict[str, Any]) -> list[Problem]:
    """All problems of one row that is in the target's shape."""
    checks = {
        "chat": _chat,
        "nova": _nova,
        "prompt_completion": _pair,
        "claude": _claude,
        "vertex": _vertex,
        "dpo": _preference,
    }
    return [*checks[target.shape](number, row), *_limits(target, number, row)]


def _chat(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(number, row, CHAT_KEYS, "")
    talk = row.get("messages")
    if not isinstance(talk, list) or not talk:
        yield Problem(number, "messages", "missing_messages", "The row has no messages.", "Add a list of turns.")
        return
    for place, turn in enumerate(talk):
        column = f"messages[{place}]"
        if not isinstance(turn, dict):
            yield Problem(number, column, "bad_turn", "A turn is not an object.", "Use role and content.")
            continue
        yield from _unknown_keys(number, turn, TURN_KEYS, column)
        if turn.get("role") not in CHAT_ROLES:
            yield _bad_role(number, column, turn.get("role"), CHAT_ROLES)
        content = turn.get("content")
        if not isinstance(content, str) and not (content is None and turn.get("tool_calls")):
            yield Problem(number, f"{column}.content", "missing_content", "The content is not text.", "Write text.")
        if "weight" in turn and (turn["weight"] not in (0, 1) or turn.get("role") != "assistant"):
            yield Problem(
                number, f"{column}.weight", "bad_weight", "weight must be 0 or 1, on answers only.", "Remove it."
            )
    turns = [_Turn(t.get("role"), _text(t), bool(t.get("tool_calls"))) for t in talk if isinstance(t, dict)]
    yield from _flow(number, turns, "assistant", strict=False)


def _text(turn: dict[str, Any]) -> str | None:
    content = turn.get("content")
    return content if isinstance(content, str) else None


def _nova(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(number, row, {"schemaVersion", "system", "messages"}, "")
    if row.get("schemaVersion") != NOVA_VERSION:
        yield Problem(number, "schemaVersion", "bad_version", f"schemaVersion is not {NOVA_VERSION}.", "Set it.")
    system = row.get("system", [])
    if not isinstance(system, list) or any(_part_text(part) is None for part in system):
        yield Problem(number, "system", "bad_system", "system is not a list of texts.", 'Use [{"text": "..."}].')
    yield from _parted(number, row, "messages", "content", "assistant")


def _vertex(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(number, row, {"systemInstruction", "contents", "tools"}, "")
    system = row.get("systemInstruction")
    if system is not None:
        parts = system.get("parts") if isinstance(system, dict) else None
        if not isinstance(parts, list) or any(_part_text(part) is None for part in parts):
            yield Problem(
                number, "systemInstruction", "bad_system", "It has no text parts.", 'Use parts: [{"text": ".."}].'
            )
    yield from _parted(number, row, "contents", "parts", "model")


def _parted(number: int, row: dict[str, Any], key: str, inner: str, answerer: str) -> Iterator[Problem]:
    """Turns whose text is a list of `{"text": ...}` parts (Nova, Vertex)."""
    talk = row.get(key)
    if not isinstance(talk, list) or not talk:
        yield Problem(number, key, "missing_messages", f"The row has no {key}.", "Add a list of turns.")
        return
    turns = []
    for place, turn in enumerate(talk):
        column = f"{key}[{place}]"
        parts = turn.get(inner) if isinstance(turn, dict) else None
        if not isinstance(turn, dict) or turn.get("role") not in ("user", answerer):
            role = turn.get("role") if isinstance(turn, dict) else None
            yield _bad_role(number, column, role, ("user", answerer))
        if not isinstance(parts, list) or not parts or any(_part_text(part) is None for part in parts):
            message = f"{inner} is not a list of texts."
            yield Problem(number, f"{column}.{inner}", "missing_content", message, 'Use [{"text": "..."}].')
            continue
        turns.append(_Turn(turn.get("role"), "".join(_part_text(part) or "" for part in parts)))
    yield from _flow(number, turns, answerer, strict=True)


def _claude(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(number, row, {"system", "messages"}, "")
    if not isinstance(row.get("system", ""), str):
        yield Problem(number, "system", "bad_system", "system is not text.", "Write it as text.")
    talk = row.get("messages")
    if not isinstance(talk, list) or len(talk) < 2:
        yield Problem(number, "messages", "missing_messages", "At least two turns are needed.", "Add the turns.")
        return
    turns = []
    for place, turn in enumerate(talk):
        column = f"messages[{place}]"
        if not isinstance(turn, dict) or not isinstance(turn.get("content"), str):
            yield Problem(number, column, "missing_content", "The turn has no text.", "Write text.")
            continue
        yield from _unknown_keys(number, turn, {"role", "content"}, column)
        if turn.get("role") not in ("user", "assistant"):
            yield _bad_role(number, column, turn.get("role"), ("user", "assistant"))
        turns.append(_Turn(turn.get("role"), turn["content"]))
    yield from _flow(number, turns, "assistant", strict=True)


def _pair(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    for column in ("prompt", "completion"):
        yield from _needs_text(number, row, column)


def _preference(number: int, row: dict[str, Any]) -> Iterator[Problem]:
    for column in ("prompt", "chosen", "rejected"):
        value = row.get(column)
        if not (isinstance(value, list) and value):
            yield from _needs_text(number, row, column)
    if row.get("chosen") == row.get("rejected"):
        message = "The better and the worse answer are the same."
        yield Problem(number, "rejected", "same_answers", message, "Leave the row out, or give two different answers.")


def _needs_text(number: int, row: dict[str, Any], column: str) -> Iterator[Problem]:
    value = row.get(column)
    if not isinstance(value, str):
        yield Problem(number, column, "missing_content", f"{column} is not text.", "Write text.")
    elif not value.strip():
        yield Problem(number, column, "empty", f"{column} is empty.", "Fill it in, or leave the row out.")


def _flow(number: int, turns: list[_Turn], answerer: str, *, strict: bool) -> Iterator[Problem]:
    """Who speaks when: an answer at the end, nothing empty; `strict` = user first, then in turns."""
    roles = [turn.role for turn in turns]
    if answerer not in roles:
        yield Problem(number, "messages", "no_answer", f"There is no {answerer} turn.", "Add the answer.")
    elif roles[-1] != answerer:
        message = f"The last turn is by {roles[-1]!r}, not by {answerer!r}."
        yield Problem(number, "messages", "last_not_answer", message, "End the conversation with the answer.")
    if "user" not in roles:
        level: Literal["error", "warning"] = "error" if strict else "warning"
        yield Problem(number, "messages", "no_question", "There is no user turn.", "Add the question.", level)
    for place, turn in enumerate(turns):
        if turn.text is not None and not turn.text.strip() and not turn.empty_allowed:
            code = "empty_answer" if turn.role == answerer else "empty_content"
            yield Problem(number, f"messages[{place}]", code, "The text of this turn is empty.", "Leave the row out.")
    if strict and roles and roles[0] != "user":
        yield Problem(number, "messages", "first_not_user", "The first turn is not the user's.", "Start with the user.")
    if strict and any(a == b for a, b in itertools.pairwise(roles)):
        yield Problem(number, "messages", "not_alternating", "One side speaks twice in a row.", "Join these turns.")


def _unknown_keys(number: int, row: dict[str, Any], known: set[str], column: str) -> Iterator[Problem]:
    for key in row.keys() - known:
        place = f"{column}.{key}" if column else key
        yield Problem(number, place, "unknown_key", f"The key {key!r} is not allowed here.", "Remove it.")


def _bad_role(number: int, column: str, role: Any, allowed: tuple[str, ...]) -> Problem:
    message = f"The role {str(role)[:40]!r} is not one of {', '.join(allowed)}."
    return Problem(number, f"{column}.role", "bad_role", message, "Correct the role.")


def _part_text(part: Any) -> str | None:
    return part["text"] if isinstance(part, dict) and isinstance(part.get("text"), str) else None


def _limits(target: Target, number: int, row: dict[str, Any]) -> Iterator[Problem]:
    texts = list(_all_text(row))
    tokens = sum(map(tokens_of_text, texts))
    if target.most_tokens and tokens > target.most_tokens:
        message = f"About {tokens:,} tokens; at most {target.most_tokens:,} fit."
        yield Problem(number, "", "too_long", message, "Shorten the row or leave it out.")
    for word in target.reserved:
        if any(word in text for text in texts):
            message = f"{word!r} is a reserved word: it makes the whole job fail."
            yield Problem(
                number, "", "reserved_word", message, f"Write it differently, for example {word.strip(':')!r}."
            )


def _all_text(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _all_text(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("role", "schemaVersion"):
                yield from _all_text(item)
