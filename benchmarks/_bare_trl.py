"""The peer of `worker_overhead`: the shortest TRL script for the same run, with a callback that only takes the time."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer


class Clock(TrainerCallback):  # type: ignore[misc]
    """Takes (processor, wall) seconds at the beginning of every step."""

    def __init__(self) -> None:
        self.ticks: list[tuple[float, float]] = []

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        self.ticks.append((time.process_time(), time.perf_counter()))


def main(settings: dict[str, Any], out: Path) -> None:
    config, clock = settings["config"], Clock()
    tokenizer = AutoTokenizer.from_pretrained(settings["base"])
    model = AutoModelForCausalLM.from_pretrained(settings["base"], dtype=torch.float32)
    with tempfile.TemporaryDirectory() as work:
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=work,
                num_train_epochs=config["num_train_epochs"],
                learning_rate=config["learning_rate"],
                per_device_train_batch_size=config["per_device_train_batch_size"],
                gradient_accumulation_steps=config["gradient_accumulation_steps"],
                warmup_steps=config["warmup_ratio"],
                lr_scheduler_type=config["lr_scheduler_type"],
                weight_decay=config["weight_decay"],
                max_grad_norm=config["max_grad_norm"],
                max_length=config["max_length"],
                assistant_only_loss=True,
                gradient_checkpointing=False,
                bf16=False,
                use_cpu=True,
                seed=config["seed"],
                logging_steps=1,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_list([{"messages": talk} for talk in settings["talks"]]),
            processing_class=tokenizer,
            peft_config=LoraConfig(
                r=config["r"],
                lora_alpha=config["lora_alpha"],
                lora_dropout=config["lora_dropout"],
                target_modules=config["target_modules"],
                task_type="CAUSAL_LM",
            ),
            callbacks=[clock],
        )
        trainer.train()
    out.write_text(json.dumps(clock.ticks))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
