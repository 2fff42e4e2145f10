"""Where the rows are inside a JSON document, and objects inside a row as columns of their own (`input.question`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.data.label_studio import TaskCounts, flat_task, is_task
from engine.errors import InputError, Where

TALK_KEYS = ("messages", "conversations")
DEPTH = 4  # wrapper objects looked into
MOST_KEYS = 20  # objects with more different keys stay one cell of JSON


def rows_in(value: Any, shown: str, notes: list[str]) -> list[Any]:
    """Find the list of rows in a parsed document; say in `notes` where it was. Raises InputError for one bare value."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        hint = "Use a list of objects: [{...}, {...}]."
        raise InputError(f"{shown} holds a single value, not rows.", hint, where=Where(file=shown))
    if is_task(value) or any(key in value for key in TALK_KEYS):
        return [value]
    by_column = _by_column(value)
    if by_column is not None:
        notes.append("The file lists values per column; they were put together as rows.")
        return by_column
    found = sorted(_lists(value, ""), key=lambda item: -len(item[1]))
    if found:
        path, rows = found[0]
        if "." in path or len(found) > 1:
            notes.append(f"The rows were found under {path!r}.")
        if len(found) > 1:
            notes.append(f"Other lists in the file are not used: {', '.join(repr(name) for name, _ in found[1:6])}.")
        return rows
    items = list(value.values())
    if len(items) > 1 and all(isinstance(item, dict) for item in items) and _alike(items):
        notes.append("Each entry of the outer object is one row; its name is in the column 'key'.")
        return [{"key": key, **item} for key, item in value.items()]
    return [value]


def _lists(value: dict[str, Any], path: str, depth: int = 0) -> list[tuple[str, list[Any]]]:
    """Every non-empty list of objects inside objects, with its path."""
    found: list[tuple[str, list[Any]]] = []
    for key, item in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(item, list) and item and isinstance(item[0], dict):
            found.append((name, item))
        elif isinstance(item, dict) and depth < DEPTH:
            found += _lists(item, name, depth + 1)
    return found


def _by_column(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """`{"a": [..], "b": [..]}` or pandas' `{"a": {"0": .., "1": ..}}` as rows; None when it is neither."""
    columns = list(value.values())
    if len(columns) > 1 and all(isinstance(column, list) for column in columns):
        plain = all(not isinstance(cell, dict) for column in columns for cell in column)
        if plain and len({len(column) for column in columns}) == 1 and columns[0]:
            return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
    if columns and all(isinstance(column, dict) and column for column in columns):
        index = list(columns[0])
        if all(key.isdigit() for key in index) and all(list(column) == index for column in columns):
            return [{name: column[key] for name, column in value.items()} for key in index]
    return None


def _alike(items: Sequence[dict[str, Any]]) -> bool:
    """Whether objects share at least half of their keys with the first one."""
    first = set(items[0])
    return bool(first) and all(2 * len(first & set(item)) >= len(first | set(item)) for item in items)


class Flattener:
    """Gives objects inside rows columns of their own; which ones is decided by the first records seen."""

    def __init__(self) -> None:
        self.tasks = TaskCounts()
        self._names: set[str] | None = None

    def flat(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Flatten a piece of records."""
        records = [flat_task(record, self.tasks) if is_task(record) else record for record in records]
        if self._names is None:
            self._names = _openable(records)
        if not self._names:
            return records
        return [self._opened(record) for record in records]

    def _opened(self, record: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for key, value in record.items():
            if key in (self._names or ()) and isinstance(value, dict) and value:
                row.update(_leaves(value, key))
            else:
                row[key] = value
        return row


def _openable(records: list[dict[str, Any]]) -> set[str]:
    """Keys whose values are always objects with few different keys."""
    inner: dict[str, set[str]] = {}
    other: set[str] = set()
    for record in records:
        for key, value in record.items():
            if isinstance(value, dict):
                inner.setdefault(key, set()).update(value)
            elif value is not None:
                other.add(key)
    return {key for key, names in inner.items() if key not in other and 0 < len(names) <= MOST_KEYS}


def _leaves(value: dict[str, Any], path: str, depth: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{path}.{key}"
        if isinstance(item, dict) and item and len(item) <= MOST_KEYS and depth < DEPTH:
            found.update(_leaves(item, name, depth + 1))
        else:
            found[name] = item
    return found
