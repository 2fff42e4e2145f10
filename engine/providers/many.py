"""Ask a server for many things at once, a few at a time, and hand over every answer as it comes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from engine.errors import EndpointError

Item = TypeVar("Item")

LOOK_EVERY = 0.2  # seconds between two looks at the stop flag
GRACE = 20.0  # seconds that answers on their way may still take after a stop: they are paid for
MOST_FAILURES = 5  # in a row; then the server is taken to be down


class Crew(Generic[Item]):
    """Threads that work off items. They are daemons: a server that never answers cannot keep the process alive."""

    def __init__(self, work: Callable[[Item], None], threads: int) -> None:
        self._work, self._threads = work, threads

    def run(
        self,
        items: Iterable[Item],
        *,
        stop: Callable[[], bool],
        done: Callable[[int], None],
        failed: Callable[[EndpointError], None],
    ) -> bool:
        """Work off all items; `done(count)` after each. True when it was stopped before the end.

        A failed item is told to `failed` and passed over. Raises its EndpointError when it is final or the fifth in a
        row; any other exception of the work at once. Everything handed over before stays.
        """
        todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
        total = 0
        for item in items:
            todo.put(item)
            total += 1
        ended: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        halt = threading.Event()
        for _ in range(min(self._threads, total)):
            threading.Thread(target=self._worker, args=(todo, ended, halt), daemon=True).start()
        count, bad = 0, 0
        try:
            while count < total:
                if stop():
                    return self._let_finish(halt, todo, ended, count, total)
                try:
                    error = ended.get(timeout=LOOK_EVERY)
                except queue.Empty:
                    continue
                count += 1
                bad = _tell(error, failed, bad)
                done(count)
            return False
        finally:
            halt.set()

    def _worker(
        self, todo: queue.SimpleQueue[Item], ended: queue.SimpleQueue[Exception | None], halt: threading.Event
    ) -> None:
        while not halt.is_set():
            try:
                item = todo.get_nowait()
            except queue.Empty:
                return
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001 - handed to the main thread, which raises it
                ended.put(error)
            else:
                ended.put(None)

    def _let_finish(
        self,
        halt: threading.Event,
        todo: queue.SimpleQueue[Item],
        ended: queue.SimpleQueue[Exception | None],
        count: int,
        total: int,
    ) -> bool:
        """After a stop: no new item, but those on their way may end."""
        halt.set()
        limit = time.monotonic() + GRACE
        while count + todo.qsize() < total and time.monotonic() < limit:
            try:
                ended.get(timeout=LOOK_EVERY)
            except queue.Empty:
                continue
            count += 1
        return True


def _tell(error: Exception | None, failed: Callable[[EndpointError], None], bad: int) -> int:
    """Failures in a row after this one. Raises what must end the work."""
    if error is None:
        return 0
    if not isinstance(error, EndpointError):
        raise error
    failed(error)
    if error.final or bad + 1 >= MOST_FAILURES:
        raise error
    return bad + 1
