"""Vectors on disk by text hash, so that no text is embedded twice. SQLite, float16, oldest dropped above a limit."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from engine.data.screen import Vectors

MOST_ROWS = 500_000  # 384 x 2 bytes each: about 400 MB


class VectorCache:
    """Look up and store unit vectors of one model. A damaged or locked file only means no cache."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size

    def get(self, texts: Sequence[str]) -> dict[int, Vectors]:
        """Return the known vectors by position."""
        keys = [_key(text) for text in texts]
        found: dict[bytes, bytes] = {}
        try:
            with closing(self._open()) as connection:
                for start in range(0, len(keys), 500):
                    part = keys[start : start + 500]
                    marks = ",".join("?" * len(part))
                    rows = connection.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
                    found.update(rows.fetchall())
        except sqlite3.Error:
            return {}
        return {i: _vector(found[key]) for i, key in enumerate(keys) if len(found.get(key, b"")) == 2 * self.size}

    def put(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Store vectors; a disk that refuses is no failure."""
        rows = [(_key(text), vector.astype(np.float16).tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        try:
            with closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR IGNORE INTO vector (key, value) VALUES (?, ?)", rows)
                connection.execute(
                    "DELETE FROM vector WHERE rowid <= (SELECT MAX(rowid) FROM vector) - ?", (MOST_ROWS,)
                )
        except sqlite3.Error:
            return

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
        return connection


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _vector(value: bytes) -> Vectors:
    vector = np.frombuffer(value, dtype=np.float16).astype(np.float32)
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
