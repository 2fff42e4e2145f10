"""Read a training log: trainer_state.json, a JSON list, JSON lines (ours, LLaMA-Factory), any CSV with a loss."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import InputError, NotFound, Where
from engine.training.diagnose_log import EVAL, LOSS, TrainingLog, log_from

_SHAPES = (
    "Give a trainer_state.json, a JSON list of log entries, JSON lines, or a CSV file with the columns step and loss "
    "(eval_loss, grad_norm, learning_rate and epoch if there are any)."
)
_PROVIDER = ("train_accuracy", "train_mean_token_accuracy", "valid_mean_token_accuracy", "full_valid_loss")


def read_log(path: Path) -> TrainingLog:
    """Read a log of any known shape. Raises NotFound, or InputError with file and line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name!r}.", "Check the path.", where=Where(file=str(path))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not a readable text file.", _SHAPES, where=Where(str(path))) from error
    text = _decoded(text.strip())
    if not text:
        raise InputError(f"{path.name} is empty.", _SHAPES, where=Where(file=str(path)))
    if text[0] in "{[":
        return log_from(_json(path, text))
    return _csv(path, text)


def _decoded(text: str) -> str:
    """Providers hand out their CSV as base64: return what is inside, or the text as it is."""
    if "," in text[:200] or text[:1] in "{[":
        return text
    try:
        inner = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return text
    return inner.strip() if "," in inner[:200] else text


def _json(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise InputError(f"{path.name} is nested too deeply.", _SHAPES, where=Where(file=str(path))) from error
    except ValueError:
        return _lines(path, text)
    if isinstance(document, dict) and "log_history" in document:
        document = document["log_history"]
    elif isinstance(document, dict):
        document = [document]
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        raise InputError(f"{path.name} has no list of log entries.", _SHAPES, where=Where(file=str(path)))
    if document and not any(_known(entry) for entry in document):
        raise InputError(f"{path.name} has no loss in it.", _SHAPES, where=Where(file=str(path)))
    return document


def _lines(path: Path, text: str) -> list[dict[str, Any]]:
    """JSON lines; of our own event files only the numbers count. A torn last line is left out."""
    lines = text.split("\n")
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            if number == len(lines) and entries:
                break
            raise InputError(
                f"Line {number} of {path.name} is not valid JSON.", _SHAPES, where=Where(str(path), line=number)
            ) from error
        if isinstance(entry, dict) and entry.get("type", "metric") == "metric":
            entries.append(entry)
    if entries and not any(_known(entry) for entry in entries):
        raise InputError(f"{path.name} has no loss in it.", _SHAPES, where=Where(file=str(path)))
    return entries


def _known(entry: dict[str, Any]) -> bool:
    return any(name in entry for name in (*LOSS, *EVAL)) or any("reward" in key for key in entry)


def _csv(path: Path, text: str) -> TrainingLog:
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=mark))
    except csv.Error as error:
        raise InputError(f"{path.name} is not a readable CSV file.", _SHAPES, where=Where(file=str(path))) from error
    header = [name.strip() for name in first.split(mark)]
    if not any(name in (*LOSS, *EVAL) for name in header):
        raise InputError(f"{path.name} has no column with a loss.", _SHAPES, where=Where(file=str(path), line=1))
    entries = [{str(key).strip(): (value or "").strip() for key, value in row.items() if key} for row in rows]
    return log_from(entries, raw_steps=_single_batches(header, entries))


def _single_batches(header: Sequence[str], entries: Sequence[dict[str, str]]) -> bool:
    """Return whether each line is one batch: a provider's file, or a step number that counts every line."""
    if any(name in header for name in _PROVIDER):
        return True
    steps = [entry.get("step", "") for entry in entries]
    return len(steps) > 1 and steps[0].isdigit() and steps == [str(int(steps[0]) + i) for i in range(len(steps))]
