"""From the command that opens the app to its first painted page (fresh browser profile); peer: the smallest app."""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks._running_app import bare_app, chromium, launched_app, seconds_since
from benchmarks.result import Result

GOAL_SECONDS = 3.0
REPEATS = 3


def run() -> Result:
    """Median of three launches each, alternating."""
    ours, peer, to_server = [], [], []
    with chromium() as browser:
        for _ in range(REPEATS):
            peer.append(_launch(browser, bare_app, "text=Page one")[0])
            painted, up = _launch(browser, launched_app, "text=Try the sample")
            ours.append(painted)
            to_server.append(up)
    middle = statistics.median(ours)
    details = {"each": ours, "peer_each": peer, "until_server_answers": to_server}
    return Result(middle, statistics.median(peer), GOAL_SECONDS, middle < GOAL_SECONDS, "seconds", REPEATS, details)


def _launch(browser: Any, app: Any, sign: str) -> tuple[float, float]:
    start = time.perf_counter()
    with app() as running:
        up = seconds_since(start)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(running.url())
        page.wait_for_selector(sign)
        painted = seconds_since(start)
        page.context.close()
    return painted, up
