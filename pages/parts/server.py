"""The server process: Streamlit as an ASGI app behind the door, with every security setting forced.

Run by the launcher as `python -m pages.parts.server --port N` with TUNEWORTH_TOKEN in the environment.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pages.parts.door import Door, inline_scripts

SHELL = ("pages.parts.sidebar", "pages.parts.stepper", "engine.machine", "numpy", "PIL.Image")  # two for st.logo
HEAVY = ("altair", "pandas", "scipy.stats")
WARM_UP_AFTER = 4.0  # seconds
ROOT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1"],
    "server.headless": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    "global.developmentMode": False,
}


def not_in_force() -> list[str]:
    """Return the security settings whose value is not the required one."""
    return [name for name, wanted in SETTINGS.items() if st.get_option(name) != wanted]


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Refuse to serve with weakened settings; load what the first page needs while the browser opens."""
    if wrong := not_in_force():
        raise RuntimeError(f"Tuneworth does not start because these settings were changed: {', '.join(wrong)}")
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    threading.Thread(target=_end_with_launcher, args=(os.getppid(),), name="launcher-watch", daemon=True).start()
    yield {}


def _warm_up() -> None:
    """Import the shell while the browser loads, and what charts need once the first page is painted, not earlier."""
    for name in SHELL:
        importlib.import_module(name)
    time.sleep(WARM_UP_AFTER)
    for name in HEAVY:
        importlib.import_module(name)


def _end_with_launcher(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)  # the launcher was killed: no server without an owner stays behind


def switch_off_legacy_pages() -> None:
    """Without it the first visit after a start, when it is to `/train`, would run that file without the shell.

    Streamlit treats a folder named pages/ as its old kind of app until st.navigation was called once in the process.
    """
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    st.navigation([st.Page(main, title="Tuneworth")], position="hidden")


def _last_resort(error: Exception) -> bool:
    """Errors outside the pages' own guard, for example in a widget's callback, become a sentence too."""
    from pages.parts.page import show_error

    show_error(error)
    return True


def build_app(token: str) -> st.App:
    """Return the ASGI app: door, fonts, Streamlit."""
    index = Path(st.__file__).parent / "static" / "index.html"
    scripts = inline_scripts(index.read_text(encoding="utf-8"))
    fonts = Mount("/fonts", StaticFiles(directory=ROOT / "assets" / "fonts"))
    door = Middleware(Door, token=token, scripts=scripts)
    return st.App(ROOT / "app.py", lifespan=lifespan, routes=[fonts], middleware=[door], on_script_error=_last_resort)


def main() -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="tuneworth-server")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    token = os.environ.pop("TUNEWORTH_TOKEN", "") or secrets.token_urlsafe(32)
    switch_off_legacy_pages()
    sys.argv[:] = [
        str(ROOT / "app.py")
    ]  # Streamlit looks for .streamlit/ beside this file and puts its folder on sys.path
    build_app(token).run(config={**SETTINGS, "server.port": port, "browser.serverPort": port})


if __name__ == "__main__":
    main()
