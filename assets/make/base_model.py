"""Make the demo model: pre-train a small Llama on our own chats. Run: python -m assets.make.base_model --out DIR."""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from assets.make.chats import FIRST, SECOND, Kinds, chat
from assets.make.tokenizer import build, plain

IGNORE = -100
RECORD = "pretraining.json"
SETTINGS = Path(__file__).resolve().parents[1] / "demo_model" / "tuneworth.json"
GRAIN = 16  # widths are multiples of this


@dataclass(frozen=True)
class Recipe:
    """All choices of the pre-training run."""

    hidden: int = 192
    layers: int = 4
    heads: int = 6
    inner: int = 512
    vocabulary: int = 2048
    positions: int = 2048
    steps: int = 3500
    second_steps: int = 1500
    second_learning_rate: float = 1.2e-3
    tokens_per_step: int = 1024
    learning_rate: float = 2.5e-3
    warmup: float = 0.04
    weight_decay: float = 0.05
    prompt_weight: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Stage:
    """One pass of training: on which chats, how long, how fast."""

    kinds: Kinds
    steps: int
    learning_rate: float
    seed: int


@dataclass(frozen=True)
class Encoded:
    """One chat as token ids, and 1 where the assistant speaks."""

    ids: list[int]
    spoken: list[int]


def encode(tokenizer: Any, messages: list[dict[str, str]]) -> Encoded:
    """Tokenise piece by piece, so that the assistant's tokens are known."""
    ids: list[int] = []
    spoken: list[int] = []
    for text, own in plain(messages):
        piece = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
        ids += piece
        spoken += [int(own)] * len(piece)
    return Encoded(ids, spoken)


def batches(tokenizer: Any, rng: random.Random, kinds: Kinds, budget: int) -> Iterator[list[Encoded]]:
    """Yield endless fresh chats, equally long ones together: no row is seen twice, and few shapes keep the CPU fast."""
    waiting: dict[int, list[Encoded]] = {}
    while True:
        one = encode(tokenizer, chat(rng, kinds))
        width = -(-len(one.ids) // GRAIN) * GRAIN
        group = waiting.setdefault(width, [])
        group.append(one)
        if (len(group) + 1) * width > budget:
            yield waiting.pop(width)


def tensors(batch: list[Encoded], pad: int, prompt_weight: float) -> tuple[Any, Any, Any]:
    """Return ids, labels and weights, padded on the right."""
    width = -(-max(len(one.ids) for one in batch) // GRAIN) * GRAIN
    ids = torch.full((len(batch), width), pad)
    labels = torch.full((len(batch), width), IGNORE)
    weights = torch.zeros((len(batch), width))
    for row, one in enumerate(batch):
        size = len(one.ids)
        ids[row, :size] = labels[row, :size] = torch.tensor(one.ids)
        spoken = torch.tensor(one.spoken, dtype=torch.float32)
        weights[row, :size] = spoken + (1 - spoken) * prompt_weight
    return ids, labels, weights


def forward(model: Any, ids: Any) -> Any:
    """Logits in fp32; matrix products in bf16, which the CPU's tile units do several times faster."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits
    return logits.float()


def weighted_loss(logits: Any, labels: Any, weights: Any) -> Any:
    """Next-token loss where the assistant's words count fully and the rest a little."""
    size = logits.shape[-1]
    each = torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, size), labels[:, 1:].reshape(-1), ignore_index=IGNORE, reduction="none"
    )
    weight = weights[:, 1:].reshape(-1)
    return (each * weight).sum() / weight.sum()


def build_model(recipe: Recipe, tokenizer: Any) -> Any:
    """Return an untrained Llama of the recipe's size."""
    config = LlamaConfig(
        vocab_size=recipe.vocabulary,
        hidden_size=recipe.hidden,
        intermediate_size=recipe.inner,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.positions,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        attn_implementation="eager",  # short texts: faster than the fused kernel on a CPU
    )
    return LlamaForCausalLM(config)


def schedule(step: int, steps: int, warmup: float) -> float:
    """Linear warm-up, then a cosine down to a twentieth."""
    warm = max(1, int(warmup * steps))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done))


