"""The tiny Llama of tests/fixtures/tiny_model.py written by hand: same shape, without loading torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.fixtures.tiny_model import CHAT_TEMPLATE, SPECIAL, TEXTS

HIDDEN, INNER, LAYERS, HEADS, KEY_HEADS, POSITIONS = 32, 64, 2, 4, 2, 256


def write_tiny_base(folder: Path) -> Path:
    """Write config, tokenizer, chat template and random weights (normal 0.02, norms 1); same bytes each time."""
    folder.mkdir(parents=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    words = {"eos_token": "<|end|>", "pad_token": "<|pad|>", "model_max_length": POSITIONS}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**words, "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False})
    )
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    (folder / "config.json").write_text(json.dumps(_config(tokenizer)))
    save_file(_weights(tokenizer.get_vocab_size()), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _config(tokenizer: Tokenizer) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_HEADS,
        "max_position_embeddings": POSITIONS,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "dtype": "float32",
        "pad_token_id": tokenizer.token_to_id("<|pad|>"),
        "eos_token_id": tokenizer.token_to_id("<|end|>"),
    }


def _weights(vocabulary: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (draw.standard_normal((rows, columns)) * 0.02).astype(np.float32)

    ones, narrow = np.ones(HIDDEN, dtype=np.float32), HIDDEN * KEY_HEADS // HEADS
    found = {"model.embed_tokens.weight": matrix(vocabulary, HIDDEN), "model.norm.weight": ones}
    for layer in range(LAYERS):
        name = f"model.layers.{layer}"
        found |= {f"{name}.input_layernorm.weight": ones, f"{name}.post_attention_layernorm.weight": ones}
        for part, rows in (("q_proj", HIDDEN), ("k_proj", narrow), ("v_proj", narrow), ("o_proj", HIDDEN)):
            found[f"{name}.self_attn.{part}.weight"] = matrix(rows, HIDDEN)
        for part, rows, columns in (("gate", INNER, HIDDEN), ("up", INNER, HIDDEN), ("down", HIDDEN, INNER)):
            found[f"{name}.mlp.{part}_proj.weight"] = matrix(rows, columns)
    return found
