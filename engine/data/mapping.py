"""Columns of a file -> conversations: canonical rows, and one reason for each row left out or changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.decisions import Decision
from engine.data.mapping_model import Mapping, Role, check_mapping
from engine.data.messages import Message, answer_of, canonical_frame, dumps, make
from engine.data.shapes import NotATalk, parse_whole
from engine.data.talk_cells import pair_talk
from engine.data.templates import fill, placeholders
from engine.data.turns import join_turns
from engine.data.weights import read_weights

__all__ = ["Made", "Mapping", "Role", "apply_mapping", "check_mapping", "preview", "preview_rows"]


@dataclass
class Made:
    """One row on its way: its place in the frame, its turns, extra facts for `meta`, or why it cannot be used."""

    place: int
    messages: list[Message] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    fault: str = ""
    snippet: str = ""


def apply_mapping(
    frame: pd.DataFrame, mapping: Mapping, file: str | Sequence[str], *, first_row: int = 0, labels: bool | None = None
) -> tuple[pd.DataFrame, list[Decision]]:
    """Return the canonical frame and a decision per row left out or changed.

    row_id = `first_row` + position (of its first row, for a conversation of several). `source` is the mapped source
    column or the file (one name, or one per row). `labels` says whether answers are labels (None: look at these rows).
    Raises MappingError.
    """
    check_mapping(mapping, [str(column) for column in frame.columns])
    made = list(_made(frame, mapping))
    decisions = [decision for row in made for decision in _decisions(row, first_row)]
    kept = [row for row in made if not row.fault]
    rows = frame.iloc[[row.place for row in kept]]
    row_ids = [first_row + row.place for row in kept]
    meta, notes = _meta(rows, mapping, kept, row_ids)
    names = [file] * len(kept) if isinstance(file, str) else [file[row.place] for row in kept]
    result = canonical_frame(
        {
            "row_id": row_ids,
            "messages": [dumps(row.messages) for row in kept],
            "label": _labels(rows, mapping, kept, labels),
            "source": _source(rows, mapping, names),
            "meta": meta,
            "synthetic": [False] * len(kept),
        }
    )
    return result, sorted([*decisions, *notes], key=lambda decision: decision.row_id)


def preview(frame: pd.DataFrame, mapping: Mapping, rows: int = 3) -> list[list[Message]]:
    """The first rows as conversations, as the model will see them. Raises MappingError."""
    return [row.messages for row in preview_rows(frame, mapping, rows)]


def preview_rows(frame: pd.DataFrame, mapping: Mapping, rows: int = 3) -> list[Made]:
    """The first usable rows with what was noticed in them. Raises MappingError."""
    check_mapping(mapping, [str(column) for column in frame.columns])
    looked = frame if mapping.turns else frame.head(rows)
    return [row for row in _made(looked, mapping) if not row.fault][:rows]


def _made(frame: pd.DataFrame, mapping: Mapping) -> Iterator[Made]:
    if mapping.turns is not None:
        return _from_turns(frame, mapping)
    if mapping.columns("messages"):
        return _from_talks(frame, mapping)
    if mapping.cells == "talk":
        return _from_pairs(frame, mapping)
    return _from_texts(frame, mapping)


def _from_turns(frame: pd.DataFrame, mapping: Mapping) -> Iterator[Made]:
    assert mapping.turns is not None
    systems = _systems(frame, mapping)
    for talk in join_turns(frame, mapping.turns, range(len(frame))):
        if talk.fault:
            snippet = str(frame[mapping.turns.text_column].iloc[talk.row])
            yield Made(talk.row, fault=f"the conversation starting here: {talk.fault}", snippet=snippet)
        else:
            yield Made(talk.row, _with_system(talk.messages, systems[talk.row]), notes=talk.notes)


def _from_talks(frame: pd.DataFrame, mapping: Mapping) -> Iterator[Made]:
    systems = _systems(frame, mapping)
    for place, cell in enumerate(frame[mapping.columns("messages")[0]]):
        try:
            talk = parse_whole(cell)
        except NotATalk as error:
            yield Made(place, fault=str(error), snippet=cell)
        else:
            notes = [("tool call as text", note) for note in dict.fromkeys(talk.notes)]
            yield Made(place, _with_system(talk.messages, systems[place]), talk.extras, notes)


def _from_pairs(frame: pd.DataFrame, mapping: Mapping) -> Iterator[Made]:
    systems = _systems(frame, mapping)
    asked = _questions(frame, mapping) if mapping.columns("user") or mapping.user_template else [None] * len(frame)
    worse: list[str] | list[None] = [None] * len(frame)
    if mapping.columns("rejected"):
        worse = frame[mapping.columns("rejected")[0]].tolist()
    for place, (prompt, chosen, rejected) in enumerate(zip(asked, _answers(frame, mapping), worse, strict=True)):
        try:
            pair = pair_talk(prompt, chosen, rejected)
        except NotATalk as error:
            yield Made(place, fault=str(error), snippet=chosen)
        else:
            extras = {"rejected": pair.rejected} if rejected is not None else {}
            yield Made(place, _with_system(pair.messages, systems[place]), extras)


def _from_texts(frame: pd.DataFrame, mapping: Mapping) -> Iterator[Made]:
    cells = zip(_questions(frame, mapping), _answers(frame, mapping), _systems(frame, mapping), strict=True)
    worse = frame[mapping.columns("rejected")[0]].tolist() if mapping.columns("rejected") else []
    for place, (user, answer, system) in enumerate(cells):
        yield Made(place, make(user, answer, system), {"rejected": worse[place]} if worse else {})


def _decisions(row: Made, first_row: int) -> Iterator[Decision]:
    if row.fault:
        yield Decision(first_row + row.place, "map", "unreadable", f"Left out: {row.fault}.", snippet=row.snippet)
        return
    snippet = answer_of(row.messages) if row.notes else ""
    for reason, detail in row.notes:
        yield Decision(first_row + row.place, "map", reason, detail, "change", snippet=snippet)


def _with_system(talk: list[Message], system: str) -> list[Message]:
    if not system or talk[0]["role"] == "system":
        return talk
    return [{"role": "system", "content": system}, *talk]


def _systems(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    """Instructions per row: the template, else the row's own cell, else the fixed ones."""
    if mapping.system_template:
        return _filled(frame, mapping.system_template)
    columns = mapping.columns("system")
    if not columns:
        return [mapping.system_prompt] * len(frame)
    return [cell.strip() or mapping.system_prompt for cell in frame[columns[0]]]


