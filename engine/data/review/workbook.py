"""Write a small Excel workbook by hand: one sheet, every cell text, two columns with a list to choose from.

Cells are inline strings with number format "@" (text), so nothing in them is ever run as a formula. Format: ECMA-376
part 1, sections 18.3 (sheets) and 22.9.2.19 (`_xHHHH_` for characters XML cannot hold).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.errors import InputError

LONGEST = 32_767  # characters a cell of Excel holds
_BAD = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FILES = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">'
    '<sheets><sheet name="Review" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="49" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def workbook(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Mapping[str, int],
    choices: Mapping[str, Sequence[str]],
) -> bytes:
    """One sheet as XLSX bytes (equal input, equal bytes). `widths` in characters, `choices` = list per column.

    Raises InputError for a text longer than a cell can hold, naming row and column.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**_FILES, "xl/worksheets/sheet1.xml": _sheet(columns, rows, widths, choices)}.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, _HEAD + text)
    return buffer.getvalue()


def _sheet(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Mapping[str, int],
    choices: Mapping[str, Sequence[str]],
) -> str:
    cols = "".join(
        f'<col min="{place}" max="{place}" width="{widths.get(name, 16)}" style="1" customWidth="1"/>'
        for place, name in enumerate(columns, start=1)
    )
    body = [_row(1, columns, columns, 2)]
    body += [_row(number, row, columns, 1) for number, row in enumerate(rows, start=2)]
    lists = "".join(
        _list(_letter(columns.index(name)), max(len(rows) + 1, 2), options) for name, options in choices.items()
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{cols}</cols><sheetData>{''.join(body)}</sheetData>"
        f'<dataValidations count="{len(choices)}">{lists}</dataValidations></worksheet>'
    )


def _row(number: int, cells: Sequence[str], columns: Sequence[str], style: int) -> str:
    parts = []
    for place, cell in enumerate(cells):
        if len(cell) > LONGEST:
            raise InputError(
                f"Row {number - 2}, {columns[place]}: {len(cell):,} characters do not fit into a cell of Excel "
                f"({LONGEST:,}).",
                "Take the CSV file instead.",
            )
        name = f"{_letter(place)}{number}"
        text = f'<is><t xml:space="preserve">{_text(cell)}</t></is>' if cell else ""
        parts.append(f'<c r={quoteattr(name)} s="{style}"' + (f' t="inlineStr">{text}</c>' if cell else "/>"))
    return f'<row r="{number}">{"".join(parts)}</row>'


def _text(cell: str) -> str:
    kept = _BAD.sub(lambda found: f"_x{ord(found.group()):04X}_", _LOOKS_ESCAPED.sub("_x005F_", cell))
    return escape(kept)


def _letter(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _list(letter: str, last: int, options: Sequence[str]) -> str:
    listed = escape('"' + ",".join(options) + '"')
    return (
        f'<dataValidation type="list" allowBlank="1" sqref="{letter}2:{letter}{last}">'
        f"<formula1>{listed}</formula1></dataValidation>"
    )
