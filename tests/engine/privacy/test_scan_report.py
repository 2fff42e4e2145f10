from __future__ import annotations

import json

from engine.privacy.hints import column_kind, suspects
from engine.privacy.report import build_report
from engine.privacy.scan import scan_columns, union
from engine.privacy.span import Span


def test_findings_name_row_column_and_offsets_and_no_value() -> None:
    scan = scan_columns({"text": ["", "hello", "mail me@example.com"], "phone": ["4155552671", "", "4155552671"]})
    assert scan.rows == 3
    places = [(f.row, f.column, f.entity, f.start, f.end) for f in scan.findings]
    assert places == [
        (2, "text", "EMAIL_ADDRESS", 5, 19),
        (0, "phone", "PHONE_NUMBER", 0, 10),
        (2, "phone", "PHONE_NUMBER", 0, 10),
    ]
    assert "example" not in json.dumps([f.to_json() for f in scan.findings])


def test_not_scanned_always_names_people_without_a_model() -> None:
    report = build_report(scan_columns({"text": ["hello"]}))
    first = report.not_scanned[0]
    assert "PERSON" in first.what
    assert first.why == "no language model is installed"
    assert {row.status for row in report.matrix} == {"no patterns found"}
    words = report.model_dump_json().lower()
    assert "no personal data" not in words
    assert "no pii" not in words
    assert report.sentence.endswith("Names and places: not scanned, no language model is installed.")


def test_a_model_that_was_not_used_is_said() -> None:
    report = build_report(scan_columns({"text": ["hello"]}), model_available="en_core_web_lg")
    assert "en_core_web_lg is installed but the deep scan was not run" in report.not_scanned[0].why


def test_what_was_left_out_and_timeouts_are_listed() -> None:
    class Slow:
        name, entities, names_model, timeouts = "slow 1", ("ES_NIF",), "", 0

        def scan(self, text: str) -> list[Span]:
            self.timeouts += text == "slow"
            return []

    scan = scan_columns({"text": ["fast", "slow", "fast"]}, deep=Slow())
    report = build_report(scan, left_out={"Column id": "not chosen with --text"})
    assert scan.timeouts == [(1, "text")]
    assert any(item.what == "Column id" for item in report.not_scanned)
    assert any("row 1 (text)" in item.what for item in report.not_scanned)
    assert next(row for row in report.matrix if row.entity == "ES_NIF").timeouts == 1
    assert next(row for row in report.matrix if row.entity == "EMAIL_ADDRESS").timeouts == 0


def test_two_layers_become_one_finding_that_names_both() -> None:
    ours = [Span("CREDIT_CARD", 5, 21, 0.9, "luhn and issuer")]
    theirs = [
        Span("CREDIT_CARD", 5, 21, 1.0, "presidio CreditCardRecognizer"),
        Span("ES_NIF", 30, 39, 1.0, "presidio x"),
    ]
    [card, nif] = union(ours, theirs)
    assert card.detector == "luhn and issuer + presidio CreditCardRecognizer"
    assert card.score == 1.0
    assert nif.entity == "ES_NIF"


def test_column_names_are_hints() -> None:
    assert column_kind("customerFirstName") == "names"
    assert column_kind("Billing_City") == "places"
    assert column_kind("dob") == "birth"
    assert column_kind("religion") == "special"
    assert column_kind("answer") == ""
    found = suspects({"full name": ["A", ""], "text": ["Dear Anna, hello", "dear all"], "empty city": ["", ""]})
    assert [(s.column, s.kind, s.rows) for s in found] == [("full name", "names", 1), ("text", "greeting", 1)]
