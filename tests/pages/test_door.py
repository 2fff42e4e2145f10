"""The door's redirect after a token: always back to this very address."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from pages.parts.door import Door


def visit(path: str) -> dict[str, str]:
    """Ask for a path with the right token; return the answer's headers."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def nobody(*_: Any) -> None:
        raise AssertionError("not let through")

    scope = {"type": "http", "path": path, "query_string": b"token=key&x=1", "headers": [(b"host", b"127.0.0.1:8501")]}
    asyncio.run(Door(nobody, "key")(scope, nobody, send))
    assert sent[0]["status"] == 303
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "path", ["//evil.com", "/\\evil.com", "/\t/evil.com", "/\r\n/evil.com", "/\\\\evil.com", "\\/evil.com", "/ü/a b"]
)
def test_the_redirect_never_leads_away(path: str) -> None:
    target = visit(path)["location"]
    as_browsers_read_it = "".join(letter for letter in target if letter not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("http://127.0.0.1:8501/", as_browsers_read_it)).netloc == "127.0.0.1:8501"
    assert target.isascii()
    assert target.isprintable()


def test_the_rest_of_the_address_stays() -> None:
    assert visit("/data_studio")["location"] == "/data_studio?x=1"
