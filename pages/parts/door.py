"""Who may come in: per-launch token cookie, Host and Origin checks, Content-Security-Policy.

A plain ASGI middleware, so it stands before every Streamlit route, HTTP and WebSocket alike. Streamlit itself lets a
client without an Origin header in and serves its index page to any Host, hence this door
(threats and measurements: facts/compliance.md section 5, 2026-11-21).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HOSTS = ("127.0.0.1", "localhost")
OPEN_PATHS = ("/_stcore/health",)  # says only "ok"; the launcher polls it before the first visit
CLOSED_PATHS = ("/_stcore/metrics", "/_stcore/agent")
REFUSED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tuneworth</title>
<body style="font-family:system-ui,sans-serif;max-width:34rem;margin:15vh auto;line-height:1.5;padding:0 1rem">
<h1 style="font-size:1.4rem">This address needs the key of the current launch</h1>
<p>Open the full address that the terminal printed when Tuneworth started. It ends in <code>?token=&hellip;</code></p>
<p>If you have just opened it, <a href="/">continue to Tuneworth</a>.</p></body></html>"""


class Door:
    """Refuse strangers, let the owner of the token in, and add security headers to every answer."""

    def __init__(self, app: App, token: str, scripts: tuple[str, ...] = ()) -> None:
        self.app = app
        self.token = token
        self.scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request or WebSocket handshake."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        if not host_allowed(host) or (origin and not origin_allowed(origin, host)):
            await _refuse(scope, send, "This address is not Tuneworth's own.")
        elif scope["type"] == "http" and (given := _query_token(scope)) is not None:
            await self._enter(scope, send, given, host)
        elif scope["path"] in OPEN_PATHS and scope["type"] == "http":
            await self.app(scope, receive, send)
        elif not self._known(scope, host) or scope["path"].startswith(CLOSED_PATHS):
            await _refuse(scope, send, REFUSED)
        else:
            await self.app(scope, receive, self._with_headers(send, host))

    async def _enter(self, scope: Scope, send: Send, given: str, host: str) -> None:
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            await _refuse(scope, send, REFUSED)
            return
        rest = [(key, value) for key, value in _query(scope) if key != "token"]
        # Quoted: browsers read a backslash as a slash and drop tabs, and `//host` would lead away from here.
        target = "/" + quote(scope["path"].lstrip("/")) + ("?" + urlencode(rest) if rest else "")
        cookie = f"{cookie_name(host)}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = {"location": target, "set-cookie": cookie, "cache-control": "no-store"}
        await _answer(send, 303, "", headers)

    def _known(self, scope: Scope, host: str) -> bool:
        try:
            morsel = SimpleCookie(_header(scope, b"cookie")).get(cookie_name(host))
        except CookieError:
            return False
        return morsel is not None and hmac.compare_digest(morsel.value.encode(), self.token.encode())

    def _with_headers(self, send: Send, host: str) -> Send:
        extra = [(key.encode(), value.encode()) for key, value in security_headers(host, self.scripts).items()]

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        return wrapped


def cookie_name(host: str) -> str:
    """Name with the port: browsers share cookies between ports of one host."""
    return f"tuneworth-{host.rpartition(':')[2] if ':' in host else '80'}"


def host_allowed(host: str) -> bool:
    """Whether a Host header names this computer."""
    name, _, port = host.lower().partition(":")
    return name in HOSTS and (not port or port.isdigit())


def origin_allowed(origin: str, host: str) -> bool:
    """Whether an Origin header is this very app."""
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def security_headers(host: str, scripts: tuple[str, ...] = ()) -> dict[str, str]:
    """Headers for every answer. Vega compiles chart expressions, hence 'unsafe-eval'; scripts come only from here."""
    policy = (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval' " + " ".join(f"'{item}'" for item in scripts),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' data: blob: ws://{host} wss://{host}",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(part.strip() for part in policy),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }


def inline_scripts(html: str) -> tuple[str, ...]:
    """Return CSP hashes of the inline scripts in a page, so that only those may run."""
    bodies = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    return tuple("sha256-" + b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _query_token(scope: Scope) -> str | None:
    return dict(_query(scope)).get("token")


async def _refuse(scope: Scope, send: Send, body: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before accept: the client sees 403
        return
    await _answer(
        send,
        403,
        body,
        {"cache-control": "no-store", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


async def _answer(send: Send, status: int, body: str, headers: dict[str, str]) -> None:
    raw = body.encode()
    fields = {"content-type": "text/html; charset=utf-8", "content-length": str(len(raw)), **headers}
    pairs = [(key.encode(), value.encode()) for key, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": raw})
