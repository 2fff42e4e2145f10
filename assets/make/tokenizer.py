"""The demo model's tokenizer: byte-level BPE learned from our own chats, so any UTF-8 text survives the round trip."""

from __future__ import annotations

import random
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from assets.make.chats import Chat, book, chat

PAD, START, END = "<|pad|>", "<|im_start|>", "<|im_end|>"
WORDS = Regex(r" ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\n' -}}"
    "{%- if message['role'] == 'assistant' -%}"
    "{%- generation -%}{{- message['content'] + '<|im_end|>' -}}{%- endgeneration -%}"
    "{%- else -%}{{- message['content'] + '<|im_end|>' -}}{%- endif -%}"
    "{{- '\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}"
)


def plain(messages: Chat) -> list[tuple[str, bool]]:
    """Return the chat as (text, is it the assistant's) pieces: what the template writes, faster."""
    pieces = []
    for message in messages:
        pieces.append((f"{START}{message['role']}\n", False))
        pieces.append((f"{message['content']}{END}", message["role"] == "assistant"))
        pieces.append(("\n", False))
    return pieces


def build(size: int, positions: int, seed: int, samples: int = 8000) -> Any:
    """Learn the vocabulary from fresh chats and return a tokenizer with chat template."""
    rng = random.Random(seed)
    texts = [message["content"] for _ in range(samples) for message in chat(rng)]
    words = [word for group in book()["words"].values() for word in group]
    texts += [f"{lead}{word}" for word in words for lead in ("", " ") for _ in range(50)]
    texts += ["system\n", "user\n", "assistant\n"] * 200
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(WORDS, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START],
        model_max_length=positions,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
