"""200 tickets answered by base and tuned model: one base with an adapter toggled, in batches, against two naive loops.

The peer holds two models and calls `generate` row by row, as tutorials do. Greedy answers must be identical.
`memory` compares bytes of weights held; `peak_growth_mb` is the growth of the process while answering, measured in a
process of its own each.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.result import Result
from engine.facts.yaml_file import asset_path

ROWS = 200
NEW_TOKENS = 24
BATCH = 32
GOAL_SPEED = 3.0
GOAL_MEMORY = 0.6


def questions() -> list[str]:
    """Return the first tickets of the sample."""
    with asset_path("sample/support_tickets.csv").open(encoding="cp1252", newline="") as file:
        texts = [row["message"] for row in csv.DictReader(file, delimiter=";") if (row.get("message") or "").strip()]
    return texts[:ROWS]


def talk(base: Path, text: str) -> list[dict[str, str]]:
    """Return a ticket as the demo asks it: with the instruction the demo model comes with."""
    system = json.loads((base / "tuneworth.json").read_text(encoding="utf-8"))["system_prompt"]
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def make_adapter(base: Path, folder: Path) -> None:
    """Write an adapter with small random weights: its answers must differ from the base's, no more."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.02)
    model.save_pretrained(folder)


def ours(base: Path, adapter: Path) -> dict[str, Any]:
    """One loaded base, adapter off and on, batches by length."""
    from engine.evaluation.local_model import LocalModel

    model = LocalModel(base, adapter)
    before = _peak()
    talks = [talk(base, text) for text in questions()]
    start = time.process_time()
    encoded = [model.encode(talk) for talk in talks]
    order = sorted(range(len(encoded)), key=lambda place: -len(encoded[place]))
    answers: dict[str, list[str]] = {}
    for name in ("base", "tuned"):
        texts = [""] * len(encoded)
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            batch = [encoded[place] for place in places]
            for place, found in zip(
                places, model.answer(batch, tuned=name == "tuned", max_new_tokens=NEW_TOKENS), strict=True
            ):
                texts[place] = found.text
        answers[name] = texts
    return _report(start, before, [model.model], answers)


def naive(base: Path, adapter: Path) -> dict[str, Any]:
    """Two loaded models, one row at a time."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(base)
    plain: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    second: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    tuned: Any = PeftModel.from_pretrained(second, adapter).eval()
    before = _peak()
    start = time.process_time()
    answers: dict[str, list[str]] = {"base": [], "tuned": []}
    for name, model in (("base", plain), ("tuned", tuned)):
        for text in questions():
            chat = tokenizer.apply_chat_template(talk(base, text), add_generation_prompt=True, tokenize=False)
            ids = tokenizer(chat, add_special_tokens=False, return_tensors="pt")
            ids.pop("token_type_ids", None)
            with torch.no_grad():
                output = model.generate(**ids, max_new_tokens=NEW_TOKENS, do_sample=False)
            new = output[0, ids["input_ids"].shape[1] :]
            answers[name].append(tokenizer.decode(new, skip_special_tokens=True).strip())
    return _report(start, before, [plain, tuned], answers)


def _report(start: float, before: float, models: list[Any], answers: dict[str, list[str]]) -> dict[str, Any]:
    seconds = time.process_time() - start
    weights = {id(weight): weight.numel() * weight.element_size() for model in models for weight in model.parameters()}
    return {
        "seconds": seconds,
        "weights_mb": sum(weights.values()) / 1e6,
        "peak_growth_mb": _peak() - before,
        "answers": answers,
    }


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _apart(which: str, base: Path, adapter: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.bulk_prediction", which, str(base), str(adapter)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run() -> Result:
    """Measure both in processes of their own; the goal is the ratio of times."""
    with tempfile.TemporaryDirectory() as name:
        base, adapter = Path(name) / "base", Path(name) / "adapter"
        shutil.copytree(asset_path("demo_model"), base)
        make_adapter(base, adapter)
        mine, theirs = _apart("ours", base, adapter), _apart("naive", base, adapter)
    same = mine["answers"] == theirs["answers"]
    speed = theirs["seconds"] / mine["seconds"]
    memory = mine["weights_mb"] / theirs["weights_mb"]
    return Result(
        ours=mine["seconds"],
        peer=theirs["seconds"],
        goal=GOAL_SPEED,
        holds=same and speed >= GOAL_SPEED and memory <= GOAL_MEMORY,
        unit="processor seconds",
        rows=ROWS,
        details={
            "speed": speed,
            "memory": memory,
            "identical": same,
            "different_answers": sum(
                a != b
                for side in ("base", "tuned")
                for a, b in zip(*(r["answers"][side] for r in (mine, theirs)), strict=True)
            ),
            "tuned_differs_from_base": mine["answers"]["base"] != mine["answers"]["tuned"],
            "weights_mb": [round(mine["weights_mb"], 1), round(theirs["weights_mb"], 1)],
            "peak_growth_mb": [round(mine["peak_growth_mb"]), round(theirs["peak_growth_mb"])],
        },
    )


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "naive": naive}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
