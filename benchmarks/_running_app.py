"""What the app benchmarks share: the app and a bare Streamlit app on free ports, and a Chromium."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.commands.app import free_port, start_server, stop_server, wait_until_up

ARGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking")
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
BARE = {
    "app.py": """import streamlit as st
page = st.navigation([st.Page("one.py", title="One", default=True), st.Page("two.py", title="Two")])
page.run()
""",
    "one.py": "import streamlit as st\nst.title('Page one')\nst.button('Press')\n",
    "two.py": "import streamlit as st\nst.title('Page two')\nst.button('Press')\n",
}


@dataclass(frozen=True)
class Running:
    """A server that answers: where, its key, its process."""

    port: int
    token: str
    process: subprocess.Popen[bytes]
    workspace: Path

    def url(self, path: str = "", query: str = "") -> str:
        """Address of a page; with the key when there is one."""
        key = f"token={self.token}&" if self.token else ""
        return f"http://127.0.0.1:{self.port}/{path}?{key}{query}"


@contextmanager
def running_app(workspace: Path | None = None) -> Iterator[Running]:
    """Our app on a workspace of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = workspace or Path(folder)
        port, token = free_port(0), secrets.token_urlsafe(16)
        process = start_server(port, token, root)
        try:
            wait_until_up(process, port)
            yield Running(port, token, process, root)
        finally:
            stop_server(process)


@contextmanager
def launched_app() -> Iterator[Running]:
    """Our app started the way a user does: by the command, which prints address and process first."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "engine.cli", "--workspace", folder, "app", "--no-browser"]
        launcher = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            address = urlsplit(json.loads((launcher.stdout or sys.stdin.buffer).readline())["url"])
            yield Running(int(address.port or 0), address.query.removeprefix("token="), launcher, Path(folder))
        finally:
            stop_server(launcher)


@contextmanager
def bare_app() -> Iterator[Running]:
    """The smallest Streamlit app with two pages, started with `streamlit run`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in BARE.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        port = free_port(0)
        options = (
            f"--server.port {port} --server.address 127.0.0.1 --server.headless true --browser.gatherUsageStats false"
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *options.split(), "--server.fileWatcherType", "none"],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until_up(process, port)
            yield Running(port, "", process, Path(folder))
        finally:
            stop_server(process)


@contextmanager
def chromium() -> Iterator[Any]:
    """A started browser, so that its own start is not measured."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("This benchmark needs Chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        browser.new_page().close()
        yield browser
        browser.close()


def seconds_since(start: float) -> float:
    """Elapsed time, rounded to a millisecond."""
    return round(time.perf_counter() - start, 3)
