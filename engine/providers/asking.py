"""Ask an endpoint. Errors of every server become sentences; retries and waits are the SDK's own.

Retries: openai 3.x tries again on 408, 409, 429 and 5xx and obeys retry-after (facts "Providers" 2).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.data.messages import Message
from engine.errors import ConsentRequired, EndpointError, InputError
from engine.privacy.consent import Consent
from engine.providers.endpoint import Endpoint

TIMEOUT = 120.0  # seconds for one answer
RETRIES = 4


@dataclass(frozen=True)
class Answer:
    """Text of an answer; tokens as the server counted them, None when it did not say. `cut` = it hit the limit."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cut: bool = False


class Asker:
    """Asks one endpoint. A consent is needed for every host but this computer."""

    def __init__(self, endpoint: Endpoint, consent: Consent | None = None) -> None:
        if not endpoint.is_local and (consent is None or consent.host != endpoint.host):
            raise ConsentRequired(
                f"Nobody agreed yet to send data to {endpoint.host}.", "Look at what would be sent, and agree."
            )
        from openai import OpenAI

        self.endpoint = endpoint
        self._client = OpenAI(base_url=endpoint.base_url, api_key=_key(endpoint), timeout=TIMEOUT, max_retries=RETRIES)

    def ask(
        self, messages: Sequence[Message], *, temperature: float = 0.0, seed: int | None = None, max_tokens: int = 1024
    ) -> Answer:
        """Return the answer. Raises EndpointError with a sentence."""
        import openai

        settings: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": list(messages),
            "temperature": temperature,
            "max_tokens": max_tokens,
        }
        if seed is not None:
            settings["seed"] = seed
        try:
            reply = self._client.chat.completions.create(**settings)
        except openai.OpenAIError as error:
            raise _sentence(error, self.endpoint) from error
        return _answer(reply, self.endpoint)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _answer(reply: Any, endpoint: Endpoint) -> Answer:
    try:
        choice = reply.choices[0]
        text = choice.message.content
    except (AttributeError, IndexError, TypeError) as error:
        raise EndpointError(f"{endpoint.name} sent something that is no answer.", "Check the address.") from error
    usage = getattr(reply, "usage", None)
    return Answer(
        text or "",
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
        getattr(choice, "finish_reason", None) == "length",
    )


def _key(endpoint: Endpoint) -> str:
    if not endpoint.key_variable:
        return "none"  # local servers want some key
    key = os.environ.get(endpoint.key_variable, "").strip()
    if not key:
        raise InputError(
            f"The environment variable {endpoint.key_variable} is not set, so {endpoint.name} cannot be asked.",
            "Set it before you start Tuneworth. Keys are never saved.",
        )
    return key


_BY_STATUS = {
    400: ("did not understand the request", "Check the name of the model."),
    401: ("does not accept the key", "Check the key in the environment variable."),
    402: ("wants to be paid first", "Check the balance of the account."),
    403: ("does not allow this", "The key may lack the right, or the region is closed."),
    404: ("does not know this model or address", "Check both; most addresses end in /v1."),
    413: ("finds the request too large", "Use shorter rows."),
    429: ("is asked too often, or the quota is used up", "Wait a little, or ask fewer at the same time."),
}


def _sentence(error: Exception, endpoint: Endpoint) -> EndpointError:
    import openai

    name = endpoint.name
    if isinstance(error, openai.APITimeoutError):
        return EndpointError(f"{name} did not answer within {TIMEOUT:.0f} seconds.", "Is the model loaded? Try again.")
    if isinstance(error, openai.APIConnectionError):
        return EndpointError(
            f"{name} cannot be reached at {endpoint.host}.", "Is the server running? Check the address."
        )
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        words, hint = _BY_STATUS.get(status, ("has a fault of its own", "Try again later."))
        return EndpointError(f"{name} {words} (status {status}).", hint)
    return EndpointError(f"{name} sent something that could not be read.", "Check that the address is an API.")
