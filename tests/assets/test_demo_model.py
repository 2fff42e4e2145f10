"""The demo model's folder: safe to load, honest about itself, a tokenizer that loses nothing."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY

os.environ.setdefault("HF_HUB_OFFLINE", "1")
pytest.importorskip("transformers")
FOLDER = REPOSITORY / "assets" / "demo_model"
SPECIAL = ("<|pad|>", "<|im_start|>", "<|im_end|>")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(FOLDER, local_files_only=True, trust_remote_code=False)


def test_the_folder_holds_only_harmless_files() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".jinja", ".md", ""}
    assert {path.name for path in files if not path.suffix} == {"LICENSE"}
    assert [path.name for path in files if path.suffix == ".safetensors"] == ["model.safetensors"]
    assert sum(path.stat().st_size for path in files) < 20 * 2**20
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    assert "auto_map" not in config
    assert config["architectures"] == ["LlamaForCausalLM"]


def test_the_card_says_what_it_is_and_what_it_does_not_prove() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "license: apache-2.0" in card
    assert "demo model" in card
    assert "does not prove" in card
    assert "python -m assets.make.base_model" in card
    assert "Apache License" in (FOLDER / "LICENSE").read_text(encoding="utf-8")


def test_the_card_shows_the_figures_of_the_evidence() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    evidence = json.loads((FOLDER / "evidence.json").read_text(encoding="utf-8"))
    shown = re.findall(r"\.\d{3}", card)
    for run in evidence["seeds"]:
        for who in ("base", "prompted_base", "tuned"):
            assert f"{run['fresh rows'][who][0]:.3f}".lstrip("0") in shown or run["fresh rows"][who][0] in (0, 1)


def test_the_evidence_belongs_to_these_files() -> None:
    evidence = json.loads((FOLDER / "evidence.json").read_text(encoding="utf-8"))
    files = {
        "model": FOLDER / "model.safetensors",
        "tokenizer": FOLDER / "tokenizer.json",
        "sample": REPOSITORY / "assets" / "sample" / "support_tickets.csv",
    }
    assert evidence["sha256"] == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def test_the_evidence_supports_the_claim() -> None:
    evidence = json.loads((FOLDER / "evidence.json").read_text(encoding="utf-8"))
    assert len(evidence["seeds"]) >= 3
    for run in evidence["seeds"]:
        fresh = run["fresh rows"]
        assert fresh["n"] >= 200
        assert fresh["tuned"][1] > fresh["prompted_base"][2]
        assert fresh["tuned_minus_base"][1] > 0
        assert fresh["tuned_minus_prompted"][1] > 0


def test_recommended_settings_are_settings_of_a_run() -> None:
    from engine.training.config import config_from

    about = json.loads((FOLDER / "tuneworth.json").read_text(encoding="utf-8"))
    assert about["label"] == "demo model"
    assert config_from({**about["recommended"], "system_prompt": about["system_prompt"]}).num_train_epochs > 0


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_survives_the_round_trip(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


@pytest.mark.parametrize(
    "text", ["Grüße aus Köln für 12,50 € – “schön”", "привет", "日本語 🙂👍🏽", "a  b\t\r\n c", ""]
)
def test_known_hard_texts_survive(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_padding_is_not_the_end_of_an_answer(tokenizer: Any) -> None:
    assert tokenizer.pad_token_id != tokenizer.eos_token_id
    assert tokenizer.eos_token == "<|im_end|>"


@pytest.mark.parametrize("system", ["", "Route this ticket: queue and priority."])
def test_only_answers_and_their_end_are_learned(tokenizer: Any, system: str) -> None:
    turns = [
        {"role": "user", "content": "Where is my lamp?"},
        {"role": "assistant", "content": "Queue: Heron | Priority: P2"},
        {"role": "user", "content": "And now?"},
        {"role": "assistant", "content": "Soon."},
    ]
    chat = [{"role": "system", "content": system}, *turns] if system else turns
    made = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    learned = [one for one, mask in zip(made["input_ids"], made["assistant_masks"], strict=True) if mask]
    assert tokenizer.decode(learned) == "Queue: Heron | Priority: P2<|im_end|>Soon.<|im_end|>"


def test_a_question_ends_where_the_answer_begins(tokenizer: Any) -> None:
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    asked = tokenizer.apply_chat_template(chat[:1], tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(chat, tokenize=False)
    assert whole == asked + "Hello<|im_end|>\n"


def test_the_template_writes_what_pre_training_wrote(tokenizer: Any) -> None:
    from assets.make.chats import chat
    from assets.make.tokenizer import plain

    rng = random.Random(5)
    for _ in range(20):
        drawn = chat(rng)
        assert tokenizer.apply_chat_template(drawn, tokenize=False) == "".join(text for text, _ in plain(drawn))
