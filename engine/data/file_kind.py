"""What a file is, by its first bytes and then by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from engine.data.rules import rules
from engine.errors import InputError, Where

Kind = Literal["csv", "tsv", "json", "jsonl", "parquet", "xlsx"]

_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_BINARY = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3": "a database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}
_OLE = b"\xd0\xcf\x11\xe0"


def file_kind(path: Path, name: str | None = None) -> Kind:
    """Return the reader to use; `name` is the name the user knows. Raises InputError for what is no table."""
    shown = name or path.name
    where = Where(file=shown)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except FileNotFoundError as error:
        raise InputError(f"There is no file {shown!r}.", "Check the path.", where=where) from error
    except IsADirectoryError as error:
        raise InputError(f"{shown!r} is a folder, not a file.", "Choose one file.", where=where) from error
    except PermissionError as error:
        raise InputError(f"{shown!r} may not be read.", "Change its permissions.", where=where) from error
    if size == 0:
        raise InputError(f"{shown} is empty (0 bytes).", "Export it again and check its size.", where=where)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path, shown)
    if head.startswith(_OLE):
        return _ole_kind(head, path, shown)
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise InputError(f"{shown} is {what}, not a table.", "Use CSV, Excel, JSON, JSONL or Parquet.", where=where)
    _refuse_control_bytes(head, shown)
    return _text_kind(Path(shown).suffix.lower(), head)


def _text_kind(suffix: str, head: bytes) -> Kind:
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if suffix == ".json":
        return "json"
    if suffix in (".tsv", ".tab"):
        return "tsv"
    if suffix not in (".csv", ".txt", ""):
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        return "jsonl" if start == b"{" else "json" if start == b"[" else "csv"
    return "csv"


def _zip_kind(path: Path, shown: str) -> Kind:
    where = Where(file=shown)
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise InputError(
            f"{shown} is damaged: the workbook cannot be opened.", "Save it again and retry.", where=where
        ) from error
    if "[Content_Types].xml" not in names and "content.xml" not in names:
        raise InputError(
            f"{shown} is a zip archive, not a table.", "Unpack it and choose the file inside.", where=where
        )
    if unpacked > rules().reading.workbook_bytes:
        raise InputError(
            f"{shown} unpacks to {unpacked / 1e9:.1f} GB, which is more than a workbook should hold.",
            "Save the sheet as CSV and use that.",
            where=where,
        )
    return "xlsx"


def _ole_kind(head: bytes, path: Path, shown: str) -> Kind:
    with path.open("rb") as file:
        whole = file.read(8 << 20)
    if "EncryptedPackage".encode("utf-16-le") in whole:
        raise InputError(
            f"{shown} is protected by a password.",
            "Open it in Excel, remove the password (File, Info, Protect), save, and try again.",
            where=Where(file=shown),
        )
    return "xlsx"


def _refuse_control_bytes(head: bytes, shown: str) -> None:
    """Text has next to no control characters; UTF-16 and UTF-32 have NULs, which are counted apart."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] == b"\x00\x00\xfe\xff":
        return
    if _is_utf8(head) and not head.count(0):
        return
    half, nul = len(head) / 2, head.count(0)
    if head[1::2].count(0) > 0.7 * half or head[0::2].count(0) > 0.7 * half:
        return
    control = sum(head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 12, 13, 27))
    if control > 0.02 * len(head) or nul > 0.05 * len(head):
        raise InputError(
            f"{shown} is not a text file: it holds binary data.",
            "Use CSV, Excel, JSON, JSONL or Parquet.",
            where=Where(file=shown),
        )


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut at the end of the sample
    return True


def is_workbook_name(name: str) -> bool:
    """Whether the file name says Excel or OpenDocument."""
    return Path(name).suffix.lower() in _WORKBOOKS
