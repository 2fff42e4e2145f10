"""A running app, a real Chromium, and a recorder that fails a test when anything but 127.0.0.1 was contacted.

    def test_something(visit, app_server):
        page = visit()                       # opens the start page with this launch's key, waits until it is idle
        page.button("Create project").click()
        page.idle()
        page.shot("after-create")            # kept when TUNEWORTH_SHOTS names a folder

At the end of each test every page opened by `visit` is checked: no foreign request, no console error, no exception box.
`visit(strict=False)` leaves the console out, for tests that provoke errors.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

from engine.commands.app import free_port, start_server, stop_server, wait_until_up

ARGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
# On a reload below the root, Streamlit asks for its own server under that path first and gets a 404.
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")
LOCAL_SCHEMES = ("data", "blob", "about", "chrome-extension")


@dataclass
class AppServer:
    """One launch of the app on its own workspace. `restart()` keeps workspace and port, with a new key."""

    workspace: Path
    port: int = 0
    token: str = ""
    process: Any = None

    def start(self) -> AppServer:
        """Start and wait until it answers."""
        self.port = free_port(self.port)
        self.token = secrets.token_urlsafe(16)
        self.process = start_server(self.port, self.token, self.workspace)
        wait_until_up(self.process, self.port)
        return self

    def stop(self) -> None:
        """End it in order."""
        stop_server(self.process)

    def restart(self) -> AppServer:
        """Stop and start again."""
        self.stop()
        return self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return int(self.process.pid)

    def url(self, path: str = "", **query: str) -> str:
        """Address with this launch's key."""
        words = "&".join(f"{name}={value}" for name, value in {"token": self.token, **query}.items())
        return f"{self.origin}/{path}?{words}"


@dataclass
class AppPage:
    """A browser page with what tests need most; `.page` is Playwright's own."""

    page: Page
    server: AppServer
    strict: bool = True
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)

    def _said(self, said: ConsoleMessage) -> None:
        address = str(said.location.get("url", ""))
        if said.type == "error" and not PROBE.search(address):
            self.errors.append(f"{said.text} {address}")

    def open(self, path: str = "", **query: str) -> AppPage:
        """Go to a page (`train`) and wait until it is idle."""
        self.page.goto(self.server.url(path, **query))
        return self.idle()

    def idle(self) -> AppPage:
        """Wait until the script has run and nothing is stale."""
        self.page.wait_for_selector(IDLE)
        self.page.wait_for_timeout(150)  # a rerun asked for by this run starts within a frame or two
        self.page.wait_for_selector(IDLE)
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def nav(self, title: str) -> AppPage:
        """Click a page in the sidebar."""
        self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        return self.idle()

    def text(self) -> str:
        """What the main part of the page says."""
        return self.page.get_by_test_id("stMain").inner_text()

    def shot(self, name: str, *, full: bool = False) -> Path | None:
        """Save a picture when TUNEWORTH_SHOTS names a folder."""
        folder = os.environ.get("TUNEWORTH_SHOTS")
        if not folder:
            return None
        self.page.wait_for_timeout(700)  # fonts and chart transitions
        path = Path(folder) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=full)
        return path

    def foreign_requests(self) -> list[str]:
        """Requests that left this computer (or another port of it)."""
        own = f"127.0.0.1:{self.server.port}"
        return [
            url for url in self.requests if urlsplit(url).scheme not in LOCAL_SCHEMES and urlsplit(url).netloc != own
        ]

    def close_tab(self) -> None:
        """Close the tab as a user does; what must hold is checked first."""
        self.check()
        self.page.context.close()

    def check(self) -> None:
        """What must hold for every page at every time."""
        assert self.foreign_requests() == []
        if self.strict:
            assert self.errors == []
            assert self.page.get_by_test_id("stException").count() == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=list(ARGS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app on an empty workspace, one per test module."""
    server = AppServer(tmp_path_factory.mktemp("workspace")).start()
    yield server
    server.stop()


@pytest.fixture
def visit(browser: Browser, app_server: AppServer) -> Iterator[Callable[..., AppPage]]:
    """Open pages, each in a fresh browser profile; checks them all at the end."""
    opened: list[AppPage] = []

    def new(
        path: str = "", *, width: int = 1440, height: int = 900, dark: bool = False, strict: bool = True, **query: str
    ) -> AppPage:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        page = AppPage(context.new_page(), app_server, strict)
        opened.append(page)
        return page.open(path, **query)

    yield new
    try:
        for page in opened:
            if not page.page.is_closed():
                page.check()
    finally:
        for page in opened:
            if not page.page.is_closed():
                page.page.context.close()
