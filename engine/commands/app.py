"""`tuneworth app`: start the server as a child on a free port and open the browser with this launch's key."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any

from engine.commands.outcome import Outcome
from engine.errors import Conflict, MissingPackage, TuneworthError

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 8.0


def register(subparsers: Any) -> None:
    """Add `app` (also what `tuneworth` without a command does)."""
    parser = subparsers.add_parser("app", help="open the app in the browser")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; any free one when left out")
    parser.add_argument("--no-browser", action="store_true", help="print {url, pid} as the first line and open nothing")
    parser.set_defaults(run=run_app)


def run_app(args: argparse.Namespace) -> Outcome:
    """Serve until Ctrl-C. Raises Conflict when the port is taken, TuneworthError when the server does not come up."""
    port = free_port(args.port)
    token = secrets.token_urlsafe(32)
    url = f"http://127.0.0.1:{port}/?token={token}"
    child = start_server(port, token)
    _end_on_signals()
    try:
        wait_until_up(child, port)
        _announce(url, child.pid, quiet=args.no_browser or args.json)
        if not (args.no_browser or args.json):
            webbrowser.open(url)
        code = child.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        stop_server(child)
    if code not in (0, -signal.SIGTERM, -signal.SIGINT):
        raise TuneworthError("The app ended unexpectedly.", "Start it again; your projects are safe on disk.")
    return Outcome({"url": url, "pid": child.pid}, "")


def free_port(wanted: int) -> int:
    """Return `wanted` or, for 0, any free port of 127.0.0.1. Raises Conflict when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise Conflict(f"Port {wanted} is not free.", "Leave --port out to get a free one.") from error
        return int(probe.getsockname()[1])


def start_server(port: int, token: str, workspace: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the server process. The key travels in its environment, never on a command line others can read."""
    if not (ROOT / "app.py").exists():
        raise MissingPackage("The app's pages are not installed.", "Install Tuneworth from a clone: `make setup`.")
    environment = {**os.environ, "TUNEWORTH_TOKEN": token, "PYTHONUNBUFFERED": "1"}
    for name in [name for name in environment if name.startswith("STREAMLIT_")]:
        del environment[name]  # a user's own Streamlit settings are for their own apps
    if workspace is not None:
        environment["TUNEWORTH_WORKSPACE"] = str(workspace)
    return subprocess.Popen(
        [sys.executable, "-m", "pages.parts.server", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches the launcher only, which then ends the server in order
    )


def wait_until_up(child: subprocess.Popen[bytes], port: int) -> None:
    """Wait for the server's health answer. Raises TuneworthError when it ends or stays silent."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise TuneworthError("The app could not start.", "The lines above say why.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.03)
    raise TuneworthError("The app did not answer within a minute.", "Start it again.")


def stop_server(child: subprocess.Popen[bytes]) -> None:
    """End the server; jobs are processes of their own and go on."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _announce(url: str, pid: int, *, quiet: bool) -> None:
    line = json.dumps({"url": url, "pid": pid}) if quiet else f"Tuneworth is open at {url}\nEnd it with Ctrl-C."
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _end_on_signals() -> None:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,):
        signal.signal(number, leave)
