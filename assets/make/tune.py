"""Tune the demo model with the recommended settings: the shortest honest TRL script, to choose and check them."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, EarlyStoppingCallback, PrinterCallback
from trl import SFTConfig, SFTTrainer

from assets.make.sample_rows import Pair, example

MODEL = Path(__file__).resolve().parents[1] / "demo_model"


def recommended(folder: Path = MODEL) -> dict[str, Any]:
    """Return the settings that ship with the model."""
    return dict(json.loads((folder / "tuneworth.json").read_text(encoding="utf-8"))["recommended"])


def settings(chosen: dict[str, Any], seed: int, work: str, rows: int) -> Any:
    """Return TRL's settings: the chosen ones plus what a short run on a CPU needs."""
    steps = -(-rows // chosen["per_device_train_batch_size"]) * chosen["num_train_epochs"]
    every = max(1, round(steps * chosen["eval_every"]))
    return SFTConfig(
        output_dir=work,
        num_train_epochs=chosen["num_train_epochs"],
        learning_rate=chosen["learning_rate"],
        per_device_train_batch_size=chosen["per_device_train_batch_size"],
        per_device_eval_batch_size=32,
        lr_scheduler_type=chosen["lr_scheduler_type"],
        warmup_steps=chosen["warmup_ratio"],
        weight_decay=chosen["weight_decay"],
        max_grad_norm=chosen["max_grad_norm"],
        max_length=chosen["max_length"],
        assistant_only_loss=True,
        gradient_checkpointing=False,
        packing=False,
        bf16=False,
        use_cpu=True,
        seed=seed,
        data_seed=seed,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        logging_steps=20,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
    )


def lora(chosen: dict[str, Any]) -> Any:
    """Return the adapter's shape."""
    return LoraConfig(
        r=chosen["r"],
        lora_alpha=chosen["lora_alpha"],
        lora_dropout=chosen["lora_dropout"],
        target_modules=chosen["target_modules"],
        task_type="CAUSAL_LM",
    )


def tune(
    folder: Path, train: list[Pair], validation: list[Pair], chosen: dict[str, Any], seed: int
) -> tuple[Any, Any, dict[str, Any]]:
    """Return the tuned model, its tokenizer, and steps, seconds and losses."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    sets = [Dataset.from_list([{"messages": example(pair)} for pair in rows]) for rows in (train, validation)]
    with tempfile.TemporaryDirectory() as work:
        trainer = SFTTrainer(
            model=model,
            args=settings(chosen, seed, work, len(train)),
            train_dataset=sets[0],
            eval_dataset=sets[1],
            processing_class=tokenizer,
            peft_config=lora(chosen),
            callbacks=[EarlyStoppingCallback(early_stopping_patience=chosen["early_stopping_patience"])],
        )
        trainer.remove_callback(PrinterCallback)
        started = time.monotonic()
        trainer.train()
        seconds = round(time.monotonic() - started, 1)
    history = [(one["step"], round(one["eval_loss"], 4)) for one in trainer.state.log_history if "eval_loss" in one]
    facts = {
        "seconds": seconds,
        "steps": trainer.state.global_step,
        "best_step": trainer.state.best_global_step,
        "eval_loss": history,
    }
    return trainer.model, tokenizer, facts


def answers(model: Any, tokenizer: Any, prompts: list[Any], batch: int = 32, longest: int = 16) -> list[str]:
    """Answer greedily, in batches of similar length, padded on the left."""
    model.eval()
    texts = [tokenizer.apply_chat_template(one, tokenize=False, add_generation_prompt=True) for one in prompts]
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    found = [""] * len(texts)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        ids = tokenizer(
            [texts[i] for i in chosen], return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
        )
        ids.pop("token_type_ids", None)
        with torch.no_grad():
            out = model.generate(**ids, max_new_tokens=longest, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        width = ids["input_ids"].shape[1]
        for index, row in zip(chosen, out, strict=True):
            found[index] = tokenizer.decode(row[width:], skip_special_tokens=True).strip()
    return found


def plain(model: Any) -> Any:
    """Return the context in which the adapter is switched off; nothing to do for a model without one."""
    import contextlib

    return model.disable_adapter() if isinstance(model, PeftModel) else contextlib.nullcontext()
