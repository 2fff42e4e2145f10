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
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError
from engine.project.store import RecordStore

GENESIS = "0" * 64


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
        """Add an event (`noun.verb`) and return the new head. Durable when it returns."""
        with self._store.connect(write=True) as connection:
            row = connection.execute("SELECT line FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            last: dict[str, Any] = json.loads(row[0]) if row else {"seq": 0, "hash": GENESIS}
            event: dict[str, Any] = {
                "seq": last["seq"] + 1,
                "ts": round(time.time(), 3),
                "actor": _actor(),
                "action": action,
                "objects": objects or {},
                "details": details or {},
                "prev": last["hash"],
            }
            event["hash"] = line_hash(event)
            connection.execute("INSERT INTO audit (seq, line) VALUES (?, ?)", (event["seq"], canonical(event)))
        return Head(event["seq"], event["hash"])

    def lines(self) -> list[str]:
        """Return all lines, oldest first."""
        with self._store.connect() as connection:
            return [str(row[0]) for row in connection.execute("SELECT line FROM audit ORDER BY seq")]

    def events(self) -> list[dict[str, Any]]:
        """Return all events, oldest first."""
        return [json.loads(line) for line in self.lines()]

    def head(self) -> Head:
        """Return the newest (seq, hash); seq 0 when the log is empty."""
        with self._store.connect() as connection:
            row = connection.execute("SELECT line FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        if row is None:
            return Head(0, GENESIS)
        event = json.loads(row[0])
        return Head(event["seq"], event["hash"])

    def verify(self, anchors: Iterable[Head] = ()) -> Verdict:
        """Check this project's chain against itself and the given anchors."""
        return verify_lines(self.lines(), anchors)


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"


def parse_anchor(text: str) -> Head:
    """Read `HASH@SEQ` (hash of 16 to 64 hex digits). Raises InputError."""
    digest, at, seq = text.strip().lower().partition("@")
    if not at or not seq.isdigit() or not 16 <= len(digest) <= 64 or set(digest) - set("0123456789abcdef"):
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
    return Verdict(True, count, None, "", head)


def _check_line(line: str, number: int, prev: str) -> tuple[str, dict[str, Any]]:
    try:
        event = json.loads(line)
        if not isinstance(event, dict) or canonical(event) != line.rstrip("\r\n"):
            return "The line is not in its canonical form.", {}
    except ValueError:
        return "The line is not valid JSON.", {}
    if event.get("seq") != number:
        return f"Expected event {number}, found {event.get('seq')}.", {}
    if event.get("prev") != prev:
        return "The link to the event before is broken.", {}
    if event.get("hash") != line_hash(event):
        return "The content does not match its hash.", {}
    return "", event
