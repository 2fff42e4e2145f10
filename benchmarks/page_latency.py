"""From a click in the navigation to the finished page, over all pages of a project; peer: two empty pages."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._running_app import IDLE, bare_app, chromium, running_app, seconds_since
from benchmarks.result import Result
from engine.project.workspace import Workspace

GOAL_SECONDS = 1.0
PAGES = ("Fit Check", "Data Studio", "Providers & ROI", "Train", "Evaluate", "Compliance")
ROUNDS = 3


def run() -> Result:
    """Median over pages and rounds; the first round (imports) is reported apart."""
    with TemporaryDirectory() as folder, chromium() as browser:
        project = Workspace(Path(folder)).create("Latency").id
        with running_app(Path(folder)) as app:
            first, rounds = _click_through(browser, app.url(query=f"project={project}"), PAGES, ROUNDS)
        with bare_app() as app:
            _, peer = _click_through(browser, app.url(), ("Two", "One"), ROUNDS)
    every = [seconds for seconds_of in rounds.values() for seconds in seconds_of]
    middle = statistics.median(every)
    details = {"by_page": {name: statistics.median(times) for name, times in rounds.items()}, "first_visit": first}
    base = statistics.median(seconds for times in peer.values() for seconds in times)
    return Result(middle, base, GOAL_SECONDS, middle < GOAL_SECONDS, "seconds", len(every), details)


def _click_through(
    browser: Any, url: str, titles: tuple[str, ...], rounds: int
) -> tuple[dict[str, float], dict[str, list[float]]]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_selector(IDLE)
    first: dict[str, float] = {}
    times: dict[str, list[float]] = {title: [] for title in titles}
    for number in range(rounds + 1):
        for title in titles:
            link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
            start = time.perf_counter()
            link.click()
            page.wait_for_function("title => document.title.startsWith(title)", arg=title)
            page.wait_for_selector(IDLE)
            seconds = seconds_since(start)
            if number:
                times[title].append(seconds)
            else:
                first[title] = seconds
    page.context.close()
    return first, times
