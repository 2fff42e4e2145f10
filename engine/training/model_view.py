"""What the model will see, as numbers: rows over the limit, answers a cut would hurt, rows with nothing to learn.

Pure: made from the token counts that Train's checks use (engine/training/tokens.py), so both pages say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.data.edits import RowEdit, apply_edits
from engine.data.records import DatasetVersion
from engine.errors import Conflict
from engine.project.project import Project
from engine.training.rules import training_rules
from engine.training.tokens import RowTokens, TokenCounts
from engine.training.words import listed, rows_are, rows_have

STEP = 16  # limits are rounded up to a multiple of it
TOO_LONG, NOTHING = "too_long_rows", "rows_without_answer"


@dataclass(frozen=True)
class ModelView:
    """Rows of one version for one base and one limit (tokens). Lists hold row ids, in row order.

    `rows` are those the run reads (train and validation, or all before a split); `test` are the sealed ones, counted
    and never part of a run.
    """

    rows: list[RowTokens]
    test: list[RowTokens]
    limit: int
    context: int

    @property
    def too_long(self) -> list[int]:
        """Rows over the limit: the run leaves them out, nothing is cut."""
        return [row.row_id for row in self.rows if row.tokens > self.limit]

    @property
    def too_long_test(self) -> list[int]:
        """Sealed rows over the limit."""
        return [row.row_id for row in self.test if row.tokens > self.limit]

    @property
    def silent(self) -> list[int]:
        """Rows with nothing to learn: a hard stop."""
        return [row.row_id for row in self.rows if row.answer_tokens < training_rules().preflight.fewest_answer_tokens]

    @property
    def endless(self) -> list[int]:
        """Rows whose answer is learned without an end token: the model would not learn to stop."""
        return [row.row_id for row in self.rows if row.answer_tokens and not row.ends]

    @property
    def control(self) -> list[int]:
        """Rows whose text holds a special token: the model reads it as a mark, not as text."""
        return [row.row_id for row in self.rows if row.control]

    @property
    def cut(self) -> list[int]:
        """Rows whose answer would lose its end if texts were cut at the limit, as other tools do."""
        return [row.row_id for row in self.rows if row.last > self.limit]

    @property
    def emptied(self) -> list[int]:
        """Rows of which such a cut would leave nothing to learn."""
        return [row.row_id for row in self.rows if row.answer_tokens and row.first >= self.limit]

    @property
    def keep_all(self) -> int:
        """The smallest limit (multiple of 16) that keeps every row, within what the base can read."""
        longest = max((row.tokens for row in self.rows), default=0)
        wanted = max(32, -(-longest // STEP) * STEP)
        return min(wanted, self.context) if self.context else wanted

    @property
    def learned(self) -> list[int]:
        """Trainable tokens per row that is kept."""
        return [row.answer_tokens for row in self.rows if row.tokens <= self.limit]

    @property
    def learned_share(self) -> float:
        """Part of the kept rows' tokens that is learned (0..1)."""
        whole = sum(row.tokens for row in self.rows if row.tokens <= self.limit)
        return sum(self.learned) / whole if whole else 0.0


def view_of(rows: Sequence[RowTokens], parts: Mapping[int, str] | None, limit: int, context: int) -> ModelView:
    """Look at counted rows; `parts` says which are train, validation or test, None before a split."""
    read = [row for row in rows if parts is None or parts.get(row.row_id) in ("train", "validation")]
    test = [row for row in rows if parts is not None and parts.get(row.row_id) == "test"]
    return ModelView(read, test, limit, context)


def counts_of(rows: Sequence[RowTokens], parts: Mapping[int, str] | None) -> TokenCounts:
    """The same rows as Train's counts; before a split every row counts as training row."""
    if parts is None:
        return TokenCounts(list(rows), [])
    return TokenCounts(*([row for row in rows if parts.get(row.row_id) == side] for side in ("train", "validation")))


def silent_sentence(silent: Sequence[int]) -> str:
    """`3 rows have no answer to learn from: rows 4, 9, 12.`"""
    return f"{rows_have(len(silent))} no answer to learn from: {listed(list(silent))}."


def long_sentence(long: Sequence[int], limit: int) -> str:
    """`2 rows are longer than 128 tokens and left out: rows 4, 9.`"""
    return f"{rows_are(len(long))} longer than {limit} tokens and left out: {listed(list(long))}."


def fit_sentence(limit: int) -> str:
    """`All rows fit into 128 tokens.`"""
    return f"All rows fit into {limit} tokens."


def leave_out_long(project: Project, view: ModelView) -> DatasetVersion:
    """Leave out rows over the limit, sealed ones too, as an undoable version. Raises Conflict when there are none."""
    tokens = {row.row_id: row.tokens for row in [*view.rows, *view.test]}
    long = [*view.too_long, *view.too_long_test]
    if not long:
        raise Conflict("No row is over the limit.")
    edits = [
        RowEdit(row, "over the limit", f"{tokens[row]:,} tokens; the limit is {view.limit:,}.") for row in sorted(long)
    ]
    return apply_edits(project, edits, TOO_LONG, {"limit": view.limit})


def leave_out_silent(project: Project, view: ModelView) -> DatasetVersion:
    """Leave out rows with nothing to learn, as an undoable version. Raises Conflict when there are none."""
    if not view.silent:
        raise Conflict("Every row has an answer to learn from.")
    edits = [RowEdit(row, "nothing to learn", "No token of it is learned.") for row in view.silent]
    return apply_edits(project, edits, NOTHING)
