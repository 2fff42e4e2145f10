"""Ask an endpoint. Errors of every server become sentences; retries and waits are the SDK's own.

Retries: openai 3.x tries again on 408, 409, 429, 5xx and lost connections, and obeys retry-after up to 120 seconds
(facts "Providers" 2). A redirect is never followed, and this computer is asked past any proxy: else the rows could
reach a host that nobody agreed to.
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
HOPELESS = frozenset({401, 402, 403, 404})  # asking again with another row cannot help


@dataclass(frozen=True)
class Answer:
    """Text of an answer; tokens as the server counted them, None when it did not say. `cut` = it hit the limit."""

    text: str
    prompt_tokens: int | None
    completion_tokens: int | None
    cut: bool = False


class Asker:
    """Asks one endpoint, also from several threads. A consent is needed for every host but this computer."""

    def __init__(
        self, endpoint: Endpoint, consent: Consent | None = None, *, timeout: float = TIMEOUT, retries: int = RETRIES
    ) -> None:
        if not endpoint.is_local and (consent is None or consent.host != endpoint.host):
            raise ConsentRequired(
                f"Nobody agreed yet to send data to {endpoint.host}.", "Look at what would be sent, and agree."
            )
        from openai import DefaultHttpxClient, OpenAI

        self.endpoint, self.timeout = endpoint, timeout
        self._client = OpenAI(
            base_url=endpoint.base_url,
            api_key=_key(endpoint),
            timeout=timeout,
            max_retries=retries,
            http_client=DefaultHttpxClient(follow_redirects=False, trust_env=not endpoint.is_local),
        )
        if endpoint.host != "api.openai.com":  # the SDK would tell any host the ids of the user's OpenAI account
            self._client.organization = self._client.project = None

    def ask(
        self, messages: Sequence[Message], *, temperature: float = 0.0, seed: int | None = None, max_tokens: int = 1024
    ) -> Answer:
        """Return the answer. Raises EndpointError with a sentence.

        A model that does not know `seed`, `temperature` or `max_tokens` (as reasoning models) is asked without.
        """
        import openai

        settings: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": list(messages),
            "temperature": temperature,
            "max_tokens": max_tokens,
            **({} if seed is None else {"seed": seed}),
        }
        while True:
            try:
                return _answer(self._client.chat.completions.create(**settings), self.endpoint)
            except openai.BadRequestError as error:
                if not _without(settings, error.param):
                    raise self._sentence(error) from error
            except (openai.OpenAIError, ValueError) as error:
                raise self._sentence(error) from error

    def close(self) -> None:
        """Close the connections; a request on its way ends with an error."""
        self._client.close()

    def _sentence(self, error: Exception) -> EndpointError:
        return sentence_of(error, self.endpoint, self.timeout)


def _without(settings: dict[str, Any], name: str | None) -> bool:
    """Take a setting away that the server named as the problem. False when there is none to take away."""
    if name not in ("seed", "temperature", "max_tokens") or name not in settings:
        return False
    value = settings.pop(name)
    if name == "max_tokens":
        settings["max_completion_tokens"] = value
    return True


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


def sentence_of(error: Exception, endpoint: Endpoint, timeout: float) -> EndpointError:
    """What went wrong at the server, in a sentence; `final` when asking on cannot help."""
    import openai

    name = endpoint.name
    if isinstance(error, openai.APITimeoutError):
        return EndpointError(f"{name} did not answer within {timeout:g} seconds.", "Is the model loaded? Try again.")
    if isinstance(error, openai.APIConnectionError):
        return EndpointError(
            f"{name} cannot be reached at {endpoint.host}.", "Is the server running? Check the address."
        )
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        if 300 <= status < 400:
            words, hint = "wants to send us elsewhere", "Enter the address it moved to, if you trust it."
        else:
            words, hint = _BY_STATUS.get(status, ("has a fault of its own", "Try again later."))
        return EndpointError(f"{name} {words} (status {status}).", hint, final=status in HOPELESS or status < 400)
    return EndpointError(f"{name} sent something that could not be read.", "Check that the address is an API.")
