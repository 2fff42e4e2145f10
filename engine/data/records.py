"""Records of the data side: where rows came from, each version of them, and how they were split."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from engine.data.split_plan import SplitPlan
from engine.project.records import Record


class SourcePart(BaseModel):
    """One file of a source, and how it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="Name of the file")
    sha256: str = Field(description="Fingerprint of its bytes")
    bytes: int = Field(description="Size in bytes")
    format: str = Field(description="csv, tsv, json, jsonl, parquet or xlsx")
    encoding: str = Field(description="Character set")
    delimiter: str | None = Field(default=None, description="Character between cells")
    sheet: str | None = Field(default=None, description="Sheet of the workbook")
    sheets: list[str] = Field(default_factory=list, description="Sheets of the workbook")
    header_line: int = Field(default=1, description="Line of the column names")
    columns: list[str] = Field(description="Column names")
    rows: int = Field(description="Usable rows")
    rejects: int = Field(description="Lines that could not be read as a row")
    warnings: list[str] = Field(default_factory=list, description="What was repaired or noticed")


class FailedFile(BaseModel):
    """A file that could not be read: the others were read all the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="Name of the file")
    message: str = Field(description="What is wrong")
    hint: str = Field(default="", description="What to do")


class Source(Record):
    """The file or files as uploaded, and how they were read. Rows of all parts follow one another.

    Sources of older projects have no parts and no table: `engine.data.source_table` makes the table when it is needed.
    """

    kind: ClassVar[str] = "source"

    file: str = Field(description="Name of the file, or of the first one and how many more")
    sha256: str = Field(description="Fingerprint of its bytes (of several files: of their fingerprints)")
    bytes: int = Field(description="Size in bytes")
    format: str = Field(description="csv, tsv, json, jsonl, parquet or xlsx")
    encoding: str = Field(description="Character set")
    delimiter: str | None = Field(default=None, description="Character between cells")
    sheet: str | None = Field(default=None, description="Sheet of the workbook")
    header_line: int = Field(default=1, description="Line of the column names")
    columns: list[str] = Field(description="Column names")
    rows: int = Field(description="Usable rows")
    rejects: int = Field(description="Lines that could not be read as a row")
    warnings: list[str] = Field(default_factory=list, description="What was repaired or noticed")
    parts: list[SourcePart] = Field(default_factory=list, description="Files, in the order of their rows")
    failed: list[FailedFile] = Field(default_factory=list, description="Files brought at the same time but unreadable")
    table: str = Field(default="", description="Parquet file of the rows in the project folder")

    def files(self) -> list[SourcePart]:
        """The parts; a source of an older project is its own only part."""
        shared = SourcePart.model_fields.keys() & Source.model_fields.keys()
        return self.parts or [SourcePart.model_validate({name: getattr(self, name) for name in shared})]


class CleaningStep(BaseModel):
    """One step: what it was told and what it did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="Name of the step")
    settings: dict[str, Any] = Field(default_factory=dict, description="Settings it ran with")
    rows_in: int = Field(description="Rows before")
    rows_out: int = Field(description="Rows after")
    changed: int = Field(default=0, description="Rows whose text changed")
    counts: dict[str, int] = Field(default_factory=dict, description="Decisions by reason")
    note: str = Field(default="", description="What the step wants the reader to know")
    seconds: float = Field(default=0.0, description="Time it took")

    @property
    def dropped(self) -> int:
        """Rows left out."""
        return self.rows_in - self.rows_out


class DatasetVersion(Record):
    """An immutable state of the rows. Undo and redo only move the `dataset` pointer."""

    kind: ClassVar[str] = "dataset_version"

    source_id: str = Field(description="File it came from")
    parent: str | None = Field(default=None, description="Version before the step")
    step: CleaningStep = Field(description="Step that made it")
    path: str = Field(description="Parquet file in the project folder")
    decisions_path: str = Field(description="Parquet file with a reason per dropped or changed row")
    sha256: str = Field(description="Fingerprint of the Parquet file")
    rows: int = Field(description="Number of rows")


class Split(Record):
    """Train, validation and test, made once and sealed."""

    kind: ClassVar[str] = "split"

    dataset_id: str = Field(description="Version that was split")
    seed: int = Field(description="Random seed")
    ratios: tuple[float, float, float] = Field(description="Wanted shares of train, validation, test")
    counts: dict[str, int] = Field(description="Rows per part")
    leaks: dict[str, int] = Field(description="Test and validation rows found in train: exact, prefix, near")
    near_checked: bool = Field(default=False, description="Whether similar rows were compared, or only equal ones")
    stratified: bool = Field(default=False, description="Whether labels are spread evenly")
    grouped: bool = Field(default=False, description="Whether rows of one group stay together")
    plan: SplitPlan | None = Field(
        default=None, description="What was asked for; older splits only kept seed and shares"
    )
    joined_from: float | None = Field(
        default=None, description="Likeness from which rows were kept together (0..1); 1 means only equal questions"
    )
    leaks_between: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Repeated rows by pair of parts (train-validation, ...) and kind"
    )
    notes: list[str] = Field(default_factory=list, description="What could not be done exactly as asked")
    clusters: int = Field(default=0, description="Groups of duplicates kept on one side")
    minimum_detectable_difference: float | None = Field(
        default=None, description="Smallest difference in right answers that the test part can show (0..1)"
    )
    path: str = Field(description="Parquet file with row_id, split, cluster")
    sha256: str = Field(description="Fingerprint of that file")


class TestLook(Record):
    """Somebody looked at the sealed test rows."""

    __test__: ClassVar[bool] = False  # not a pytest class
    kind: ClassVar[str] = "test_look"

    split_id: str = Field(description="Split whose test part was read")
    purpose: str = Field(description="Why")
    rows: int = Field(description="Rows seen")
