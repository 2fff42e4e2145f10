"""Columns of a file -> conversations: the user's mapping and what it makes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from engine.data.decisions import Decision
from engine.data.messages import Message, answer_of, canonical_frame, dumps, make
from engine.data.shapes import NotATalk, parse_talk
from engine.errors import MappingError

Role: TypeAlias = Literal[
    "messages", "system", "user", "assistant", "label", "source", "weight", "group", "rejected", "ignore"
]
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class Mapping(BaseModel):
    """Which column plays which part. Columns not named are ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[str, Role] = Field(description="Role of each column")
    system_prompt: str = Field(default="", description="The same instruction put in front of every row")
    user_template: str = Field(default="", description="Text with {column} placeholders that makes the question")
    fixed_label: bool = Field(default=True, description="Use short repeated answers as the label of the row")

    def columns(self, role: Role) -> list[str]:
        """Names of the columns with a role, in file order."""
        return [name for name, given in self.roles.items() if given == role]

    def placeholders(self) -> list[str]:
        """Column names used by the template."""
        return _PLACEHOLDER.findall(self.user_template)


def check_mapping(mapping: Mapping, columns: Sequence[str]) -> None:
    """Raise MappingError, naming the columns there are, when the mapping cannot make a dataset."""
    listed = ", ".join(repr(name) for name in columns)
    unknown = [name for name in [*mapping.roles, *mapping.placeholders()] if name not in columns]
    if unknown:
        raise MappingError(f"There is no column {unknown[0]!r} in this file.", f"Its columns are {listed}.")
    if mapping.columns("messages"):
        if len(mapping.columns("messages")) > 1:
            raise MappingError("Only one column can hold the conversation.", "Set the other one to ignore.")
        return
    if not mapping.columns("assistant"):
        raise MappingError(
            "No column is mapped to the answer.",
            f"Choose which column holds what the model should say. The columns are {listed}.",
        )
    if len(mapping.columns("assistant")) > 1:
        raise MappingError("Two columns are mapped to the answer.", "Keep one and set the other to ignore or label.")
    if not mapping.columns("user") and not mapping.placeholders():
        raise MappingError(
            "No column is mapped to the question.",
            f"Choose which column holds what the model is asked. The columns are {listed}.",
        )


def apply_mapping(frame: pd.DataFrame, mapping: Mapping, file: str) -> tuple[pd.DataFrame, list[Decision]]:
    """Return the canonical frame (row_id = data row of the file) and the rows left out because unreadable.

    `source` is the mapped source column or the file name. Raises MappingError.
    """
    check_mapping(mapping, [str(column) for column in frame.columns])
    talks, decisions = _talks(frame, mapping)
    keep = [row for row, talk in enumerate(talks) if talk is not None]
    kept = frame.iloc[keep]
    result = canonical_frame(
        {
            "row_id": keep,
            "messages": [dumps(talk) for talk in talks if talk is not None],
            "label": _labels(kept, mapping, [talk for talk in talks if talk is not None]),
            "source": _first(kept, mapping.columns("source"), file),
            "meta": _meta(kept, mapping),
            "synthetic": [False] * len(keep),
        }
    )
    return result, decisions


def preview(frame: pd.DataFrame, mapping: Mapping, rows: int = 3) -> list[list[Message]]:
    """The first rows as conversations, as the model will see them. Raises MappingError."""
    check_mapping(mapping, [str(column) for column in frame.columns])
    return [talk for talk in _talks(frame.head(rows), mapping)[0] if talk is not None]


def _talks(frame: pd.DataFrame, mapping: Mapping) -> tuple[list[list[Message] | None], list[Decision]]:
    whole = mapping.columns("messages")
    if not whole:
        return list(_from_columns(frame, mapping)), []
    talks: list[list[Message] | None] = []
    decisions: list[Decision] = []
    for row, cell in enumerate(frame[whole[0]]):
        try:
            talks.append(_with_system(parse_talk(cell), mapping.system_prompt))
        except NotATalk as error:
            talks.append(None)
            decisions.append(Decision(row, "map", "unreadable", f"Left out: {error}.", snippet=cell))
    return talks, decisions


def _with_system(talk: list[Message], system: str) -> list[Message]:
    if not system or talk[0]["role"] == "system":
        return talk
    return [{"role": "system", "content": system}, *talk]


def _from_columns(frame: pd.DataFrame, mapping: Mapping) -> list[list[Message]]:
    answers = frame[mapping.columns("assistant")[0]].tolist()
    systems = _first(frame, mapping.columns("system"), "")
    return [
        make(user, answer, system.strip() or mapping.system_prompt)
        for user, answer, system in zip(_questions(frame, mapping), answers, systems, strict=True)
    ]


def _questions(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    if mapping.user_template:
        names = list(dict.fromkeys(mapping.placeholders()))
        cells = [frame[name].tolist() for name in names]
        return [_fill(mapping.user_template, dict(zip(names, row, strict=True))) for row in zip(*cells, strict=True)]
    columns = [frame[name].tolist() for name in mapping.columns("user")]
    if len(columns) == 1:
        return list(columns[0])
    return ["\n\n".join(part for part in row if part.strip()) for row in zip(*columns, strict=True)]


def _fill(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match.group(1)], template)


def _first(frame: pd.DataFrame, columns: list[str], default: str) -> list[str]:
    return frame[columns[0]].tolist() if columns else [default] * len(frame)


def _labels(frame: pd.DataFrame, mapping: Mapping, talks: list[list[Message]]) -> list[str]:
    """The label column, or the answer itself when answers are labels."""
    from engine.data.answers import answers_are_labels

    if mapping.columns("label"):
        return _first(frame, mapping.columns("label"), "")
    answers = [answer_of(talk) for talk in talks]
    if mapping.fixed_label and answers_are_labels(answers):
        return [answer.strip() for answer in answers]
    return [""] * len(talks)


def _meta(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    names = {role: mapping.columns(role) for role in ("weight", "group", "rejected")}
    used = [(role, columns[0], frame[columns[0]].tolist()) for role, columns in names.items() if columns]
    if not used:
        return ["{}"] * len(frame)
    rows = zip(*(values for _, _, values in used), strict=True)
    return [
        json.dumps({role: value for (role, _, _), value in zip(used, row, strict=True)}, ensure_ascii=False)
        for row in rows
    ]
