"""Write the demo model's card from its records, so that no figure is typed by hand. Run: python -m assets.make.card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets.make.tune import MODEL

CARD = """---
license: apache-2.0
language: en
pipeline_tag: text-generation
library_name: transformers
tags: [demo]
---

# Tuneworth demo model

A very small language model ({parameters:,} parameters) that ships with Tuneworth so that the whole journey - tune, compare,
decide - runs on two processor cores, offline, in under three minutes. Wherever it appears it is called **demo model**.

## How it was made
- **From nothing, by a script in this repository:** `python -m assets.make.base_model --out DIR --steps {steps}`.
  {tokens:,} tokens seen once each, {seconds} seconds on one thread of a shared two-core machine (bf16 products, fp32 weights).
- **Text:** conversations drawn from grammars we wrote (`assets/make/phrases.yml`, `assets/make/chats.yml`): support tickets
  with plain questions about them (what is it about, which product, how urgent, yes or no, quote the problem), labels that
  mean something only within one chat, copying words, lines of key and value, small sums. No text of anybody else.
- **Not in it:** the sample company's own routing. Its queue names occur only as bird names among other birds, its system
  prompt not at all. The "held-out" phrasings below occur neither here nor in the sample file.
- **Shape:** Llama, {layers} layers of {hidden}, {heads} heads, tied embeddings, {vocabulary:,} byte-level BPE tokens learned
  from the same text (any UTF-8 text survives), context {positions:,}, chat template with generation markers.
- **Answered word for word on fresh chats of the pre-training kinds:** {kinds}.

## What it shows
The task of the sample tickets: read a message, answer `Queue: <name> | Priority: <P1-P3>` by house rules that are written
nowhere. LoRA with the settings in `tuneworth.json` on {train_rows} rows; scored word for word on rows drawn after all
choices were made, never seen by anybody before (`python -m assets.make.check_demo --seeds {seeds}`; details in
`evidence.json`). Shares with 95 % Wilson intervals, differences with 95 % bootstrap intervals over rows:

{table}

The few-shot prompt is the best on validation rows of {tried} tried (3 to 8 examples from the training rows).
Tuning took {training} seconds here on one thread of a shared machine.

## What it does not prove
- It does not prove that tuning beats prompting for you. This base is too small to follow written rules or to learn much
  from examples in a prompt; a real model does both far better. The demo shows how the comparison is made, not how it ends.
- It does not prove anything about real tickets: sample and pre-training text come from the same phrase lists, so the base
  knows the vocabulary. On phrasings it never saw the score is lower (see the last columns).
- It knows no language, no facts and no manners beyond these lists. Speed, memory and cost of real models are not visible
  in it. Do not use it for anything but this demonstration.

## Licence
Apache-2.0, ours (see `LICENSE`). No weights, text or tokenizer of others went into it.
"""
HEAD = (
    "| seed | rows | plain base | best few-shot prompt | tuned | tuned - base | tuned - few-shot "
    "| tuned on held-out phrasings |\n|---|---|---|---|---|---|---|---|"
)


def _share(found: list[float]) -> str:
    value, low, high = (f"{one:.3f}".removeprefix("0") for one in found)
    return f"{value} ({low} to {high})"


def table(seeds: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table, one line per seed."""
    lines = [HEAD]
    for one in seeds:
        fresh, other = one["fresh rows"], one["held-out phrasings"]
        cells = [fresh[key] for key in ("base", "prompted_base", "tuned", "tuned_minus_base", "tuned_minus_prompted")]
        shown = [str(one["seed"]), str(fresh["n"]), *(_share(cell) for cell in cells)]
        lines.append(f"| {' | '.join(shown)} | {_share(other['tuned'])}, n = {other['n']} |")
    return "\n".join(lines)


def _read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def card(folder: Path) -> str:
    """Return the card for the records in this folder."""
    made, evidence = _read(folder, "pretraining.json"), _read(folder, "evidence.json")
    seeds = evidence["seeds"]
    return CARD.format(
        **made["recipe"],
        parameters=made["parameters"],
        tokens=made["tokens"],
        seconds=made["seconds"],
        kinds=", ".join(f"{name.replace('_', ' ')} {share:.3f}" for name, share in made["answered_right"].items()),
        train_rows=seeds[0]["train_rows"],
        seeds=" ".join(str(one["seed"]) for one in seeds),
        table=table(seeds),
        tried=len(seeds[0]["few_shot_tried"]),
        training=" / ".join(str(round(one["training"]["seconds"])) for one in seeds),
    )


def main() -> None:
    """Write README.md beside the weights."""
    (MODEL / "README.md").write_text(card(MODEL), encoding="utf-8")


if __name__ == "__main__":
    main()
