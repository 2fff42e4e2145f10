from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks._pii_texts import labelled_texts
from engine.errors import InputError
from engine.privacy.patterns import ENTITIES
from engine.privacy.pseudonyms import Pseudonyms, key_from_file
from engine.privacy.redact import Redactor, redact_columns, redact_frame, redact_value
from engine.privacy.redact_rules import RedactionRules, load_redaction_rules


def redactor(**rules: str) -> Redactor:
    return Redactor(RedactionRules.model_validate(rules), Pseudonyms(b"k" * 32))


def test_actions() -> None:
    text = "a@example.com, b@example.com, A@Example.com; +1 212-555-0123; 4111 1111 1111 1111"
    rules = {"EMAIL_ADDRESS": "label", "PHONE_NUMBER": "mask", "CREDIT_CARD": "redact"}
    out, drop = redactor(**rules).text(text)
    assert out == "<EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_2>, <EMAIL_ADDRESS_1>; +* ***-***-****; [REDACTED]"
    assert not drop


def test_what_is_not_named_stays() -> None:
    assert redactor(CREDIT_CARD="redact").text("a@example.com")[0] == "a@example.com"
    assert (
        redactor(default="redact", EMAIL_ADDRESS="keep").text("a@example.com 10.1.2.3")[0] == "a@example.com [REDACTED]"
    )


@pytest.mark.parametrize("action", ["redact", "mask", "label", "pseudonym"])
def test_nothing_of_the_chosen_kinds_is_left_after_a_second_scan(action: str) -> None:
    texts = [text.text for text in labelled_texts(600, seed=5)]
    texts += [
        "https://example.com/?mail=me@example.com&ip=10.1.2.3",
        "me@example.com/other@example.org",
        "10.1.2.3 4155552671",
    ]
    result = redact_columns({"phone": texts}, redactor(default=action))
    assert result.rescan == {}
    assert sum(result.changed.values()) > 300
    assert set(result.changed) <= set(ENTITIES)


def test_pseudonyms_are_keyed_and_consistent() -> None:
    one, two, other = Pseudonyms(b"k" * 32), Pseudonyms(b"k" * 32), Pseudonyms(b"x" * 32)
    token = one.token("PHONE_NUMBER", "+1 (212) 555-0123")
    assert token == two.token("PHONE_NUMBER", "+1 212 555 0123")
    assert token != other.token("PHONE_NUMBER", "+1 212 555 0123")
    assert token != one.token("US_SSN", "+1 212 555 0123")
    assert not any(char.isdigit() for char in token)
    assert "kkkk" not in repr(one)


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = key_from_file(path)
    assert key == key_from_file(path)
    assert len(key) == 64
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("short")
    with pytest.raises(InputError, match="too short"):
        key_from_file(path)


def test_dropped_rows_are_listed() -> None:
    result = redact_columns(
        {"id": ["1", "2", "3"], "text": ["hi", "ssn 536-90-4399", "a@example.com"]},
        redactor(US_SSN="drop", EMAIL_ADDRESS="label"),
    )
    assert result.dropped == [1]
    assert result.touched == [2]
    assert result.columns == {"id": ["1", "3"], "text": ["hi", "<EMAIL_ADDRESS_1>"]}
    assert result.changed == {"US_SSN": 1, "EMAIL_ADDRESS": 1}


def test_json_values_keep_their_structure() -> None:
    value = {"messages": [{"role": "user", "content": "I am a@example.com"}], "n": 3, "phone": "4155552671"}
    out, _ = redact_value(value, redactor(default="label"))
    assert out == {
        "messages": [{"role": "user", "content": "I am <EMAIL_ADDRESS_1>"}],
        "n": 3,
        "phone": "<PHONE_NUMBER_1>",
    }


def test_a_canonical_frame_turn_by_turn() -> None:
    def row(user: str, system: str = "") -> str:
        head = [{"role": "system", "content": system}] if system else []
        return json.dumps([*head, {"role": "user", "content": user}, {"role": "assistant", "content": "ok"}])

    frame = pd.DataFrame(
        {
            "row_id": [4, 7, 9],
            "messages": [row("a@example.com", "You are b@example.com"), row("hi"), row("ssn 536-90-4399")],
            "label": ["", "x", ""],
            "source": "s",
            "meta": ["{}", '{"mail": "a@example.com"}', "{}"],
            "synthetic": False,
        }
    )
    out = redact_frame(frame, redactor(EMAIL_ADDRESS="label", US_SSN="drop"))
    assert list(out.frame["row_id"]) == [4, 7]
    turns = json.loads(out.frame["messages"][0])
    assert [turn["content"] for turn in turns] == ["You are <EMAIL_ADDRESS_1>", "<EMAIL_ADDRESS_2>", "ok"]
    assert json.loads(out.frame["meta"][1]) == {"mail": "<EMAIL_ADDRESS_2>"}
    assert set(out.changes) == {4, 7}
    assert out.dropped == {9: "holds US_SSN"}
    assert out.rescan == {}
    assert json.loads(frame["messages"][0])[0]["content"] == "You are b@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "EMAIL_ADDRESS: mask\ndefault: keep\n",
        "rules:\n  EMAIL_ADDRESS: mask\n",
        "entities:\n  EMAIL_ADDRESS: {action: mask}\n",
    ],
)
def test_rules_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(text)
    assert load_redaction_rules(path).action("EMAIL_ADDRESS") == "mask"
    assert load_redaction_rules(path).action("URL") == "keep"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("EMAIL_ADRESS: mask\n", "EMAIL_ADRESS"),
        ("EMAIL_ADDRESS: shred\n", "shred"),
        ("default: keep\n", "nothing to change"),
        ("colums: [a]\nEMAIL_ADDRESS: mask\n", "colums"),
        ("", "empty"),
    ],
)
def test_a_wrong_rules_file_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        load_redaction_rules(path)
