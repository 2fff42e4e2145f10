#!/usr/bin/env python3
"""Check an audit log exported by Tuneworth. Needs Python 3.9 or newer and nothing else; never changes the file.

    python verify_audit.py LOG.jsonl [HASH@SEQ ...]

Each line is an event in canonical JSON (sorted keys, no spaces, ASCII). `hash` is the SHA-256 of the line without
`hash`; `prev` is the hash of the line before (64 zeros for the first). HASH@SEQ is an anchor that was written down
earlier: at least the first 16 hex digits of the hash of event SEQ. Exit 0: everything fits. Exit 1: it does not, and
the number of the first bad line is printed. Exit 2: the arguments or the file cannot be used.

What this does not prove: that the events were true, complete, on time or by that person. Without an anchor kept
outside this computer a whole log can be rewritten; events after the last anchor can be cut off.
"""

# ruff: noqa: T201
from __future__ import annotations

import hashlib
import json
import sys


def canonical(event: dict) -> str:
    """Return the one text form of an event."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def line_hash(event: dict) -> str:
    """Return the hash a line must carry."""
    bare = {key: value for key, value in event.items() if key != "hash"}
    return hashlib.sha256(canonical(bare).encode("ascii")).hexdigest()


def problem_of(line: str, number: int, prev: str) -> tuple[str, str]:
    """Return (problem, hash): what is wrong with one line, or an empty text and its hash."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return "the line is not valid JSON", ""
    try:
        if not isinstance(event, dict) or canonical(event) != line:
            return "the line is not in its canonical form", ""
    except (ValueError, RecursionError):
        return "the line holds a number that JSON does not know", ""
    if event.get("seq") != number:
        return f"expected event {number}, found {event.get('seq')!r}", ""
    if event.get("prev") != prev:
        return "the link to the event before is broken", ""
    if event.get("hash") != line_hash(event):
        return "the content does not match its hash", ""
    return "", event["hash"]


def check(lines: list[str], anchors: list[tuple[str, int]]) -> tuple[int, str, int, str]:
    """Return (bad line or 0, problem, number of events, last hash)."""
    prev, count, hashes = "0" * 64, 0, {}
    for number, line in enumerate(lines, start=1):
        problem, digest = problem_of(line, number, prev)
        if problem:
            return number, problem, count, prev
        prev, count, hashes[number] = digest, number, digest
    for digest, seq in anchors:
        if seq not in hashes:
            return count + 1, f"events up to {seq} were anchored but are missing", count, prev
        if not hashes[seq].startswith(digest):
            return seq, f"event {seq} is not the one that was anchored", count, prev
    empty = "the log is empty, but the making of the project is always its first event"
    return (0, "", count, prev) if count else (1, empty, 0, prev)


def parse_anchor(text: str) -> tuple[str, int]:
    """Read HASH@SEQ; raises ValueError."""
    digest, at, seq = text.strip().lower().partition("@")
    if not at or not seq.isdigit() or int(seq) < 1 or not 16 <= len(digest) <= 64:
        raise ValueError(text)
    int(digest, 16)
    return digest, int(seq)


def read_lines(path: str) -> list[str]:
    """Read the file as bytes and split it at line feeds only."""
    with open(path, "rb") as file:
        raw = file.read()
    if not raw:
        return []
    lines = (raw[:-1] if raw.endswith(b"\n") else raw).decode("utf-8").split("\n")
    return [line.rstrip("\r") for line in lines]


def main(arguments: list[str]) -> int:
    """Check one file and print the result; return the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 2
    try:
        anchors = [parse_anchor(text) for text in arguments[1:]]
    except ValueError as error:
        print(f"not an anchor: {error} (expected HASH@SEQ, at least 16 hex digits)")
        return 2
    try:
        lines = read_lines(arguments[0])
    except OSError as error:
        print(f"cannot read {arguments[0]}: {error.strerror}")
        return 2
    except UnicodeDecodeError:
        print("BROKEN: the file is not text")
        return 1
    bad, problem, count, head = check(lines, anchors)
    if bad:
        print(f"BROKEN at line {bad}: {problem}")
        return 1
    print(f"OK: {count} events, head {head}@{count}, {len(anchors)} anchors fit")
    if not anchors:
        print("No anchor was given: a log that was rewritten as a whole, or cut at the end, would look the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
