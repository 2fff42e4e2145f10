"""Read the next file for a recipe: as the last one was read, unless the bytes show that this one is different."""

from __future__ import annotations

from pathlib import Path

from engine.data.encoding import detect_encoding
from engine.data.file_kind import file_kind
from engine.data.read_result import ReaderSettings, ReadResult
from engine.data.read_table import read_table
from engine.data.read_workbook import sheet_names
from engine.data.recipe import Recipe
from engine.data.recipe_columns import missing_columns


def read_for(path: Path, recipe: Recipe, name: str) -> tuple[ReadResult, list[str]]:
    """Read a file called `name` with the recipe's settings; also what was read differently, as sentences.

    Whether bytes are UTF-8 can be proved, so a file that changed between UTF-8 and another character set is read as
    what it is. When columns are missing and reading it freely finds more of them, that is taken. Raises InputError.
    """
    settings, notes = _fitting(path, recipe.reader, name)
    read = read_table(path, settings, name=name)
    missing = len(missing_columns(recipe, read.columns))
    if missing and settings != ReaderSettings():
        free = read_table(path, ReaderSettings(), name=name)
        if len(missing_columns(recipe, free.columns)) < missing:
            notes.append("The file is divided differently from the last one; it was read afresh.")
            return free, notes
    return read, notes


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
