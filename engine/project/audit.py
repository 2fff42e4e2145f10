"""The audit log: canonical JSON lines, each carrying the SHA-256 of the line before.

A line holds seq, ts, actor, action, objects (name -> id or hash), details (counts and settings, never content), prev
and hash, where hash = SHA-256 of the same canonical line without `hash`. The chain shows edits; an anchor
(`HASH@SEQ`, printed on every report) also shows a cut tail. Neither proves that an event was true or complete.
Design: the tamper table of facts/compliance.md section 2 (2026-11-21).
"""

from __future__ import annotations

import getpass
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.errors import AuditBroken, InputError, StorageError
from engine.project.store import RecordStore

GENESIS = "0" * 64
EMPTY = "The log is empty, but the making of the project is always its first event."
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "seq": int, "ts": (int, float), "actor": str, "action": str, "objects": dict, "details": dict, "hash": str,
}  # fmt: skip
LOOK = "`tuneworth audit verify` names the place. An export made before still holds the whole log."


@dataclass(frozen=True)
class Head:
    """The end of the chain: what an anchor holds."""

    seq: int
    hash: str

    @property
    def anchor(self) -> str:
        """`HASH@SEQ`, the form that is written down."""
        return f"{self.hash}@{self.seq}"


@dataclass(frozen=True)
class Verdict:
    """Result of a check: `first_bad` is the seq (or line number) where the chain breaks."""

    ok: bool
    events: int
    first_bad: int | None
    reason: str
    head: Head


def canonical(event: dict[str, Any]) -> str:
    """Return the one byte form of an event: sorted keys, no spaces, ASCII."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def line_hash(event: dict[str, Any]) -> str:
    """Return the hash a line must carry."""
    bare = {key: value for key, value in event.items() if key != "hash"}
    return hashlib.sha256(canonical(bare).encode("ascii")).hexdigest()


class AuditLog:
    """Append to and check the chain of one project."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store

    def append(self, action: str, objects: dict[str, str] | None = None, details: dict[str, Any] | None = None) -> Head:
        """Add an event (`noun.verb`) and return the new head. Durable when it returns.

        Raises AuditBroken when there is no sound event to link to.
        """
        with self._connect(write=True) as connection:
            last = _last(connection)
            event: dict[str, Any] = {
                "seq": last.seq + 1,
                "ts": round(time.time(), 3),
                "actor": _actor(),
                "action": action,
                "objects": objects or {},
                "details": details or {},
                "prev": last.hash,
            }
            event["hash"] = line_hash(event)
            connection.execute("INSERT INTO audit (seq, line) VALUES (?, ?)", (event["seq"], canonical(event)))
        return Head(event["seq"], event["hash"])

    def lines(self) -> list[str]:
        """Return all lines, oldest first. Raises AuditBroken when there is no log."""
        with self._connect() as connection:
            return [str(row[0]) for row in connection.execute("SELECT line FROM audit ORDER BY seq")]

    def events(self) -> list[dict[str, Any]]:
        """Return all events, oldest first. Raises AuditBroken at a line that is none."""
        return [_event(line, number) for number, line in enumerate(self.lines(), start=1)]

    def head(self) -> Head:
        """Return the newest (seq, hash); seq 0 when the log is empty. Raises AuditBroken when it is damaged."""
        with self._connect() as connection:
            return _last(connection)

    def verify(self, anchors: Iterable[Head] = ()) -> Verdict:
        """Check this project's chain against itself and the given anchors."""
        return verify_lines(self.lines(), anchors)

    @contextmanager
    def _connect(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            with self._store.connect(write=write) as connection:
                yield connection
        except StorageError as error:
            if "no such table: audit" in str(error.__cause__):
                raise AuditBroken("The audit log of this project was removed.", LOOK) from error
            raise
        except sqlite3.IntegrityError as error:
            raise AuditBroken("The events of the audit log are not numbered in order.", LOOK) from error


def _last(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT seq, line FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None:
        return Head(0, GENESIS)
    event = _event(str(row[1]), int(row[0]))
    return Head(event["seq"], event["hash"])


def _event(line: str, number: int) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict) or any(not isinstance(event.get(key), kind) for key, kind in _FIELDS.items()):
        raise AuditBroken(f"Event {number} of the audit log is damaged.", LOOK)
    return event


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"


def parse_anchor(text: str) -> Head:
    """Read `HASH@SEQ` (hash of 16 to 64 hex digits). Raises InputError."""
    digest, at, seq = text.strip().lower().partition("@")
    hexadecimal = 16 <= len(digest) <= 64 and not set(digest) - set("0123456789abcdef")
    if not at or not seq.isdecimal() or len(seq) > 18 or not hexadecimal:
        raise InputError(f"{text!r} is not an anchor.", "An anchor looks like 16 or 64 hex digits, @, a number.")
    return Head(int(seq), digest)


def verify_lines(lines: Iterable[str], anchors: Iterable[Head] = ()) -> Verdict:
    """Check canonical lines in order, then every anchor. Pure: works on an exported file too."""
    prev, count, hashes = GENESIS, 0, dict[int, str]()
    for number, line in enumerate(lines, start=1):
        problem, event = _check_line(line, number, prev)
        if problem:
            return Verdict(False, count, number, problem, Head(count, prev))
        prev, count = event["hash"], number
        hashes[number] = prev
    head = Head(count, prev)
    for anchor in anchors:
        found = hashes.get(anchor.seq)
        if found is None:
            return Verdict(False, count, count + 1, f"Events up to {anchor.seq} were anchored but are missing.", head)
        if not found.startswith(anchor.hash):
            return Verdict(False, count, anchor.seq, f"Event {anchor.seq} is not the one that was anchored.", head)
    if not count:
        return Verdict(False, 0, 1, EMPTY, head)
    return Verdict(True, count, None, "", head)


def _check_line(line: str, number: int, prev: str) -> tuple[str, dict[str, Any]]:
    try:
        event = json.loads(line)
        if not isinstance(event, dict) or canonical(event) != line.rstrip("\r\n"):
            return "The line is not in its canonical form.", {}
    except (ValueError, RecursionError):
        return "The line is not valid JSON.", {}
    if event.get("seq") != number:
        return f"Expected event {number}, found {event.get('seq')}.", {}
    if event.get("prev") != prev:
        return "The link to the event before is broken.", {}
    if event.get("hash") != line_hash(event):
        return "The content does not match its hash.", {}
    return "", event
