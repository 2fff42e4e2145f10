"""Which character set a file has. Source of the rule and its order: facts "Data" 1b."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from engine.data.rules import rules
from engine.errors import InputError

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_OF_FILES = {"idna", "punycode", "undefined"}  # codecs of Python that no file is written in
PIECE = 1 << 20
STRAY_SHARE = 0.02  # UTF-8 with at most this share of broken sequences is still UTF-8 (ours; each one is reported)


@dataclass(frozen=True)
class EncodingGuess:
    """`name` is a Python codec, `errors` its error handler, `warning` a sentence or empty."""

    name: str
    errors: str = "strict"
    warning: str = ""


def check_encoding(name: str) -> str:
    """Return the codec's own name. Raises InputError for an unknown one."""
    try:
        codec = codecs.lookup(name)
    except LookupError as error:
        raise InputError(f"There is no encoding called {name!r}.", "Try utf-8, cp1252 or latin-1.") from error
    if not codec._is_text_encoding or codec.name in NOT_OF_FILES:
        raise InputError(f"{name!r} is not a text encoding.", "Try utf-8, cp1252 or latin-1.")
    return codec.name


def chosen_encoding(path: Path, name: str) -> EncodingGuess:
    """The encoding somebody asked for. Raises InputError for an unknown one, or when the file lacks its byte order."""
    codec = check_encoding(name)
    with path.open("rb") as file:
        head = file.read(64)
    try:
        codecs.getincrementaldecoder(codec)("replace").decode(head)
    except UnicodeError as error:
        raise InputError(
            f"The file cannot be read as {codec}: it does not begin with the mark that tells the byte order.",
            f"Try {codec}-le or {codec}-be, or leave the encoding out: it is found by itself.",
        ) from error
    return EncodingGuess(codec)


def detect_encoding(path: Path) -> EncodingGuess:
    """Guess the encoding: BOM, UTF-8 over the whole file, East Asian and Cyrillic sets, cp1252, latin-1."""
    with path.open("rb") as file:
        head = file.read(rules().reading.sample_bytes)
    for bom, name in BOMS:
        if head.startswith(bom):
            return EncodingGuess(name)
    wide = _utf32_without_bom(head) or _utf16_without_bom(head)
    if wide:
        return EncodingGuess(wide)
    good, bad = _utf8_counts(path)
    if bad == 0:
        return EncodingGuess("utf-8")
    if good and bad <= STRAY_SHARE * good:
        warning = f"{bad} damaged characters in a UTF-8 file are shown as \ufffd."
        return EncodingGuess("utf-8", "replace", warning)
    best = from_bytes(head).best()
    if best is not None and best.encoding in rules().reading.encodings and decodes(path, best.encoding):
        return EncodingGuess(best.encoding)
    return EncodingGuess("cp1252" if decodes(path, "cp1252") else "latin-1")


def decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is valid in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf32_without_bom(head: bytes) -> str | None:
    """UTF-32 has two NULs in every four bytes whatever the language (below U+10000)."""
    quarter = len(head) // 4
    if quarter < 4:
        return None
    if (
        head[2::4].count(0) >= 0.99 * quarter
        and head[3::4].count(0) >= 0.99 * quarter
        and head[0::4].count(0) < quarter
    ):
        return "utf-32-le"
    if (
        head[0::4].count(0) >= 0.99 * quarter
        and head[1::4].count(0) >= 0.99 * quarter
        and head[3::4].count(0) < quarter
    ):
        return "utf-32-be"
    return None


def _utf16_without_bom(head: bytes) -> str | None:
    """UTF-16 text in Latin letters has a NUL in every second byte."""
    half = len(head) // 2
    if half < 8:
        return None
    if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return None


def _utf8_counts(path: Path) -> tuple[int, int]:
    """Count well-formed non-ASCII characters and broken sequences in the whole file."""
    if decodes(path, "utf-8"):
        return 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    with path.open("rb") as file:
        done = False
        while not done:
            piece = file.read(PIECE)
            done = not piece
            text = decoder.decode(piece, final=done)
            broken = text.count("\ufffd")
            bad += broken
            good += len(_NON_ASCII.findall(text)) - broken
    return good, max(bad, 1)


_NON_ASCII = re.compile(r"[^\x00-\x7f]")