def answered_right(model: Any, tokenizer: Any, seed: int, each: int = 60) -> dict[str, float]:
    """Return per kind of chat the share of assistant turns predicted word for word (given the turns before)."""
    model.eval()
    rng, found = random.Random(seed), {}
    for kind, _ in SECOND:
        right = total = 0
        for _ in range(each):
            one = encode(tokenizer, kind(rng))
            with torch.no_grad():
                best = forward(model, torch.tensor([one.ids]))[0].argmax(-1).tolist()
            good = True
            for at in range(1, len(one.ids)):
                if one.spoken[at]:
                    good = good and best[at - 1] == one.ids[at]
                    if at + 1 == len(one.ids) or not one.spoken[at + 1]:
                        right, total, good = right + good, total + 1, True
        found[kind.__name__] = round(right / total, 3)
    model.train()
    return found


def optimizer_for(model: Any, weight_decay: float) -> Any:
    """Return AdamW that leaves the norms alone."""
    decay = [one for one in model.parameters() if one.ndim > 1]
    rest = [one for one in model.parameters() if one.ndim <= 1]
    groups = [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def train(model: Any, tokenizer: Any, recipe: Recipe, stage: Stage) -> dict[str, Any]:
    """Run one stage and return what was measured on the way."""
    optimizer = optimizer_for(model, recipe.weight_decay)
    stream = batches(tokenizer, random.Random(stage.seed), stage.kinds, recipe.tokens_per_step)
    started, seen, losses = time.monotonic(), 0, []
    for step in range(stage.steps):
        for group in optimizer.param_groups:
            group["lr"] = stage.learning_rate * schedule(step, stage.steps, recipe.warmup)
        ids, labels, weights = tensors(next(stream), tokenizer.pad_token_id, recipe.prompt_weight)
        loss = weighted_loss(forward(model, ids), labels, weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seen += int((labels != IGNORE).sum())
        losses.append(float(loss.detach()))
        if step % 100 == 99:
            spent = f"{time.monotonic() - started:.0f} s, processor {time.process_time():.0f} s"
            print(f"step {step + 1} loss {sum(losses[-50:]) / 50:.3f} tokens {seen} {spent}", file=sys.stderr)
        if step % 500 == 499:
            print(answered_right(model, tokenizer, seed=1, each=30), file=sys.stderr)
    return {"seconds": round(time.monotonic() - started), "tokens": seen, "last_loss": round(sum(losses[-50:]) / 50, 3)}


def save(model: Any, tokenizer: Any, out: Path, recipe: Recipe, stages: list[dict[str, Any]]) -> dict[str, Any]:
    """Write model, tokenizer, settings and the record of how it went."""
    model.eval()
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    (out / SETTINGS.name).write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    report = {
        "recipe": asdict(recipe),
        "stages": stages,
        "seconds": sum(one["seconds"] for one in stages),
        "tokens": sum(one["tokens"] for one in stages),
        "parameters": sum(one.numel() for one in model.parameters()),
        "answered_right": answered_right(model, tokenizer, seed=2, each=200),
    }
    (out / RECORD).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def main() -> None:
    """Make tokenizer and model in two stages; the second can start from a saved first one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=Path, help="folder with the result of stage one, to run only stage two")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    recipe = Recipe()
    torch.manual_seed(recipe.seed)
    if given.first:
        tokenizer = AutoTokenizer.from_pretrained(given.first)
        model = AutoModelForCausalLM.from_pretrained(given.first, dtype=torch.float32, attn_implementation="eager")
        stages = json.loads((given.first / RECORD).read_text(encoding="utf-8"))["stages"][:1]
    else:
        tokenizer = build(recipe.vocabulary, recipe.positions, recipe.seed)
        model = build_model(recipe, tokenizer)
        first = Stage(FIRST, recipe.steps, recipe.learning_rate, recipe.seed)
        stages = [train(model, tokenizer, recipe, first)]
        save(model, tokenizer, given.out / "first", recipe, stages)
    model.train()
    second = Stage(SECOND, recipe.second_steps, recipe.second_learning_rate, recipe.seed + 1)
    stages.append(train(model, tokenizer, recipe, second))
    print(json.dumps(save(model, tokenizer, given.out, recipe, stages)))


if __name__ == "__main__":
    main()
