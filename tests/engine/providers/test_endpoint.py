"""Addresses that are safe to send to, consent by type, and every way a server can fail as one sentence."""

from __future__ import annotations

import ast
import socket
from pathlib import Path

import pytest

from engine.compliance.gate import grant, look
from engine.errors import ConsentRequired, EndpointError, InputError
from engine.privacy.consent import check_consent
from engine.providers.asking import Asker
from engine.providers.endpoint import make_endpoint
from tests.fixtures.chat_server import Reply, chat_server

ENGINE = Path(__file__).resolve().parents[3] / "engine"
ASKED = [{"role": "user", "content": "Hello"}]
CLOUD = "https://api.example.invalid/v1"


def endpoint(url, **more):
    return make_endpoint("Local", url, "tiny", **more)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434/v1", "http://localhost:8000/v1/", "http://[::1]:8080/v1", "https://api.openai.com/v1",
        "  http://127.8.9.10/v1  ",
    ],
)  # fmt: skip
def test_good_addresses(url):
    made = endpoint(url)
    assert made.base_url == url.strip().rstrip("/")
    assert made.is_local == ("openai" not in url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("127.0.0.1:11434", "http"),
        ("ftp://127.0.0.1/v1", "http"),
        ("http://", "name a host"),
        ("http://192.168.1.7/v1", "without https"),
        ("http://localhost.example.com/v1", "without https"),
        ("http://127.0.0.1.example.com/v1", "without https"),
        ("https://user:secret@example.com/v1", "password"),
        ("http://127.0.0.1@example.com/v1", "password"),
        ("http://127.0.0.1\\@example.com/v1", "blanks or backslashes"),
        ("http://127.0.0.1/v1?key=abc", "question mark"),
        ("http://127.0.0.1/v1#", "#"),
        ("http://127.0.0.1:99999/v1", "ort"),
        ("http://127.0.0.1:0/v1", "port"),
        ("http://exa mple.com", "blanks"),
    ],
)
def test_bad_addresses_are_a_sentence(url, words):
    with pytest.raises(InputError, match=words):
        endpoint(url)


def test_a_key_is_never_saved_only_its_variable(monkeypatch):
    with pytest.raises(InputError, match="never the key itself"):
        endpoint("http://127.0.0.1/v1", key_variable="sk-abc-123")
    monkeypatch.delenv("TW_KEY", raising=False)
    with pytest.raises(InputError, match="TW_KEY is not set"):
        Asker(endpoint("http://127.0.0.1/v1", key_variable="TW_KEY"))


def test_another_host_is_refused_before_any_connection(project, monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    with pytest.raises(ConsentRequired, match=r"api\.example\.invalid"):
        Asker(endpoint(CLOUD))
    other = grant(project, look("api.other.invalid", ["a"]), "test")
    with pytest.raises(ConsentRequired):
        Asker(endpoint(CLOUD), other)
    with pytest.raises(ConsentRequired, match=r"names api\.other\.invalid"):
        check_consent(other, "api.example.invalid", ["a"])


def test_consent_holds_for_exactly_these_texts_and_needs_findings_accepted(project):
    texts = ["Write to\nanna.berg@example.com today", "Nothing here"]
    leaving = look("api.example.invalid", texts)
    assert leaving.rows == 2
    assert leaving.findings == {"EMAIL_ADDRESS": 1}
    assert leaving.not_scanned
    with pytest.raises(ConsentRequired, match=r"Found in these rows: e-mail addresses \(1\)\."):
        grant(project, leaving, "grow")
    consent = grant(project, leaving, "grow", accept_findings=True)
    check_consent(consent, "api.example.invalid", texts)
    for changed in (texts[:1], texts[::-1], [*texts, ""], [texts[0] + " ", texts[1]]):
        with pytest.raises(ConsentRequired, match="changed"):
            check_consent(consent, "api.example.invalid", changed)
    assert project.audit.events()[-1]["action"] == "consent.grant"


def test_only_the_gate_makes_a_consent():
    """Looked for in the source: a call of Consent or of anything that builds one from data."""
    makers = {"Consent", "model_validate", "model_construct", "model_copy", "model_validate_json", "parse_obj"}
    found = []
    for path in ENGINE.parent.glob("[ep]*/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name == "Consent" or (name in makers and owner.lower() == "consent"):
                found.append(path.relative_to(ENGINE.parent).as_posix())
    assert found == ["engine/compliance/gate.py"]


def ask_once(reply, **options):
    with chat_server(lambda number, body: reply) as server:
        asker = Asker(endpoint(server.url), retries=0, **options)
        try:
            return asker.ask(ASKED), server
        finally:
            asker.close()


def test_a_good_answer_and_what_was_sent(monkeypatch):
    monkeypatch.setenv("TW_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # would fail: this computer is asked directly
    with chat_server(lambda number, body: Reply("Hi", finish="length")) as server:
        asker = Asker(endpoint(server.url, key_variable="TW_KEY"), retries=0)
        answer = asker.ask(ASKED, temperature=0.5, seed=3, max_tokens=9)
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens, answer.cut) == ("Hi", 7, 5, True)
    body = server.requests[0]
    assert {key: body[key] for key in ("model", "temperature", "seed", "max_tokens")} == {
        "model": "tiny", "temperature": 0.5, "seed": 3, "max_tokens": 9,
    }  # fmt: skip
    sent = {name.lower(): value for name, value in server.headers[0].items()}
    assert sent["authorization"] == "Bearer sk-test"
    assert "openai-organization" not in sent


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=400), "did not understand the request"),
        (Reply(status=401), "does not accept the key"),
        (Reply(status=404), "does not know this model or address"),
        (Reply(status=429), "asked too often"),
        (Reply(status=500), "a fault of its own"),
        (Reply(status=307, headers={"Location": "https://elsewhere.invalid/v1"}), "wants to send us elsewhere"),
        (Reply(drop=True), "cannot be reached"),
        (Reply(raw=b'{"choices": [', wait=0), "could not be read"),
        (Reply(raw=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}), "is no answer"),
        (Reply(raw=b'{"choices": []}'), "is no answer"),
        (Reply(raw=b'{"hello": 1}'), "is no answer"),
        (Reply(raw=b"[1, 2]"), "no answer|could not be read"),
    ],
)
def test_every_failure_is_a_sentence_that_names_the_server(reply, words):
    with pytest.raises(EndpointError, match=words) as caught:
        ask_once(reply)
    assert caught.value.message.startswith("Local ")
    assert caught.value.hint


def test_slow_and_absent_servers():
    with pytest.raises(EndpointError, match=r"did not answer within 0\.3 seconds"):
        ask_once(Reply("late", wait=1.0), timeout=0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match=r"cannot be reached at 127\.0\.0\.1"):
        Asker(endpoint(url), retries=0).ask(ASKED)


def test_asked_too_often_waits_as_told_and_goes_on():
    def script(number, body):
        return Reply(status=429, headers={"Retry-After": "1"}) if number == 0 else Reply("ok")

    with chat_server(script) as server:
        assert Asker(endpoint(server.url)).ask(ASKED).text == "ok"
        assert len(server.requests) == 2


def test_a_model_that_does_not_know_a_setting_is_asked_without_it():
    def script(number, body):
        if "max_tokens" in body:
            return Reply(status=400, param="max_tokens")
        return Reply(status=400, param="temperature") if "temperature" in body else Reply("ok")

    with chat_server(script) as server:
        assert Asker(endpoint(server.url), retries=0).ask(ASKED, max_tokens=50).text == "ok"
    assert server.requests[-1]["max_completion_tokens"] == 50
    assert len(server.requests) == 3
