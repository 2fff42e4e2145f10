"""The second layer: curated, offline, honest about what it could not run. One slow-loading engine for all tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import MissingPackage
from engine.privacy import presidio
from engine.privacy.report import build_report
from engine.privacy.scan import scan_columns

pytest.importorskip("presidio_analyzer")
TEXT = "mail jane@example.com, card 4111 1111 1111 1111, NIF 12345678Z, SSN 536-90-4399, born 1987-03-12, licence 12"


class NoNetwork(Exception):
    pass


@pytest.fixture(scope="module")
def attempts() -> Iterator[list[object]]:
    """Every way to a socket raises and is remembered."""
    seen: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        seen.append(args)
        raise NoNetwork(args)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", refuse)
    patch.setattr(socket.socket, "connect_ex", refuse)
    patch.setattr(socket, "getaddrinfo", refuse)
    yield seen
    patch.undo()


@pytest.fixture(scope="module")
def scanner(attempts: list[object]) -> presidio.PresidioScanner:
    return presidio.load_presidio(names_model="")


def test_finds_and_never_asks_the_network(scanner: presidio.PresidioScanner, attempts: list[object]) -> None:
    found = {(span.entity, TEXT[span.start : span.end]) for span in scanner.scan(TEXT)}
    assert found >= {
        ("EMAIL_ADDRESS", "jane@example.com"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("ES_NIF", "12345678Z"),
        ("US_SSN", "536-90-4399"),
        ("DATE_TIME", "1987-03-12"),
    }
    assert attempts == []


def test_noisy_recognizers_are_not_in(scanner: presidio.PresidioScanner) -> None:
    noisy = {"US_DRIVER_LICENSE", "US_BANK_NUMBER", "UK_NHS", "MEDICAL_LICENSE", "PHONE_NUMBER", "URL", "PERSON"}
    assert not noisy & set(scanner.entities)


def test_fast_and_slow_layer_agree_on_what_both_know(scanner: presidio.PresidioScanner) -> None:
    both = scan_columns({"text": [TEXT]}, deep=scanner)
    shared = {f.entity for f in both.findings if " + presidio" in f.detector}
    assert shared >= {"EMAIL_ADDRESS", "CREDIT_CARD", "US_SSN", "DATE_TIME"}
    report = build_report(both)
    assert "PERSON" in report.not_scanned[0].what
    assert scanner.name in next(row for row in report.matrix if row.entity == "ES_NIF").scanned_by


def test_a_stopped_pattern_counts_as_not_scanned(
    scanner: presidio.PresidioScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import presidio_analyzer.pattern_recognizer as module
    from presidio_analyzer import Pattern, PatternRecognizer

    evil = PatternRecognizer("ES_NIF", patterns=[Pattern("evil", r"(?:x|xx)+[yz]", 0.5)], name="Evil")
    monkeypatch.setattr(module, "REGEX_TIMEOUT_SECONDS", 0.05)
    engine = scanner._engine
    monkeypatch.setattr(engine.registry, "recognizers", [*engine.registry.recognizers, evil])
    scan = scan_columns({"text": ["fine", "x" * 60]}, deep=scanner)
    assert scan.timeouts == [(1, "text")]
    assert any("row 1 (text)" in item.what for item in build_report(scan).not_scanned)


def test_names_come_from_an_installed_model_only(tmp_path: Path, attempts: list[object]) -> None:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Anna Beispiel"}])
    nlp.to_disk(tmp_path / "model")
    deep = presidio.load_presidio(names_model=str(tmp_path / "model"))
    scan = scan_columns({"text": ["I spoke to Anna Beispiel today"]}, deep=deep)
    assert [(f.entity, f.start, f.end) for f in scan.findings] == [("PERSON", 11, 24)]
    assert "PERSON" not in build_report(scan).not_scanned[0].what
    assert attempts == []


def test_without_the_package_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presidio, "presidio_version", lambda: "")
    with pytest.raises(MissingPackage, match="Presidio"):
        presidio.load_presidio()
