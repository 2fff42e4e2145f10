"""Safe fixes: pure functions from rows to edits. Each changes only what its name says; a person presses the button."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

import pandas as pd

from engine.data.check.content import main_spelling
from engine.data.check.rulebook import check_rules
from engine.data.clean import tidy
from engine.data.decisions import Decision
from engine.data.edits import RowEdit, apply_edits, edit_frame
from engine.data.messages import Message, answer_of, loads, system_of
from engine.data.records import DatasetVersion
from engine.data.targets import target_named, targets
from engine.data.versions import load_version, require_version
from engine.errors import Conflict, InputError
from engine.project.project import Project

PREFIX = "fix_"
EVERY_TARGET = "*"
Talk: TypeAlias = list[Message]
Change: TypeAlias = Callable[[Talk], Talk]


def edits_for(frame: pd.DataFrame, fix: str, row_ids: Collection[int], code: str, target: str) -> list[RowEdit]:
    """Edits that a fix makes in the named rows; rows it does not change are not in the list.

    Raises InputError for an unknown fix.
    """
    if fix not in check_rules().fixes:
        raise InputError(f"There is no fix {fix!r}.", f"Use one of: {', '.join(check_rules().fixes)}.")
    wanted = frame[frame["row_id"].isin(list(row_ids))]
    title = check_rules().kinds[code].title if code in check_rules().kinds else code.replace("_", " ")
    if fix == "drop":
        return [RowEdit(int(row_id), title.lower(), f"Left out: {title.lower()}.") for row_id in wanted["row_id"]]
    change = _change(fix, frame, target)
    edits = []
    for row_id, text, label in zip(wanted["row_id"], wanted["messages"], wanted["label"], strict=True):
        before = loads(text)
        after = change(before)
        if after != before and after:
            detail = f"{check_rules().fixes[fix]}: {title.lower()}."
            edits.append(RowEdit(int(row_id), title.lower(), detail, after, _label(before, after, label)))
    return edits


def apply_fix(project: Project, fix: str, row_ids: Collection[int], code: str, target: str) -> DatasetVersion:
    """Fix rows of the version in use: a new version, which undo takes back. Raises Conflict when nothing changes."""
    version = require_version(project)
    frame = load_version(project, version.id)
    edits = edits_for(frame, fix, row_ids, code, target)
    if not edits:
        raise Conflict("These rows were fixed before.", "Look at the list again.")
    settings = {"fix": fix, "code": code, "target": target}
    if fix == "drop":
        return apply_edits(project, edits, "fix", settings)
    return apply_edits(project, edits, f"{PREFIX}{fix}", settings, manual=False)


def fix_step(name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Decision]]:
    """A fix as a step of a recipe: every row of another file that has the same fault. Names are `fix_<fix>`."""
    fix = name.removeprefix(PREFIX)
    code = next(code for code, kind in check_rules().kinds.items() if fix in kind.fixes)
    return edit_frame(frame, edits_for(frame, fix, frame["row_id"].tolist(), code, EVERY_TARGET), name)


def _label(before: Talk, after: Talk, label: str) -> str | None:
    """The label goes with the answer when it was the answer."""
    return answer_of(after).strip() if label and label == answer_of(before).strip() else None


def _change(fix: str, frame: pd.DataFrame, target: str) -> Change:
    if fix == "set_label":
        return _set_label([answer_of(loads(text)) for text in frame["messages"]])
    if fix == "set_instructions":
        return _set_instructions([system_of(loads(text)) for text in frame["messages"]])
    if fix == "rewrite_reserved":
        named = targets().values() if target == EVERY_TARGET else (target_named(target),)
        return _rewrite_reserved(sorted({word for one in named for word in one.reserved}))
    return _PLAIN[fix]


def trim(talk: Talk) -> Talk:
    """Tidy every turn."""
    return [{**turn, "content": tidy(turn["content"])} for turn in talk]


def merge_turns(talk: Talk) -> Talk:
    """Join turns of one speaker that follow each other, with an empty line between them."""
    joined: Talk = []
    for turn in talk:
        if joined and joined[-1]["role"] == turn["role"]:
            parts = [part for part in (joined[-1]["content"], turn["content"]) if part.strip()]
            joined[-1] = {**joined[-1], "content": "\n\n".join(parts)}
        else:
            joined.append(dict(turn))
    return joined


def cut_to_answer(talk: Talk) -> Talk:
    """Leave out what comes after the last answer."""
    last = max((place for place, turn in enumerate(talk) if turn["role"] == "assistant"), default=-1)
    return talk[: last + 1]


def start_with_question(talk: Talk) -> Talk:
    """Leave out answers before the first question; instructions stay."""
    first = next((place for place, turn in enumerate(talk) if turn["role"] == "user"), len(talk))
    return [turn for turn in talk[:first] if turn["role"] == "system"] + talk[first:]


def drop_empty_turns(talk: Talk) -> Talk:
    """Leave out turns without text and join what then stands side by side."""
    return merge_turns([turn for turn in talk if turn["content"].strip()])


def _set_label(answers: Sequence[str]) -> Change:
    twins = main_spelling(answers)

    def change(talk: Talk) -> Talk:
        answer = answer_of(talk)
        if answer.strip() not in twins:
            return talk
        last = max(place for place, turn in enumerate(talk) if turn["role"] == "assistant")
        return [*talk[:last], {**talk[last], "content": twins[answer.strip()]}, *talk[last + 1 :]]

    return change


def _set_instructions(systems: Sequence[str]) -> Change:
    """Only a minority without instructions gets those of the others."""
    missing = sum(not text.strip() for text in systems)
    common = Counter(text for text in systems if text.strip()).most_common(1)

    def change(talk: Talk) -> Talk:
        if missing * 2 >= len(systems) or not common or system_of(talk).strip():
            return talk
        return [{"role": "system", "content": common[0][0]}, *(turn for turn in talk if turn["role"] != "system")]

    return change


def _rewrite_reserved(words: Sequence[str]) -> Change:
    """`User:` becomes `User -`, `<image>` becomes `(image)`."""
    table = {word: f"{word[:-1]} -" if word.endswith(":") else f"({word[1:-1]})" for word in words}

    def change(talk: Talk) -> Talk:
        changed = []
        for turn in talk:
            text = turn["content"]
            for word, other in table.items():
                text = text.replace(word, other)
            changed.append({**turn, "content": text})
        return changed

    return change


_PLAIN: dict[str, Change] = {
    "trim": trim,
    "merge_turns": merge_turns,
    "cut_to_answer": cut_to_answer,
    "start_with_question": start_with_question,
    "drop_empty_turns": drop_empty_turns,
}
