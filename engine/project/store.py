"""Records of one project in SQLite: WAL, synchronous=FULL, STRICT tables, migrations by user_version."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from engine.errors import Conflict, InputError, NotFound, StorageError
from engine.project.records import Record

R = TypeVar("R", bound=Record)

NEARLY_FULL_BYTES = 2**20
MIGRATIONS = (
    """
    CREATE TABLE record (
        id TEXT NOT NULL, kind TEXT NOT NULL, created REAL NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
    ) STRICT;
    CREATE INDEX record_by_kind ON record (kind, created);
    CREATE TABLE pointer (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
    CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit)
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
    """,
)


class RecordStore:
    """Save and find records. Opens a connection per call, so threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def connect(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside one transaction. Raises StorageError when the disk refuses."""
        try:
            connection = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise StorageError(
                "The project file could not be opened.", "Check that its folder still exists."
            ) from error
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise _sentence(error, self.path) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise
            raise StorageError("The project file is damaged.", "Import the project from an export.") from error
        finally:
            connection.close()  # an open transaction is rolled back by closing

    def migrate(self) -> None:
        """Bring the file to the newest schema; a newer file than this program is refused."""
        with self.connect(write=True) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise Conflict("This project was made by a newer Tuneworth.", "Update Tuneworth to open it.")
            for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={number}")

    def save(self, record: Record, *, replace: bool = False) -> None:
        """Store a record. Saving the same id twice raises Conflict unless `replace`."""
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        body = record.model_dump_json()
        try:
            with self.connect(write=True) as connection:
                connection.execute(
                    f"{verb} INTO record (id, kind, created, body) VALUES (?, ?, ?, ?)",
                    (record.id, record.kind, record.created, body),
                )
        except sqlite3.IntegrityError as error:
            raise Conflict(f"This {record.kind} was saved before.") from error

    def save_all(self, records: Sequence[Record]) -> None:
        """Store several new records in one transaction: all or none. Raises Conflict when one was saved before."""
        rows = [(record.id, record.kind, record.created, record.model_dump_json()) for record in records]
        try:
            with self.connect(write=True) as connection:
                connection.executemany("INSERT INTO record (id, kind, created, body) VALUES (?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            raise Conflict("One of these was saved before.", "Load the page again.") from error

    def get(self, cls: type[R], record_id: str) -> R:
        """Return one record. Raises NotFound."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT body FROM record WHERE kind = ? AND id = ?", (cls.kind, record_id)
            ).fetchone()
        if row is None:
            raise NotFound(f"There is no {cls.kind} with the id {record_id[:40]!r}.")
        return _load(cls, row[0])

    def list(self, cls: type[R], prefix: str = "") -> list[R]:
        """Return all records of a kind (with `prefix`: whose id starts with it), oldest first."""
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT body FROM record WHERE kind = ? AND substr(id, 1, ?) = ? ORDER BY created, rowid",
                (cls.kind, len(prefix), prefix),
            ).fetchall()
        return [_load(cls, row[0]) for row in rows]

    def latest(self, cls: type[R]) -> R | None:
        """Return the newest record of a kind, or None."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT body FROM record WHERE kind = ? ORDER BY created DESC, rowid DESC LIMIT 1", (cls.kind,)
            ).fetchone()
        return _load(cls, row[0]) if row else None

    def counts(self) -> dict[str, int]:
        """Return how many records of each kind exist, by kind name."""
        with self.connect() as connection:
            rows = connection.execute("SELECT kind, COUNT(*) FROM record GROUP BY kind").fetchall()
        return {str(kind): int(count) for kind, count in rows}

    def pointer(self, name: str) -> str | None:
        """Return what a named pointer points to, or None."""
        with self.connect() as connection:
            row = connection.execute("SELECT value FROM pointer WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_pointer(self, name: str, value: str | None) -> None:
        """Move a named pointer; None removes it."""
        with self.connect(write=True) as connection:
            if value is None:
                connection.execute("DELETE FROM pointer WHERE name = ?", (name,))
            else:
                connection.execute("INSERT OR REPLACE INTO pointer (name, value) VALUES (?, ?)", (name, value))


def _load(cls: type[R], body: str) -> R:
    try:
        return cls.model_validate_json(body)
    except ValueError as error:
        raise InputError(f"A saved {cls.kind} cannot be read by this version.", "Update Tuneworth.") from error


def _statements(script: str) -> Iterator[str]:
    part = ""
    for line in script.splitlines():
        part += line + "\n"
        if sqlite3.complete_statement(part):
            yield part
            part = ""


def _sentence(error: sqlite3.OperationalError, path: Path) -> StorageError:
    text = str(error)
    # On a full disk SQLite may say "disk I/O error" because its shared-memory file cannot grow.
    if "full" in text or ("I/O" in text and shutil.disk_usage(path.parent).free < NEARLY_FULL_BYTES):
        return StorageError("The disk is full: the change was not saved.", "Free some space and try again.")
    if "readonly" in text:
        return StorageError("The project folder does not allow writing.", "Change its permissions.")
    if "locked" in text:
        return StorageError("The project is busy in another process.", "Wait a moment and try again.")
    return StorageError(f"The project file could not be used ({text}).", "Check the disk and try again.")
