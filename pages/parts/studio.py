"""What every part of Data Studio needs to know: the project, its file, its rows, its split. Made once per run."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.page_view import sealed_rows
from engine.data.records import DatasetVersion, Source, Split
from engine.data.source_table import SourceTable
from engine.data.split import current_split
from engine.project.project import Project
from pages.parts.data_cache import file_of
from pages.parts.words import number


@dataclass(frozen=True)
class Studio:
    """The state a tab draws. `versions` runs from the first version to the one in use (never empty in a tab)."""

    project: Project
    source: Source
    versions: list[DatasetVersion]
    split: Split | None

    @property
    def version(self) -> DatasetVersion:
        """The version in use."""
        return self.versions[-1]

    @property
    def read(self) -> SourceTable:
        """The file as it was read; its rows stay on disk: use `head`, `take`, `sample`, not `frame`."""
        return file_of(self.project, self.source)

    @property
    def fresh_split(self) -> Split | None:
        """The split when it was made for the rows in use, else None."""
        return self.split if self.split is not None and self.split.dataset_id == self.version.id else None

    @property
    def sealed(self) -> frozenset[int]:
        """Rows of the test part: no page shows them before the evaluation."""
        return sealed_rows(self.project, self.source.id)

    def line(self, row_id: int) -> str:
        """`Line 12` of the file (`Line 12 of b.csv` with several), `Added row 3` for a row that is in no file."""
        read = self.read
        if not 0 <= row_id < read.rows:
            behind = read.rows + read.reject_count  # ids of added rows start here (engine.data.edits)
            return f"Added row {number(row_id - (behind if row_id >= behind else read.rows) + 1)}"
        file, line = read.place(row_id)
        return f"Line {number(line)}" if len(read.parts) == 1 else f"Line {number(line)} of {file}"


def studio_of(project: Project, source: Source, versions: list[DatasetVersion]) -> Studio:
    """Collect the state of this run."""
    return Studio(project, source, versions, current_split(project))