def _questions(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    if mapping.user_template:
        return _filled(frame, mapping.user_template)
    columns = [frame[name].tolist() for name in mapping.columns("user")]
    if len(columns) == 1:
        return list(columns[0])
    return ["\n\n".join(part for part in row if part.strip()) for row in zip(*columns, strict=True)]


def _answers(frame: pd.DataFrame, mapping: Mapping) -> list[str]:
    if mapping.answer_template:
        return _filled(frame, mapping.answer_template)
    return list(frame[mapping.columns("assistant")[0]])


def _filled(frame: pd.DataFrame, template: str) -> list[str]:
    names = placeholders(template)
    cells = [frame[name].tolist() for name in names]
    return [fill(template, dict(zip(names, row, strict=True))) for row in zip(*cells, strict=True)]


def _source(rows: pd.DataFrame, mapping: Mapping, files: list[str]) -> list[str]:
    columns = mapping.columns("source")
    return rows[columns[0]].tolist() if columns else files


def _labels(rows: pd.DataFrame, mapping: Mapping, kept: list[Made], labels: bool | None) -> list[str]:
    """The label column, or the answer itself when answers are labels."""
    if mapping.columns("label"):
        return list(rows[mapping.columns("label")[0]])
    if not mapping.fixed_label:
        return [""] * len(kept)
    answers = [answer_of(row.messages) for row in kept]
    if answers_are_labels(answers) if labels is None else labels:
        return [answer.strip() for answer in answers]
    return [""] * len(kept)


def _meta(
    rows: pd.DataFrame, mapping: Mapping, kept: list[Made], row_ids: list[int]
) -> tuple[list[str], list[Decision]]:
    """Weight, group, worse answer and tools of each row as JSON; a note per weight that is none."""
    notes: list[Decision] = []
    used: dict[str, list[str]] = {}
    for role in ("weight", "group", "rejected", "tools"):
        columns = mapping.columns(role)
        if not columns or (role == "rejected" and mapping.cells == "talk"):
            continue
        used[role] = rows[columns[0]].tolist()
        if role == "weight":
            used[role], notes = read_weights(columns[0], used[role], row_ids)
    metas = [{**{role: cells[place] for role, cells in used.items()}, **row.extras} for place, row in enumerate(kept)]
    return ["{}" if not meta else json.dumps(meta, ensure_ascii=False) for meta in metas], notes
