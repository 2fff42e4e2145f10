"""Answers as they are given: a JSON line each, on disk before the next batch. A kill loses none and doubles none."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.errors import InputError, Where
from engine.jobs.events import heal
from engine.project.files import storage_guard

ANSWERS = "answers.jsonl"
CHOOSING = "choosing.jsonl"


@dataclass(frozen=True)
class Reply:
    """One answer of one contestant to one row. `hit_limit`: cut at the longest length; `too_long`: never asked."""

    row_id: int
    contestant: str
    prompt: str
    expected: str
    answer: str
    seconds: float
    hit_limit: bool = False
    too_long: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """Return what makes an answer the same answer."""
        return self.contestant, self.row_id


class AnswerLog:
    """An append-only file of replies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        heal(path)
        self._done = {reply.key: reply for reply in read_replies(path)}

    def has(self, contestant: str, row_id: int) -> bool:
        """Return whether this answer is on disk."""
        return (contestant, row_id) in self._done

    def add(self, replies: Sequence[Reply]) -> None:
        """Write replies and wait until they are on the disk. Known ones are skipped. Raises StorageError."""
        new = [reply for reply in replies if reply.key not in self._done]
        lines = "".join(json.dumps(asdict(reply), ensure_ascii=False) + "\n" for reply in new)
        with storage_guard(self.path), self.path.open("ab") as file:
            file.write(lines.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        self._done.update({reply.key: reply for reply in new})

    def replies(self) -> list[Reply]:
        """Return all replies, in the order given."""
        return list(self._done.values())


def read_replies(path: Path) -> list[Reply]:
    """Return the replies of a file, the first one per contestant and row; a line torn by a kill is left out.

    Raises InputError for a line that is whole but no answer.
    """
    if not path.exists():
        return []
    found: dict[tuple[str, int], Reply] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            reply = Reply(**json.loads(line))
        except ValueError:
            continue  # torn by a kill and ended by `heal`; that row is asked again
        except TypeError as error:
            raise InputError(
                f"Line {number} of {path.name} is not an answer: the file was changed outside Tuneworth.",
                "Measure again.",
                where=Where(file=str(path), line=number),
            ) from error
        found.setdefault(reply.key, reply)
    return list(found.values())
