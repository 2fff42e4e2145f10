"""Answers that were paid for, on disk the moment they come: a stop or a crash never asks for one again."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path


class Kept:
    """Texts by key in a JSONL file; a half-written last line is dropped. Safe for threads; survives a kill."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._texts: dict[str, str] = {}
        if path.exists():
            data = path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            self._texts = {item["key"]: item["text"] for item in map(json.loads, whole.splitlines())}
            if len(whole) < len(data):
                os.truncate(path, len(whole))

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __getitem__(self, key: str) -> str:
        return self._texts[key]

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, key: str, text: str) -> None:
        """Keep one text."""
        line = json.dumps({"key": key, "text": text}, ensure_ascii=True)
        with self._lock:
            self._texts[key] = text
            with self._path.open("ab") as file:
                file.write(f"{line}\n".encode("ascii"))
