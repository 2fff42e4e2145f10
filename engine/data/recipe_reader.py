"""Read the next file for a recipe: as the last one was read, unless the bytes show that this one is different."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.data.encoding import detect_encoding
from engine.data.file_kind import file_kind
from engine.data.open_table import open_table
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.read_table import no_rows, read_table
from engine.data.read_workbook import sheet_names
from engine.data.recipe import Recipe
from engine.data.recipe_columns import missing_columns


@dataclass(frozen=True)
class Fit:
    """How to read a file for a recipe: settings, the columns it then has, and what is different, as sentences."""

    settings: ReaderSettings
    columns: list[str]
    notes: list[str]


def fit_reader(path: Path, recipe: Recipe, name: str) -> Fit:
    """Look at the beginning of a file called `name`. Raises InputError when nothing in it can be read.

    Whether bytes are UTF-8 can be proved, so a file that changed between UTF-8 and another character set is read as
    what it is. When columns are missing and reading it freely finds more of them, that is taken.
    """
    settings, notes = _fitting(path, recipe.reader, name)
    columns = _columns(path, settings, name)
    missing = len(missing_columns(recipe, columns))
    if missing and settings != ReaderSettings():
        free = _columns(path, ReaderSettings(), name)
        if len(missing_columns(recipe, free)) < missing:
            afresh = "The file is divided differently from the last one; it was read afresh."
            return Fit(ReaderSettings(), free, [*notes, afresh])
    return Fit(settings, columns, notes)


def read_for(path: Path, recipe: Recipe, name: str) -> tuple[ReadResult, list[str]]:
    """Read a whole file for a recipe; also what was read differently. Raises InputError."""
    fit = fit_reader(path, recipe, name)
    return read_table(path, fit.settings, name=name), fit.notes


def _columns(path: Path, settings: ReaderSettings, name: str) -> list[str]:
    opened = open_table(path, settings, name=name)
    for piece in opened.pieces():
        if piece.num_rows and piece.num_columns > 1:
            return list(piece.column_names[:-1])  # the last one is the line
    raise no_rows(opened)


def _fitting(path: Path, wanted: ReaderSettings, name: str) -> tuple[ReaderSettings, list[str]]:
    kind = file_kind(path, name)
    changes: dict[str, str | None] = {}
    notes = []
    if kind in ("csv", "tsv", "json", "jsonl") and wanted.encoding is not None:
        found = detect_encoding(path).name
        if _unicode(found) != _unicode(wanted.encoding):
            changes["encoding"] = found
            notes.append(f"The character set is {found} and not {wanted.encoding} as in the last file.")
    if kind == "xlsx" and wanted.sheet is not None:
        sheets = sheet_names(path, name)
        if wanted.sheet not in sheets:
            changes["sheet"] = sheets[0]
            notes.append(f"There is no sheet {wanted.sheet!r} any more; {sheets[0]!r} was read.")
    if kind not in ("csv", "tsv"):
        changes["delimiter"] = None
    return wanted.model_copy(update=changes), notes


def _unicode(encoding: str) -> str:
    """`utf-8` for all its names, otherwise '' (single-byte sets cannot be told apart by proof)."""
    return "utf-8" if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig") else ""
