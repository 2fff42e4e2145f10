"""A look inside a workbook before it is read: its true size, formulas, macros. Nothing is unpacked to disk."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from engine.data.ingest_rules import ingest_rules
from engine.errors import InputError, Where

BLOCK = 1 << 20
_SMALL = 8 << 20  # the list of sheets is never longer
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_COLUMN = re.compile(rb'<c [^>]*?r="([A-Z]+)\d')
_ROW = re.compile(rb'<row [^>]*?r="(\d+)"')
_ERROR = re.compile(rb'<c [^>]*?t="e"')
_FORMULA = re.compile(rb"<f[ >/]")
_UNSAVED = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


@dataclass
class SheetFacts:
    """What was seen in the XML of one sheet."""

    rows: int = 0
    columns: int = 0
    formulas: int = 0
    unsaved: int = 0
    errors: int = 0

    def notes(self) -> list[str]:
        """Sentences for the screen."""
        found = []
        if self.formulas > self.unsaved:
            found.append(f"{self.formulas - self.unsaved:,} cells hold formulas; the values they last gave were read.")
        if self.unsaved:
            found.append(
                f"{self.unsaved:,} cells hold formulas without a value, because the file was not saved by Excel: they "
                "are empty here. Open it in Excel, save it, and bring it again."
            )
        if self.errors:
            found.append(f"{self.errors:,} cells hold an error of Excel (such as #N/A); they are empty here.")
        return found


def check_archive(path: Path, shown: str) -> list[str]:
    """Unpack every part of a workbook in memory, a block at a time; return notes.

    Raises InputError when a part is damaged or larger than the archive says (a zip bomb).
    """
    if not zipfile.is_zipfile(path):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _damaged(shown) from error
    if bad is not None:
        raise _damaged(shown)
    return ["The workbook has macros; they are not run, only its cells were read."] if _has_macros(names) else []


def check_sheet(path: Path, shown: str, sheet: str) -> SheetFacts:
    """Scan one sheet of an .xlsx file. Raises InputError when its grid is too large to be read.

    Other workbooks (.xls, .xlsb, .ods) give empty facts.
    """
    facts = SheetFacts()
    if not zipfile.is_zipfile(path):
        return facts
    with zipfile.ZipFile(path) as archive:
        part = _sheet_part(archive, sheet)
        if part is None:
            return facts
        with archive.open(part) as file:
            rest = b""
            while block := file.read(BLOCK):
                text = rest + block
                cut = text.rfind(b"</c>") + 4 if b"</c>" in text else len(text)
                _count(facts, text[:cut])
                rest = text[cut:] if len(text) - cut < BLOCK else b""
            _count(facts, rest)
    if facts.rows * facts.columns > ingest_rules().workbook.cells:
        raise InputError(
            f"The sheet {sheet!r} of {shown} spans {facts.rows:,} rows and {facts.columns:,} columns.",
            "Most of it is surely empty: delete the far-off cells, or save the sheet as CSV and use that.",
            where=Where(file=shown),
        )
    return facts


def _count(facts: SheetFacts, text: bytes) -> None:
    columns = set(_COLUMN.findall(text))
    if columns:
        facts.columns = max(facts.columns, max(map(_column_number, columns)))
    rows = _ROW.findall(text)
    if rows:
        facts.rows = max(facts.rows, max(map(int, rows)))
    facts.formulas += len(_FORMULA.findall(text))
    facts.errors += len(_ERROR.findall(text))
    facts.unsaved += len(_UNSAVED.findall(text))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the XML part of a sheet, by the workbook's list and its relations."""
    try:
        book = _small(archive, "xl/workbook.xml")
        relations = _small(archive, "xl/_rels/workbook.xml.rels")
    except (KeyError, ElementTree.ParseError):
        return None
    wanted = next((item.get(_RELATION) for item in book.iter() if _is_sheet(item, sheet)), None)
    target = next((item.get("Target") for item in relations if item.get("Id") == wanted), None)
    if target is None:
        return None
    name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return name if name in archive.namelist() else None


def _is_sheet(item: ElementTree.Element, sheet: str) -> bool:
    return item.tag.endswith("}sheet") and item.get("name") == sheet


def _small(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as file:
        text = file.read(_SMALL)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise KeyError(name)  # no workbook needs one; entities could grow without end
    return ElementTree.fromstring(text)  # noqa: S314


def _has_macros(names: set[str]) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in names)


def _damaged(shown: str) -> InputError:
    return InputError(
        f"{shown} is damaged: a part of the workbook does not unpack to the size it claims.",
        "Save it again in Excel and retry; do not use it when you do not know where it comes from.",
        where=Where(file=shown),
    )
