"""How long the rows are for a base, in its own tokens. Counted once per version and base, then read from a file.

Data Studio ("What the model sees") and Train read the same file, so they cannot disagree.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from engine.data.messages import Message, loads
from engine.data.records import Split
from engine.data.split import split_table
from engine.data.versions import load_version, to_parquet
from engine.project.files import sha256_bytes, sha256_file, write_atomic
from engine.project.project import Project
from engine.training.models import BaseModelInfo
from engine.training.reader import Reader, SeenRow, has_answer, model_folder
from engine.training.template import training_template

BATCH = 2000
COUNTED = 3  # number of this way of counting: another one makes new files
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RowTokens:
    """Tokens of one row: all of it, those that are learned, where they begin and end, and whether it learns to stop.

    `first` and `last` are token places (`last` is one behind); both 0 when nothing is learned.
    """

    row_id: int
    tokens: int
    answer_tokens: int
    first: int = 0
    last: int = 0
    ends: bool = True
    control: bool = False  # its text holds a special token of the base


@dataclass(frozen=True)
class TokenCounts:
    """Counts of both sides the run reads."""

    train: list[RowTokens]
    validation: list[RowTokens]

    def too_long(self, max_length: int) -> list[int]:
        """row_id of rows over the limit."""
        return [row.row_id for row in [*self.train, *self.validation] if row.tokens > max_length]

    def silent(self) -> list[int]:
        """row_id of rows without an answer to learn from."""
        return [row.row_id for row in [*self.train, *self.validation] if row.answer_tokens < 1]

    def train_tokens(self, max_length: int) -> int:
        """Tokens of the training rows that are kept, one pass."""
        return sum(row.tokens for row in self.train if row.tokens <= max_length)

    def length_for(self, share: float) -> int:
        """Tokens that cover `share` of the training rows."""
        lengths = sorted(row.tokens for row in self.train)
        return lengths[min(len(lengths) - 1, int(share * len(lengths)))] if lengths else 0


def count_tokens(project: Project, split_id: str, base: BaseModelInfo, system_prompt: str = "") -> TokenCounts:
    """Return token counts of a split's training and validation rows, from the project's file when counted before.

    Raises MissingPackage without `tokenizers` or when the base is not on this machine, InputError when the chat
    template refuses a row, NotFound for an unknown split.
    """
    split = project.records.get(Split, split_id)
    parts = split_parts(project, split)
    train: list[RowTokens] = []
    validation: list[RowTokens] = []
    for row in count_version(project, split.dataset_id, base, system_prompt):
        side = {"train": train, "validation": validation}.get(parts.get(row.row_id, ""))
        if side is not None:
            side.append(row)
    return TokenCounts(train, validation)


def count_version(
    project: Project,
    version_id: str,
    base: BaseModelInfo,
    system_prompt: str = "",
    progress: Progress | None = None,
) -> list[RowTokens]:
    """Return token counts of every row of a version, in its order; errors as `count_tokens`."""
    file = _file(project, version_id, base, system_prompt)
    found = _read(file)
    if found is None:
        frame = load_version(project, version_id)
        talks = [loads(text) for text in frame["messages"]]
        found = _count(Reader(base, system_prompt), frame["row_id"].tolist(), talks, progress)
        write_atomic(file, to_parquet(pd.DataFrame([vars(row) for row in found], columns=_COLUMNS)))
    return found


def counted(project: Project, version_id: str, base: BaseModelInfo, system_prompt: str = "") -> bool:
    """Whether the rows of a version were counted for this base."""
    return _file(project, version_id, base, system_prompt).exists()


def split_parts(project: Project, split: Split) -> dict[int, str]:
    """row_id -> train, validation or test."""
    table = split_table(project, split)
    return dict(zip(table["row_id"].astype(int).tolist(), table["split"].tolist(), strict=True))


_COLUMNS = ["row_id", "tokens", "answer_tokens", "first", "last", "ends", "control"]


def _file(project: Project, version_id: str, base: BaseModelInfo, system_prompt: str) -> Path:
    folder = model_folder(base)
    parts = [version_id, sha256_file(folder / "tokenizer.json"), training_template(base.template), system_prompt]
    key = sha256_bytes(f"{COUNTED} {' '.join(parts)}".encode())
    return project.dir("data") / f"tokens-{key[:24]}.parquet"


def _count(
    reader: Reader, row_ids: Sequence[int], talks: Sequence[list[Message]], progress: Progress | None
) -> list[RowTokens]:
    found = []
    for start in range(0, len(talks), BATCH):
        part = talks[start : start + BATCH]
        for place, seen in enumerate(reader.read_all(part)):
            found.append(row_tokens(int(row_ids[start + place]), seen, part[place], reader))
        if progress is not None:
            progress(len(found), len(talks))
    return found


def row_tokens(row_id: int, seen: SeenRow, messages: list[Message], reader: Reader) -> RowTokens:
    """Count one row that was read. A blank answer counts as nothing to learn, though its end token would be."""
    places = [place for place, learned in enumerate(seen.learned) if learned]
    control = reader.has_control(messages)
    if not places or not has_answer(messages):
        return RowTokens(row_id, seen.tokens, 0, control=control)
    stops = any(seen.ids[place] in reader.ends for place in places)
    return RowTokens(row_id, seen.tokens, len(places), places[0], places[-1] + 1, stops, control)


def _read(file: Path) -> list[RowTokens] | None:
    if not file.exists():
        return None
    try:
        frame = pd.read_parquet(io.BytesIO(file.read_bytes()))
        columns = [frame[name].tolist() for name in _COLUMNS]
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None  # damaged: count again
    return [RowTokens(*values) for values in zip(*columns, strict=True)]
