"""A model behind an OpenAI-compatible address: a local server, a provider, anything that speaks `chat/completions`.

One record for augmentation, evaluation and judge. The key is never saved: only the name of the environment variable
that holds it.
"""

from __future__ import annotations

import ipaddress
import re
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator

from engine.errors import InputError
from engine.project.records import Record

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Endpoint(Record):
    """Where to ask, and which model."""

    kind: ClassVar[str] = "endpoint"

    name: str = Field(description="Name on screen")
    base_url: str = Field(description="Address up to /v1, for example http://127.0.0.1:11434/v1")
    model: str = Field(description="Name of the model at that address")
    key_variable: str = Field(default="", description="Environment variable that holds the key; empty for none")
    parallel: int = Field(default=4, ge=1, le=32, description="Requests at the same time")

    @field_validator("base_url")
    @classmethod
    def _sound(cls, value: str) -> str:
        return check_url(value)

    @field_validator("key_variable")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if value and not _VARIABLE.fullmatch(value):
            raise ValueError("Give the name of an environment variable, never the key itself.")
        return value

    @property
    def host(self) -> str:
        """Host of the address."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether the address is this computer: nothing leaves it, no consent is needed."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(text: str) -> str:
    """Return the address without a slash at its end. Raises ValueError when it is not safe to send to."""
    value = text.strip().rstrip("/")
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in value):
        raise ValueError("The address must not hold blanks or backslashes.")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The address must start with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None or "?" in value or "#" in value:
        raise ValueError("The address must not hold a password, a question mark or a #.")
    if parts.port == 0:
        raise ValueError("The address has no usable port.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("Only this computer may be asked without https.")
    return value


def make_endpoint(name: str, base_url: str, model: str, key_variable: str = "", parallel: int = 4) -> Endpoint:
    """Build an endpoint. Raises InputError with one sentence for anything that is not sound."""
    if not model.strip():
        raise InputError("The model has no name.", "Give the name under which the server knows it.")
    try:
        return Endpoint(
            name=name.strip() or model, base_url=base_url, model=model.strip(), key_variable=key_variable.strip(),
            parallel=parallel,
        )  # fmt: skip
    except ValidationError as error:
        first = str(error.errors()[0]["msg"])
        raise InputError(first.removeprefix("Value error, "), "Correct it and try again.") from error
